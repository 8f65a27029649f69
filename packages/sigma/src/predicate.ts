import type { EventView, FieldText, TextForm } from './event-view.ts';
import type { TextTest } from './pattern.ts';

/** A field that made a rule match, and its value, cut to a showable length. The field `*` means a keyword search. */
export interface FieldMatch {
  readonly field: string;
  readonly value: string;
}

/** A compiled part of a rule. `explain` may be called only right after `test` was true for the same event. */
export interface Predicate {
  readonly cost: number;
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
const KEYWORD_FIELD = '*';
const KEYWORD_COST_FACTOR = 20;
/** From this many equal-to values on, one set look-up is cheaper than the comparisons. */
const MIN_SET_SIZE = 4;

export function allOf(predicates: readonly Predicate[]): Predicate {
  const ordered = cheapFirst(predicates);
  const [only] = ordered;
  if (only !== undefined && ordered.length === 1) return only;
  return {
    cost: sumCost(ordered),
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
  return { cost: predicate.cost, test: (view) => !predicate.test(view), explain: () => undefined };
}

/** True when any element of the field passes any of the tests. A missing field is false. */
export function fieldTest(at: FieldSlot, form: TextForm, tests: readonly TextTest[]): Predicate {
  const passes = anyTest(tests);
  return {
    cost: sumCost(tests),
    test: (view) => someText(view.text(at.slot, form), passes),
    explain: (view, found) => {
      show(
        found,
        at.field,
        pickText(view.text(at.slot, 'EXACT'), view.text(at.slot, form), passes),
      );
    },
  };
}

/** True when the field is there and any element of it passes none of the tests. */
export function fieldDiffers(at: FieldSlot, form: TextForm, tests: readonly TextTest[]): Predicate {
  const passes = anyTest(tests);
  return fieldTest(at, form, [{ cost: sumCost(tests), test: (value) => !passes(value) }]);
}

/** True when any value of the event passes any of the tests. */
export function keywordTest(form: TextForm, tests: readonly TextTest[]): Predicate {
  const passes = anyTest(tests);
  return {
    cost: sumCost(tests) * KEYWORD_COST_FACTOR,
    test: (view) => view.keywordTexts(form).some(passes),
    explain: (view, found) => {
      show(
        found,
        KEYWORD_FIELD,
        pickText(view.keywordTexts('EXACT'), view.keywordTexts(form), passes),
      );
    },
  };
}

/** True when the field is missing or null. */
export function fieldIsNull(at: FieldSlot): Predicate {
  return {
    cost: 1,
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

function anyTest(tests: readonly TextTest[]): (value: string) => boolean {
  const equal = new Set(tests.map((test) => test.equals).filter((text) => text !== undefined));
  if (equal.size < MIN_SET_SIZE) return anyInTurn(tests);
  const rest = tests.filter((test) => test.equals === undefined);
  if (rest.length === 0) return (value) => equal.has(value);
  const passesRest = anyInTurn(rest);
  return (value) => equal.has(value) || passesRest(value);
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
