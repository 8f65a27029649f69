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

const MAX_VALUE_CHARS = 65_536;
const MAX_ELEMENTS = 1_024;
const MAX_KEYWORD_VALUES = 16_384;

/** Lower case, with the two lower-case sigmas made one because which of them `toLowerCase` gives depends on what follows. */
export function foldCase(text: string): string {
  return text.toLowerCase().replaceAll('\u03c2', '\u03c3');
}

/** Gives each field name a slot, so that a view can keep what it computed in plain arrays. */
export class FieldTable {
  readonly #slots = new Map<string, number>();

  slot(field: string): number {
    const known = this.#slots.get(field);
    if (known !== undefined) return known;
    const slot = this.#slots.size;
    this.#slots.set(field, slot);
    return slot;
  }

  get names(): readonly string[] {
    return [...this.#slots.keys()];
  }
}

/**
 * One event at a time, each field read and folded at most once per event and only when a term asks for it.
 * Every slot carries the number of the event it was filled for, so nothing is cleared between events.
 */
export class EventView {
  readonly #names: readonly string[];
  readonly #values: unknown[];
  readonly #exact: FieldText[];
  readonly #folded: FieldText[];
  readonly #valueOf: Float64Array;
  readonly #exactOf: Float64Array;
  readonly #foldedOf: Float64Array;
  #event: SigmaEvent | undefined;
  #number = 0;
  #keywords: readonly string[] | undefined;
  #foldedKeywords: readonly string[] | undefined;
  #cutValueCount = 0;

  constructor(fields: FieldTable) {
    this.#names = fields.names;
    const size = this.#names.length;
    this.#values = new Array<unknown>(size).fill(undefined);
    this.#exact = new Array<FieldText>(size).fill(undefined);
    this.#folded = new Array<FieldText>(size).fill(undefined);
    this.#valueOf = new Float64Array(size);
    this.#exactOf = new Float64Array(size);
    this.#foldedOf = new Float64Array(size);
  }

  /** How many values were longer (or arrays larger) than the bound and were compared by their beginning only. */
  get cutValueCount(): number {
    return this.#cutValueCount;
  }

  load(event: SigmaEvent): void {
    this.#event = event;
    this.#number += 1;
    this.#keywords = undefined;
    this.#foldedKeywords = undefined;
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

  /** Every value of the event as text. */
  keywordTexts(form: TextForm): readonly string[] {
    this.#keywords ??= this.#readKeywords();
    if (form === 'EXACT') return this.#keywords;
    this.#foldedKeywords ??= this.#keywords.map(foldCase);
    return this.#foldedKeywords;
  }

  #exactText(slot: number): FieldText {
    if (this.#exactOf[slot] !== this.#number) {
      this.#exactOf[slot] = this.#number;
      this.#exact[slot] = this.#toText(this.value(slot));
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
    const elements: readonly unknown[] = value.slice(0, MAX_ELEMENTS);
    return elements
      .map(scalarText)
      .filter((text) => text !== undefined)
      .map((text) => this.#cut(text));
  }

  #readKeywords(): readonly string[] {
    const texts: string[] = [];
    for (const value of this.#event?.values() ?? []) {
      if (texts.length >= MAX_KEYWORD_VALUES) {
        this.#cutValueCount += 1;
        break;
      }
      const text = scalarText(value);
      if (text !== undefined) texts.push(this.#cut(text));
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
