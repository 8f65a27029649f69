import { foldCase } from './fold-case.ts';
import type { AtomSink, LiteralFinder } from './literal.ts';

/**
 * An event as rules see it: fields by the names of the Sigma taxonomy (`Image`, `Channel`, `EventID`).
 * `get` gives `undefined` for a missing field and `null` for one without a value; an array means "any element".
 * `values` gives every value of the event; keyword searches read it.
 */
export interface SigmaEvent {
  get(field: string): unknown;
  values(): Iterable<unknown>;
}

/** The text of a field: nothing to compare, one text, or several of which any may satisfy a term. */
export type FieldText = string | readonly string[] | undefined;

/** `FOLDED` ignores case, `EXACT` does not. */
export type TextForm = 'FOLDED' | 'EXACT';

/** The slot of keyword searches: all values of the event. */
export const KEYWORD_SLOT = 0;

const MAX_VALUE_CHARS = 65_536;
const MAX_ELEMENTS = 1_024;
/** Of all elements of an array, or all values that keywords search, together. */
const MAX_TOTAL_CHARS = 1_048_576;
const MAX_KEYWORD_VALUES = 16_384;
const BEYOND_ASCII = /[^\0-\x7f]/;
const NO_PLAN: ScanPlan = { finders: [], lateFinders: [], onAtom: () => undefined };

/** Where a view looks for the literals of some rules, and whom it tells. */
export interface ScanPlan {
  /** By slot; none where no rule looks for a literal. */
  readonly finders: readonly (readonly LiteralFinder[] | undefined)[];
  /** By slot, what is looked for only when a term asks. */
  readonly lateFinders: readonly (readonly LiteralFinder[] | undefined)[];
  /** An atom was seen for the first time in this event under this plan. */
  readonly onAtom: (atomId: number) => void;
}

/** What the rules of a set ask of events. */
export interface Vocabulary {
  /** Field names by slot; that of {@link KEYWORD_SLOT} is no field's. */
  readonly names: readonly string[];
  readonly atomCount: number;
  readonly memoCount: number;
}

/**
 * One event at a time, each field read and folded at most once per event and only when a term asks for it.
 * Every slot carries the number of the event it was filled for, so nothing is cleared between events.
 */
export class EventView implements AtomSink {
  readonly #names: readonly string[];
  readonly #values: unknown[];
  readonly #exact: FieldText[];
  readonly #folded: FieldText[];
  readonly #valueOf: Float64Array;
  readonly #exactOf: Float64Array;
  readonly #foldedOf: Float64Array;
  readonly #memo: Uint8Array;
  readonly #memoOf: Float64Array;
  /** Which pass saw an atom, and scanned a slot. A pass is one event under one plan. */
  readonly #seenIn: Float64Array;
  readonly #scannedIn: Float64Array;
  readonly #scannedEarlyIn: Float64Array;
  #plan: ScanPlan = NO_PLAN;
  #pass = 0;
  #event: SigmaEvent | undefined;
  #number = 0;
  #cutValueCount = 0;

  constructor({ names, atomCount, memoCount }: Vocabulary) {
    this.#names = names;
    const size = this.#names.length;
    this.#values = new Array<unknown>(size).fill(undefined);
    this.#exact = new Array<FieldText>(size).fill(undefined);
    this.#folded = new Array<FieldText>(size).fill(undefined);
    this.#valueOf = new Float64Array(size);
    this.#exactOf = new Float64Array(size);
    this.#foldedOf = new Float64Array(size);
    this.#memo = new Uint8Array(memoCount);
    this.#memoOf = new Float64Array(memoCount);
    this.#seenIn = new Float64Array(atomCount);
    this.#scannedIn = new Float64Array(size);
    this.#scannedEarlyIn = new Float64Array(size);
  }

  /** How many values were longer (or arrays larger) than the bound and were compared by their beginning only. */
  get cutValueCount(): number {
    return this.#cutValueCount;
  }

  load(event: SigmaEvent): void {
    this.#event = event;
    this.#number += 1;
  }

  /** Begins to look at the event for the rules of a plan. */
  follow(plan: ScanPlan): void {
    this.#plan = plan;
    this.#pass += 1;
  }

  /** Sees to it that every atom of the field that the plan's rules ask for is known. */
  scan(slot: number): void {
    if (this.#scannedIn[slot] === this.#pass) return;
    this.#scannedIn[slot] = this.#pass;
    this.scanEarly(slot);
    this.#find(slot, this.#plan.lateFinders[slot]);
  }

  /** Sees to it that the atoms are known that rules may wait for. */
  scanEarly(slot: number): void {
    if (this.#scannedEarlyIn[slot] === this.#pass) return;
    this.#scannedEarlyIn[slot] = this.#pass;
    this.#find(slot, this.#plan.finders[slot]);
  }

  #find(slot: number, finders: readonly LiteralFinder[] | undefined): void {
    if (finders === undefined) return;
    const text = this.#exactText(slot);
    if (text === undefined) return;
    if (typeof text === 'string') this.#scanText(text, finders);
    else for (const each of text) this.#scanText(each, finders);
  }

  #scanText(text: string, finders: readonly LiteralFinder[]): void {
    let isAscii: boolean | undefined;
    for (const finder of finders) {
      if (finder.isBeyondAscii) isAscii ??= !BEYOND_ASCII.test(text);
      if (isAscii !== undefined) break;
      if (!finder.find(text, this)) isAscii = false;
    }
    if (isAscii !== false) return;
    // Seldom: once more with the case folded, whatever was found before.
    const folded = foldCase(text);
    for (const finder of finders) finder.find(folded, this);
  }

  see(atomId: number): void {
    if (this.#seenIn[atomId] === this.#pass) return;
    this.#seenIn[atomId] = this.#pass;
    this.#plan.onAtom(atomId);
  }

  get pass(): number {
    return this.#pass;
  }

  /** Whether the field, once scanned, shows the atom. */
  shows(atomId: number): boolean {
    return this.#seenIn[atomId] === this.#pass;
  }

  /** What the test gives for this event, asked once. */
  remember(memo: number, test: (view: EventView) => boolean): boolean {
    if (this.#memoOf[memo] !== this.#number) {
      const answer = test(this);
      this.#memoOf[memo] = this.#number;
      this.#memo[memo] = answer ? 1 : 0;
      return answer;
    }
    return this.#memo[memo] === 1;
  }

  value(slot: number): unknown {
    if (this.#valueOf[slot] !== this.#number) {
      this.#valueOf[slot] = this.#number;
      this.#values[slot] = this.#event?.get(this.#names[slot] ?? '');
    }
    return this.#values[slot];
  }

  text(slot: number, form: TextForm): FieldText {
    return form === 'FOLDED' ? this.#foldedText(slot) : this.#exactText(slot);
  }

  #exactText(slot: number): FieldText {
    if (this.#exactOf[slot] !== this.#number) {
      this.#exactOf[slot] = this.#number;
      this.#exact[slot] =
        slot === KEYWORD_SLOT ? this.#readKeywords() : this.#toText(this.value(slot));
    }
    return this.#exact[slot];
  }

  #foldedText(slot: number): FieldText {
    if (this.#foldedOf[slot] !== this.#number) {
      this.#foldedOf[slot] = this.#number;
      const text = this.#exactText(slot);
      this.#folded[slot] = typeof text === 'string' ? foldCase(text) : text?.map(foldCase);
    }
    return this.#folded[slot];
  }

  #toText(value: unknown): FieldText {
    if (typeof value === 'string') return this.#cut(value);
    if (!Array.isArray(value)) return scalarText(value);
    if (value.length > MAX_ELEMENTS) this.#cutValueCount += 1;
    return this.#toTexts(value.slice(0, MAX_ELEMENTS), MAX_ELEMENTS);
  }

  #readKeywords(): readonly string[] {
    return this.#toTexts(this.#event?.values() ?? [], MAX_KEYWORD_VALUES);
  }

  /** The texts among the values, as far as the bounds go. What has no text counts too: an accessor may never end. */
  #toTexts(values: Iterable<unknown>, most: number): readonly string[] {
    const texts: string[] = [];
    let left = MAX_TOTAL_CHARS;
    let count = 0;
    for (const value of values) {
      count += 1;
      if (count > most || left <= 0) {
        this.#cutValueCount += 1;
        break;
      }
      const text = scalarText(value);
      if (text === undefined) continue;
      texts.push(this.#cut(text));
      left -= Math.min(text.length, MAX_VALUE_CHARS);
    }
    return texts;
  }

  #cut(text: string): string {
    if (text.length <= MAX_VALUE_CHARS) return text;
    this.#cutValueCount += 1;
    return text.slice(0, MAX_VALUE_CHARS);
  }
}

/** Numbers and booleans compare by their text; an object has none. */
function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value);
  return undefined;
}
