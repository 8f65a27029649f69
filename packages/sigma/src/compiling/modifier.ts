import { compileCidr } from './cidr.ts';
import { toBase64, toBase64Offsets, toUtf16, toUtf8, type Utf16Kind } from './encoding.ts';
import {
  parsePattern,
  withAnyAfter,
  withAnyBefore,
  withAnyDash,
  type Pattern,
  type TextTest,
} from './pattern.ts';
import { compileRegex, type RegexFlags } from './regex.ts';
import { DATE_PARTS, type DatePart } from './date-part.ts';
import { parseNumber } from './number-text.ts';
import { RuleRefusal } from '../reading/rule-refusal.ts';
import { EXPAND } from '../reading/placeholder.ts';
import type { YamlPlain } from '../reading/yaml-node.ts';

/** How a field is compared with another one. */
export type Relation = 'EQUAL' | 'STARTS' | 'ENDS' | 'CONTAINS';

/** A rule value on its way through the modifiers, which are applied from left to right. */
export type Operand =
  | { readonly kind: 'PLAIN'; readonly value: YamlPlain }
  | { readonly kind: 'PATTERN'; readonly pattern: Pattern }
  | { readonly kind: 'BYTES'; readonly bytes: Uint8Array }
  | { readonly kind: 'REGEX'; readonly source: string; readonly flags: RegexFlags }
  | { readonly kind: 'EXACT_TEST'; readonly test: TextTest }
  | { readonly kind: 'REFERENCE'; readonly field: string; readonly relation: Relation }
  | { readonly kind: 'EXISTS'; readonly wanted: boolean }
  | { readonly kind: 'DATE_PART'; readonly part: DatePart; readonly wanted: number };

/** What modifiers say about the whole list of values rather than about one. */
export interface ItemOptions {
  readonly all: boolean;
  readonly cased: boolean;
  readonly neq: boolean;
}

type Step = (operand: Operand) => readonly Operand[];

const STEPS: ReadonlyMap<string, Step> = new Map<string, Step>([
  ['contains', placed('CONTAINS', (pattern) => withAnyBefore(withAnyAfter(pattern)))],
  ['startswith', placed('STARTS', withAnyAfter)],
  ['endswith', placed('ENDS', withAnyBefore)],
  ['windash', (operand) => [{ kind: 'PATTERN', pattern: withAnyDash(toPattern(operand)) }]],
  ['base64', (operand) => [textOperand(toBase64(toBytes(operand)))]],
  ['base64offset', (operand) => toBase64Offsets(toBytes(operand)).map(textOperand)],
  ['wide', encoded('utf16le')],
  ['utf16le', encoded('utf16le')],
  ['utf16be', encoded('utf16be')],
  ['utf16', encoded('utf16')],
  [
    're',
    (operand) => [
      { kind: 'REGEX', source: plainText(operand), flags: { i: false, m: false, s: false } },
    ],
  ],
  ['i', flagged('i')],
  ['m', flagged('m')],
  ['s', flagged('s')],
  ['cidr', (operand) => [{ kind: 'EXACT_TEST', test: compileCidr(plainText(operand)) }]],
  ['fieldref', (operand) => [{ kind: 'REFERENCE', field: plainText(operand), relation: 'EQUAL' }]],
  ['exists', (operand) => [{ kind: 'EXISTS', wanted: plainBoolean(operand) }]],
  ['lt', compared((value, bound) => value < bound)],
  ['lte', compared((value, bound) => value <= bound)],
  ['gt', compared((value, bound) => value > bound)],
  ['gte', compared((value, bound) => value >= bound)],
  ...[...DATE_PARTS].map(([name, part]): [string, Step] => [name, dated(part)]),
]);

/**
 * Splits modifiers into the steps for each value and the options for the list. Placeholders are filled in before any step.
 * @throws {RuleRefusal} an unknown or unsupported modifier
 */
export function readModifiers(names: readonly string[]): {
  readonly steps: readonly Step[];
  readonly options: ItemOptions;
} {
  const steps: Step[] = [];
  const options = { all: false, cased: false, neq: false };
  for (const name of names) {
    const step = STEPS.get(name);
    if (step !== undefined) steps.push(step);
    else if (name === 'all' || name === 'cased' || name === 'neq') options[name] = true;
    else if (name !== EXPAND) throw new RuleRefusal(`modifier '${name}': unknown`);
  }
  return { steps, options };
}

/** Applies the steps to one value. Several operands are alternatives. */
export function applySteps(value: YamlPlain, steps: readonly Step[]): readonly Operand[] {
  return steps.reduce<readonly Operand[]>(
    (operands, step) => operands.flatMap((operand) => step(operand)),
    [{ kind: 'PLAIN', value }],
  );
}

export function compileRegexOperand(operand: Extract<Operand, { kind: 'REGEX' }>): TextTest {
  return compileRegex(operand.source, operand.flags);
}

/**
 * The operand as a pattern over text; numbers and booleans by their text.
 * @throws {RuleRefusal} it is no text any more, or null
 */
export function toPattern(operand: Operand): Pattern {
  if (operand.kind === 'PATTERN') return operand.pattern;
  if (operand.kind !== 'PLAIN')
    throw new RuleRefusal('a modifier that needs text follows one that gives none');
  if (operand.value === null)
    throw new RuleRefusal('null cannot be changed by a modifier or stand in a list');
  return parsePattern(String(operand.value));
}

function placed(relation: Relation, place: (pattern: Pattern) => Pattern): Step {
  return (operand) =>
    operand.kind === 'REFERENCE'
      ? [{ ...operand, relation }]
      : [{ kind: 'PATTERN', pattern: place(toPattern(operand)) }];
}

function encoded(kind: Utf16Kind): Step {
  return (operand) => [{ kind: 'BYTES', bytes: toUtf16(literalText(operand), kind) }];
}

function flagged(flag: keyof RegexFlags): Step {
  return (operand) => {
    if (operand.kind !== 'REGEX') throw new RuleRefusal(`modifier '${flag}' must follow 're'`);
    return [{ ...operand, flags: { ...operand.flags, [flag]: true } }];
  };
}

function compared(holds: (value: number, bound: number) => boolean): Step {
  return (operand) => {
    if (operand.kind === 'DATE_PART') return [numberTest(operand.part, operand.wanted, holds)];
    const bound = parseNumber(plainText(operand));
    if (bound === undefined) throw new RuleRefusal('a comparison needs a number');
    return [numberTest(parseNumber, bound, holds)];
  };
}

function dated(part: DatePart): Step {
  return (operand) => {
    const wanted = parseNumber(plainText(operand));
    if (wanted === undefined) throw new RuleRefusal('a part of a date is a number');
    return [{ kind: 'DATE_PART', part, wanted }];
  };
}

/** A part of a date that no comparison follows must equal the number. */
export function equalPart({ part, wanted }: Extract<Operand, { kind: 'DATE_PART' }>): TextTest {
  return numberTest(part, wanted, (value, bound) => value === bound).test;
}

function numberTest(
  read: (text: string) => number | undefined,
  bound: number,
  holds: (value: number, bound: number) => boolean,
): Extract<Operand, { kind: 'EXACT_TEST' }> {
  const test = (text: string): boolean => {
    const value = read(text);
    return value !== undefined && holds(value, bound);
  };
  return { kind: 'EXACT_TEST', test: { cost: 6, test, literals: [], isExact: false } };
}

function textOperand(text: string): Operand {
  return { kind: 'PATTERN', pattern: [text] };
}

function toBytes(operand: Operand): Uint8Array {
  return operand.kind === 'BYTES' ? operand.bytes : toUtf8(literalText(operand));
}

function literalText(operand: Operand): string {
  const pattern = toPattern(operand);
  const [text = '', ...more] = pattern;
  if (typeof text !== 'string' || more.length > 0)
    throw new RuleRefusal('a value with wildcards cannot be encoded');
  return text;
}

function plainText(operand: Operand): string {
  if (operand.kind !== 'PLAIN')
    throw new RuleRefusal('a modifier that needs the plain value follows another');
  if (operand.value === null) throw new RuleRefusal('null cannot be changed by a modifier');
  return String(operand.value);
}

function plainBoolean(operand: Operand): boolean {
  if (operand.kind === 'PLAIN' && typeof operand.value === 'boolean') return operand.value;
  throw new RuleRefusal("modifier 'exists' needs true or false");
}
