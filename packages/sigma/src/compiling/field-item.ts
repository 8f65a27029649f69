import type { FieldTable } from './field-table.ts';
import { type TextForm, KEYWORD_SLOT } from '../matching/event-view.ts';
import {
  applySteps,
  compileRegexOperand,
  equalPart,
  readModifiers,
  toPattern,
} from './modifier.ts';
import type { ItemOptions, Operand, Relation } from './modifier.ts';
import { compilePattern, withAnyAfter, withAnyBefore, type TextTest } from './pattern.ts';
import { EXPAND, fillPlaceholders, type Placeholders } from '../reading/placeholder.ts';
import * as predicate from './predicate.ts';
import type { FieldSlot, Predicate } from './predicate.ts';
import { RuleRefusal } from '../reading/rule-refusal.ts';
import type { YamlNode, YamlScalar } from '../reading/yaml-node.ts';

/** One `field|modifiers: values` line of a selection; without a field it is a keyword search. */
export interface FieldItem {
  readonly field: string | undefined;
  readonly modifiers: readonly string[];
  readonly values: readonly YamlScalar[];
  readonly isList: boolean;
}

const MAX_FIELD_CHARS = 256;

/**
 * Reads `Field|modifier|modifier` and what stands under it.
 * @throws {RuleRefusal} a nested map or list, an empty list, a list that holds null
 */
export function readFieldItem(key: string, node: YamlNode): FieldItem {
  const [field = '', ...modifiers] = key.split('|');
  if (field.length > MAX_FIELD_CHARS) throw new RuleRefusal('a field name is too long', node.line);
  const values = node.kind === 'LIST' ? node.items.map(scalarOnly) : [scalarOnly(node)];
  if (values.length === 0) throw new RuleRefusal(`'${key}' has no values`, node.line);
  return {
    field: field === '' ? undefined : field,
    modifiers,
    values,
    isList: node.kind === 'LIST',
  };
}

/** Compiles a field item: its values are alternatives, or all needed under `all`. Rules that say the same share it. */
export function compileFieldItem(
  item: FieldItem,
  fields: FieldTable,
  placeholders: Placeholders,
): Predicate {
  return fields.shared(keyOf(item), () => compileItem(item, fields, placeholders));
}

function keyOf({ field, modifiers, values, isList }: FieldItem): string {
  const texts = values.map(({ value }) => `${typeof value}:${String(value)}`);
  return JSON.stringify([field ?? null, modifiers, isList, texts]);
}

function compileItem(item: FieldItem, fields: FieldTable, placeholders: Placeholders): Predicate {
  const { steps, options } = readModifiers(item.modifiers);
  if (options.all && !item.isList)
    throw new RuleRefusal("modifier 'all' needs a list of values", item.values[0]?.line);
  if (options.all && options.neq)
    throw new RuleRefusal("'all' and 'neq' exclude each other", item.values[0]?.line);
  const at =
    item.field === undefined ? undefined : { field: item.field, slot: fields.slot(item.field) };
  const groups = item.values.map((scalar) =>
    atLine(scalar.line, () => {
      if (scalar.value === null && item.isList)
        throw new RuleRefusal('null is not allowed in a list of values');
      const values = item.modifiers.includes(EXPAND)
        ? fillPlaceholders(scalar.value, placeholders)
        : [scalar.value];
      const operands = values.flatMap((value) => applySteps(value, steps));
      return operands.map((operand) => toTerm(operand, at, options, fields));
    }),
  );
  const compile = (terms: readonly Term[]): Predicate => joinTerms(terms, at, options, fields);
  return atLine(item.values[0]?.line, () =>
    options.all ? predicate.allOf(groups.map(compile)) : compile(groups.flat()),
  );
}

/** A test of one field's text, which others of the same form can join, or a predicate of its own. */
type Term =
  | { readonly kind: 'TEXT'; readonly form: TextForm; readonly test: TextTest }
  | { readonly kind: 'WHOLE'; readonly predicate: Predicate };

function toTerm(
  operand: Operand,
  at: FieldSlot | undefined,
  options: ItemOptions,
  fields: FieldTable,
): Term {
  switch (operand.kind) {
    case 'BYTES':
      throw new RuleRefusal('a re-encoded value must be followed by base64 or base64offset');
    case 'REGEX':
      return { kind: 'TEXT', form: 'EXACT', test: compileRegexOperand(operand) };
    case 'EXACT_TEST':
      return { kind: 'TEXT', form: 'EXACT', test: operand.test };
    case 'DATE_PART':
      return { kind: 'TEXT', form: 'EXACT', test: equalPart(operand) };
    case 'EXISTS':
      return whole(options, predicate.fieldExists(fieldNeeded(at), operand.wanted));
    case 'REFERENCE':
      return { kind: 'WHOLE', predicate: referenceTerm(operand, fieldNeeded(at), options, fields) };
    case 'PLAIN':
      if (operand.value === null) return whole(options, predicate.fieldIsNull(fieldNeeded(at)));
      return patternTerm(operand, at, options);
    case 'PATTERN':
      return patternTerm(operand, at, options);
  }
}

function patternTerm(operand: Operand, at: FieldSlot | undefined, options: ItemOptions): Term {
  const pattern = toPattern(operand);
  // A bare keyword may stand anywhere in a value; after a modifier that places it, it stays where that put it.
  const placed =
    at === undefined && operand.kind === 'PLAIN' ? withAnyBefore(withAnyAfter(pattern)) : pattern;
  const test = compilePattern(placed, { fold: !options.cased });
  return { kind: 'TEXT', form: options.cased ? 'EXACT' : 'FOLDED', test };
}

const RELATIONS: Readonly<Record<Relation, (value: string, other: string) => boolean>> = {
  EQUAL: (value, other) => value === other,
  STARTS: (value, other) => value.startsWith(other),
  ENDS: (value, other) => value.endsWith(other),
  CONTAINS: (value, other) => value.includes(other),
};

function referenceTerm(
  operand: Extract<Operand, { kind: 'REFERENCE' }>,
  at: FieldSlot,
  options: ItemOptions,
  fields: FieldTable,
): Predicate {
  const other = { field: operand.field, slot: fields.slot(operand.field) };
  const holds = RELATIONS[operand.relation];
  const relation = options.neq ? (a: string, b: string): boolean => !holds(a, b) : holds;
  return predicate.fieldsRelate(at, other, options.cased ? 'EXACT' : 'FOLDED', relation);
}

function whole(options: ItemOptions, made: Predicate): Term {
  if (options.neq) throw new RuleRefusal("modifier 'neq' needs a value or a field to differ from");
  return { kind: 'WHOLE', predicate: made };
}

/** Joins alternatives: the tests of each form become one predicate, so the field is fetched once. */
function joinTerms(
  terms: readonly Term[],
  at: FieldSlot | undefined,
  options: ItemOptions,
  fields: FieldTable,
): Predicate {
  const predicates = terms.flatMap((term) => (term.kind === 'WHOLE' ? [term.predicate] : []));
  for (const form of ['FOLDED', 'EXACT'] as const) {
    const tests = terms.flatMap((term) =>
      term.kind === 'TEXT' && term.form === form ? [term.test] : [],
    );
    if (tests.length > 0) predicates.push(textPredicate(at, form, tests, options, fields));
  }
  return options.neq ? predicate.allOf(predicates) : predicate.anyOf(predicates);
}

function textPredicate(
  at: FieldSlot | undefined,
  form: TextForm,
  tests: readonly TextTest[],
  options: ItemOptions,
  fields: FieldTable,
): Predicate {
  if (at === undefined) {
    if (options.neq) throw new RuleRefusal("modifier 'neq' needs a field");
    return predicate.fieldTest({ field: '*', slot: KEYWORD_SLOT }, form, tests, fields);
  }
  return options.neq
    ? predicate.fieldDiffers(at, form, tests, fields)
    : predicate.fieldTest(at, form, tests, fields);
}

function fieldNeeded(at: FieldSlot | undefined): FieldSlot {
  if (at === undefined) throw new RuleRefusal('a keyword search takes text only');
  return at;
}

function scalarOnly(node: YamlNode): YamlScalar {
  if (node.kind !== 'SCALAR')
    throw new RuleRefusal('a field holds a value or a list of values', node.line);
  return node;
}

/** Gives a refusal the line of the value it speaks about. */
function atLine<T>(line: number | undefined, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RuleRefusal && error.line === undefined)
      throw new RuleRefusal(error.message, line);
    throw error;
  }
}
