import type { Atom, AtomSink, LiteralFinder } from './literal.ts';

const ASCII = 128;

/** From this length of the shortest literal on it passes over text faster than an automaton reads it. */
export const MIN_SHIFT_CHARS = 5;
/** With more literals most pairs of characters occur in one of them, and it hardly moves on. */
export const MAX_SHIFT_LITERALS = 200;

/**
 * Finds a moderate number of longer literals by leaping over text (Wu and Manber, 1994, with pairs of characters): the
 * pair at the end of a window tells how far on the next literal may begin. Literals are ASCII, the case of the text is any.
 */
export class ShiftSearch implements LiteralFinder {
  readonly isBeyondAscii = false;
  /** Character, in lower case, to column; 0 for those that no literal's window has. */
  readonly #columnOf = new Uint8Array(ASCII);
  readonly #width: number;
  /** Pair of columns to how many characters to move on; 0 where a window may end. */
  readonly #shift: Uint8Array;
  readonly #endingWith = new Map<number, Atom[]>();
  readonly #window: number;

  constructor(atoms: readonly Atom[]) {
    this.#window = Math.min(255, ...atoms.map(({ text }) => text.length));
    let width = 1;
    for (const { text } of atoms) {
      for (let at = 0; at < this.#window; at += 1) {
        const code = text.charCodeAt(at);
        if (this.#columnOf[code] === 0) this.#columnOf[code] = width++;
      }
    }
    for (let code = 65; code <= 90; code += 1)
      this.#columnOf[code] = this.#columnOf[code + 32] ?? 0;
    this.#width = width;
    this.#shift = new Uint8Array(width * width).fill(this.#window - 1);
    for (const atom of atoms) this.#add(atom);
  }

  /** How many literals are compared at one place of a text, at most. */
  get mostAtOnce(): number {
    return Math.max(...this.#endingWith.values().map(({ length }) => length));
  }

  find(text: string, sink: AtomSink): boolean {
    const { length } = text;
    const columnOf = this.#columnOf;
    const shift = this.#shift;
    const width = this.#width;
    let isAscii = true;
    let at = this.#window - 1;
    while (at < length) {
      const first = text.charCodeAt(at - 1);
      const second = text.charCodeAt(at);
      if (first >= ASCII || second >= ASCII) {
        isAscii = false;
        break;
      }
      const pair = (columnOf[first] ?? 0) * width + (columnOf[second] ?? 0);
      const leap = shift[pair] ?? 0;
      if (leap === 0) {
        this.#verify(text, at - this.#window + 1, pair, sink);
        at += 1;
      } else {
        at += leap;
      }
    }
    return isAscii;
  }

  #add(atom: Atom): void {
    const last = this.#window - 1;
    for (let at = 1; at <= last; at += 1) {
      const pair = this.#pairAt(atom.text, at);
      this.#shift[pair] = Math.min(this.#shift[pair] ?? 0, last - at);
    }
    const pair = this.#pairAt(atom.text, last);
    const known = this.#endingWith.get(pair);
    if (known) known.push(atom);
    else this.#endingWith.set(pair, [atom]);
  }

  #pairAt(text: string, at: number): number {
    const first = this.#columnOf[text.charCodeAt(at - 1)] ?? 0;
    return first * this.#width + (this.#columnOf[text.charCodeAt(at)] ?? 0);
  }

  #verify(text: string, start: number, pair: number, sink: AtomSink): void {
    for (const atom of this.#endingWith.get(pair) ?? []) {
      const end = start + atom.text.length;
      if (end > text.length) continue;
      if (atom.place === 'STARTS' && start !== 0) continue;
      if (atom.place === 'ENDS' && end !== text.length) continue;
      if (isThere(atom.text, text, start)) sink.see(atom.id);
    }
  }
}

/** Compares in ASCII, whatever the text's case. */
function isThere(literal: string, text: string, start: number): boolean {
  for (let at = 0; at < literal.length; at += 1) {
    const code = text.charCodeAt(start + at);
    const lower = code >= 65 && code <= 90 ? code + 32 : code;
    if (lower !== literal.charCodeAt(at)) return false;
  }
  return true;
}
