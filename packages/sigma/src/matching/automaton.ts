import type { Atom, AtomSink, LiteralFinder } from './literal.ts';

const ASCII = 128;
const NONE = -1;

/**
 * Finds all of many literals in one pass over a text (Aho and Corasick, 1975), as a dense table of states and characters.
 * Literals are ASCII in lower case; the case of a text is any.
 */
export class Automaton implements LiteralFinder {
  readonly isBeyondAscii = false;
  /** Character to column of the table; column 0 is for those that no literal has. */
  readonly #columnOf = new Uint8Array(ASCII);
  readonly #width: number;
  readonly #next: Uint16Array | Int32Array;
  /** States from this one on complete a literal, so that one comparison tells them. */
  readonly #firstFinal: number;
  /** By final state, counted from the first: the ids of the atoms that it completes wherever it is reached. */
  readonly #anywhere: readonly Int32Array[];
  /** By final state: the atoms that it completes at the beginning or end of a text; null for none. */
  readonly #placed: readonly (readonly Atom[] | null)[];
  /** By final state: the pass that was told of it already. */
  readonly #toldIn: Float64Array;

  constructor(atoms: readonly Atom[]) {
    let width = 1;
    for (const { text } of atoms) {
      for (let at = 0; at < text.length; at += 1) {
        const code = text.charCodeAt(at);
        if (this.#columnOf[code] === 0) this.#columnOf[code] = width++;
      }
    }
    this.#width = width;
    for (let code = 65; code <= 90; code += 1) {
      // A literal in upper case would be none: literals are folded.
      this.#columnOf[code] = this.#columnOf[code + 32] ?? 0;
    }
    const trie = growTrie(atoms, this.#columnOf, width);
    const finalOf = linkTrie(trie, width);
    const { count } = trie;
    const numberOf = new Int32Array(count);
    let plain = 0;
    for (let state = 0; state < count; state += 1)
      if (finalOf[state] === 0) numberOf[state] = plain++;
    this.#firstFinal = plain;
    for (let state = 0; state < count; state += 1)
      if (finalOf[state] !== 0) numberOf[state] = plain++;
    this.#next = renumber(trie, numberOf, width);
    const finals = Array.from({ length: count - this.#firstFinal }, (): readonly Atom[] => []);
    for (let state = 0; state < count; state += 1) {
      if (finalOf[state] === 0) continue;
      finals[(numberOf[state] ?? 0) - this.#firstFinal] = completedBy(trie, state);
    }
    this.#anywhere = finals.map((completed) =>
      Int32Array.from(completed.filter(({ place }) => place === 'ANYWHERE').map(({ id }) => id)),
    );
    this.#placed = finals.map((completed) => {
      const placed = completed.filter(({ place }) => place !== 'ANYWHERE');
      return placed.length > 0 ? placed : null;
    });
    this.#toldIn = new Float64Array(finals.length);
  }

  get tableBytes(): number {
    return this.#next.byteLength;
  }

  find(text: string, sink: AtomSink): boolean {
    const next = this.#next;
    const columnOf = this.#columnOf;
    const width = this.#width;
    const firstFinal = this.#firstFinal;
    const { length } = text;
    let state = 0;
    let isAscii = true;
    for (let at = 0; at < length; at += 1) {
      const code = text.charCodeAt(at);
      if (code < ASCII) {
        state = next[state * width + (columnOf[code] ?? 0)] ?? 0;
        if (state >= firstFinal) this.#report(state - firstFinal, at + 1, length, sink);
      } else {
        isAscii = false;
        state = 0;
      }
    }
    return isAscii;
  }

  #report(final: number, end: number, length: number, sink: AtomSink): void {
    if (this.#toldIn[final] !== sink.pass) {
      this.#toldIn[final] = sink.pass;
      for (const id of this.#anywhere[final] ?? []) sink.see(id);
    }
    const placed = this.#placed[final];
    if (!placed) return;
    for (const { place, text, id } of placed) {
      if (place === 'STARTS' ? end === text.length : end === length) sink.see(id);
    }
  }
}

/** The atoms that end where the state is reached: its own, and those of its suffixes. */
function completedBy({ atoms, shorter }: Trie, state: number): readonly Atom[] {
  const completed: Atom[] = [];
  for (let at = state; at !== 0; at = shorter[at] ?? 0) completed.push(...(atoms.get(at) ?? []));
  return completed;
}

interface Trie {
  /** States in use; 0 is the start. */
  count: number;
  /** State × width + column to state. */
  table: Int32Array;
  readonly atoms: Map<number, Atom[]>;
  /** By state: the longest final state that is a proper suffix of it; 0 for none. */
  shorter: Int32Array;
}

function growTrie(atoms: readonly Atom[], columnOf: Uint8Array, width: number): Trie {
  const chars = atoms.reduce((sum, { text }) => sum + text.length, 0);
  const table = new Int32Array((chars + 1) * width).fill(NONE);
  const ends = new Map<number, Atom[]>();
  let count = 1;
  for (const atom of atoms) {
    let state = 0;
    for (let at = 0; at < atom.text.length; at += 1) {
      const cell = state * width + (columnOf[atom.text.charCodeAt(at)] ?? 0);
      if (table[cell] === NONE) table[cell] = count++;
      state = table[cell] ?? 0;
    }
    const there = ends.get(state);
    if (there) there.push(atom);
    else ends.set(state, [atom]);
  }
  return { count, table, atoms: ends, shorter: new Int32Array(count) };
}

/** Fills in where each state goes on a character that does not continue it. @returns by state, 1 when it is final */
function linkTrie(trie: Trie, width: number): Uint8Array {
  const { table, count, shorter } = trie;
  const suffix = new Int32Array(count);
  const isFinal = new Uint8Array(count);
  const queue = new Int32Array(count);
  let tail = 1;
  for (let head = 0; head < tail; head += 1) {
    const state = queue[head] ?? 0;
    const fallback = suffix[state] ?? 0;
    if (state !== 0) {
      shorter[state] = trie.atoms.has(fallback) ? fallback : (shorter[fallback] ?? 0);
      if (trie.atoms.has(state) || shorter[state] !== 0) isFinal[state] = 1;
    }
    for (let column = 0; column < width; column += 1) {
      const cell = state * width + column;
      const child = table[cell] ?? NONE;
      const elsewhere = state === 0 ? 0 : (table[fallback * width + column] ?? 0);
      if (child === NONE) {
        table[cell] = elsewhere;
      } else {
        suffix[child] = elsewhere;
        queue[tail++] = child;
      }
    }
  }
  return isFinal;
}

function renumber(
  { table, count }: Trie,
  numberOf: Int32Array,
  width: number,
): Uint16Array | Int32Array {
  const next = count < 65_536 ? new Uint16Array(count * width) : new Int32Array(count * width);
  for (let state = 0; state < count; state += 1) {
    const to = (numberOf[state] ?? 0) * width;
    for (let column = 0; column < width; column += 1) {
      next[to + column] = numberOf[table[state * width + column] ?? 0] ?? 0;
    }
  }
  return next;
}
