import type { FieldTable } from './field-table.ts';
import type { EventView, FieldText, TextForm } from '../matching/event-view.ts';
import { either, rarer, shorten, toTrigger, type Atom, type Trigger } from '../matching/literal.ts';
import { needsReading } from '../matching/literal-finders.ts';
import type { TextTest } from './pattern.ts';

/** A field that made a rule match, and its value, cut to a showable length. The field `*` means a keyword search. */
export interface FieldMatch {
  readonly field: string;
  readonly value: string;
}

/** A compiled part of a rule. `explain` may be called only right after `test` was true for the same event. */
export interface Predicate {
  readonly cost: number;
  /** What an event must show for it to be true; null when that may be any event. */
  readonly trigger: Trigger | null;
  readonly test: (view: EventView) => boolean;
  readonly explain: (view: EventView, found: FieldMatch[]) => void;
}

/** A field and its slot in the event view. */
export interface FieldSlot {
  readonly field: string;
  readonly slot: number;
}

const MAX_SHOWN_CHARS = 256;
const MAX_SHOWN_FIELDS = 32;
/** Of lists longer than this (of hashes, mostly) shorter literals are looked for, which keeps automata small. */
const LONG_LIST = 64;
const SHORT_LITERAL = 12;
const LONG_FIELDS: ReadonlySet<string> = new Set([
  'CallTrace',
  'Message',
  'Payload',
  'ContextInfo',
]);

export function allOf(predicates: readonly Predicate[]): Predicate {
  const ordered = cheapFirst(predicates);
  const [only] = ordered;
  if (only !== undefined && ordered.length === 1) return only;
  return {
    cost: sumCost(ordered),
    trigger: ordered.map(({ trigger }) => trigger).reduce(rarer, null),
    test: (view) => {
      for (const predicate of ordered) if (!predicate.test(view)) return false;
      return true;
    },
    explain: (view, found) => {
      for (const predicate of ordered) predicate.explain(view, found);
    },
  };
}

export function anyOf(predicates: readonly Predicate[]): Predicate {
  const ordered = cheapFirst(predicates);
  const [only] = ordered;
  if (only !== undefined && ordered.length === 1) return only;
  return {
    cost: sumCost(ordered),
    trigger: either(ordered.map(({ trigger }) => trigger)),
    test: (view) => {
      for (const predicate of ordered) if (predicate.test(view)) return true;
      return false;
    },
    explain: (view, found) => {
      for (const predicate of ordered) if (predicate.test(view)) predicate.explain(view, found);
    },
  };
}

/** True when the predicate is false. What is absent explains nothing. */
export function not(predicate: Predicate): Predicate {
  return {
    cost: predicate.cost,
    trigger: null,
    test: (view) => !predicate.test(view),
    explain: () => undefined,
  };
}

/** True when any element of the field passes any of the tests. A missing field is false. */
export function fieldTest(
  at: FieldSlot,
  form: TextForm,
  tests: readonly TextTest[],
  fields: FieldTable,
): Predicate {
  const passes = anyInTurn(tests);
  const explain: Predicate['explain'] = (view, found) => {
    const [exact, compared] = [view.text(at.slot, 'EXACT'), view.text(at.slot, form)];
    show(found, at.field, pickText(exact, compared, passes));
  };
  const isSearchable = tests.every(({ literals }) => literals.length > 0);
  if (isSearchable) return { ...literalTest(at, form, tests, fields), explain };
  const memo = fields.memo();
  const test = (view: EventView): boolean => someText(view.text(at.slot, form), passes);
  return {
    cost: sumCost(tests),
    trigger: null,
    test: (view) => view.remember(memo, test),
    explain,
  };
}

/** A literal that the field was found to show, and what is still to be tested then; null for nothing. */
interface Clue {
  readonly atom: Atom;
  readonly passes: ((value: string) => boolean) | null;
}

/** True when the field shows a literal of one of the tests and passes it. The field is searched once for all rules. */
function literalTest(
  { slot, field }: FieldSlot,
  form: TextForm,
  tests: readonly TextTest[],
  fields: FieldTable,
): Omit<Predicate, 'explain'> {
  const clues = tests.flatMap(({ literals, isExact, test }) =>
    literals.map((literal): Clue => {
      const short = shorten(literal, tests.length > LONG_LIST ? SHORT_LITERAL : undefined);
      const isWhole = isExact && short.text.length === literal.text.length;
      const atom = fields.atoms.atom(slot, short, LONG_FIELDS.has(field));
      return { atom, passes: isWhole ? null : test };
    }),
  );
  const trigger = toTrigger([...new Set(clues.map(({ atom }) => atom))]);
  const ids = Int32Array.from(clues, ({ atom }) => atom.id);
  const rest = clues.map(({ passes }) => passes);
  // What is looked up is known early; the rest of the field need not be read for it.
  const isLookedUp = clues.every(({ atom }) => !needsReading(atom));
  const scan = (view: EventView): void => {
    if (isLookedUp) view.scanEarly(slot);
    else view.scan(slot);
  };
  if (rest.every((passes) => passes === null)) {
    const test = (view: EventView): boolean => {
      scan(view);
      for (const id of ids) if (view.shows(id)) return true;
      return false;
    };
    return { cost: 1, trigger, test };
  }
  const memo = fields.memo();
  const test = (view: EventView): boolean => {
    scan(view);
    for (let index = 0; index < ids.length; index += 1) {
      if (!view.shows(ids[index] ?? 0)) continue;
      const passes = rest[index];
      if (!passes || someText(view.text(slot, form), passes)) return true;
    }
    return false;
  };
  return { cost: 2, trigger, test: (view) => view.remember(memo, test) };
}

/** True when the field is there and any element of it passes none of the tests. */
export function fieldDiffers(
  at: FieldSlot,
  form: TextForm,
  tests: readonly TextTest[],
  fields: FieldTable,
): Predicate {
  const passes = anyInTurn(tests);
  const differs = (value: string): boolean => !passes(value);
  const test = { cost: sumCost(tests), test: differs, literals: [], isExact: false };
  return fieldTest(at, form, [test], fields);
}

/** True when the field is missing or null. */
export function fieldIsNull(at: FieldSlot): Predicate {
  return {
    cost: 1,
    trigger: null,
    test: (view) => (view.value(at.slot) ?? null) === null,
    explain: (_view, found) => {
      show(found, at.field, '');
    },
  };
}

/** True when the presence of the field is as wanted; a null or empty one is present. */
export function fieldExists(at: FieldSlot, wanted: boolean): Predicate {
  return {
    cost: 1,
    trigger: null,
    test: (view) => (view.value(at.slot) !== undefined) === wanted,
    explain: (view, found) => {
      show(
        found,
        at.field,
        pickText(view.text(at.slot, 'EXACT'), undefined, () => true),
      );
    },
  };
}

/** True when texts of two fields of the event stand in a relation; false when either is missing. */
export function fieldsRelate(
  at: FieldSlot,
  other: FieldSlot,
  form: TextForm,
  relation: (value: string, other: string) => boolean,
): Predicate {
  const passes =
    (view: EventView) =>
    (value: string): boolean =>
      someText(view.text(other.slot, form), (otherValue) => relation(value, otherValue));
  return {
    cost: 5,
    trigger: null,
    test: (view) => someText(view.text(at.slot, form), passes(view)),
    explain: (view, found) => {
      show(
        found,
        at.field,
        pickText(view.text(at.slot, 'EXACT'), view.text(at.slot, form), passes(view)),
      );
      show(
        found,
        other.field,
        pickText(view.text(other.slot, 'EXACT'), undefined, () => true),
      );
    },
  };
}

function cheapFirst(predicates: readonly Predicate[]): readonly Predicate[] {
  return predicates.toSorted((a, b) => a.cost - b.cost);
}

function sumCost(parts: readonly { readonly cost: number }[]): number {
  return parts.reduce((sum, part) => sum + part.cost, 0);
}

function anyInTurn(tests: readonly TextTest[]): (value: string) => boolean {
  const ordered = tests.toSorted((a, b) => a.cost - b.cost).map(({ test }) => test);
  const [only] = ordered;
  if (only !== undefined && ordered.length === 1) return only;
  return (value) => {
    for (const test of ordered) if (test(value)) return true;
    return false;
  };
}

function someText(text: FieldText, passes: (value: string) => boolean): boolean {
  if (text === undefined) return false;
  return typeof text === 'string' ? passes(text) : text.some(passes);
}

/** The text as the event has it whose compared form passes. */
function pickText(
  exact: FieldText,
  compared: FieldText,
  passes: (value: string) => boolean,
): string {
  if (exact === undefined) return '';
  if (typeof exact === 'string') return exact;
  const forms = typeof compared === 'object' ? compared : exact;
  return exact.find((_, index) => passes(forms[index] ?? '')) ?? '';
}

function show(found: FieldMatch[], field: string, value: string): void {
  const shown = value.length > MAX_SHOWN_CHARS ? `${value.slice(0, MAX_SHOWN_CHARS - 1)}…` : value;
  if (found.length >= MAX_SHOWN_FIELDS) return;
  if (found.some((match) => match.field === field && match.value === shown)) return;
  found.push({ field, value: shown });
}
