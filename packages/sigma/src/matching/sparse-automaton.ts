import type { Atom, AtomSink, LiteralFinder } from './literal.ts';

const ASCII = 128;
const NONE = -1;

/**
 * Finds all of many literals in one pass, as `Automaton` does, in some thirty bytes per character of the literals whatever
 * their alphabet, and a few times slower: transitions stand in a hash table, and where one is missing the text is read on
 * from the longest suffix that has it.
 */
export class SparseAutomaton implements LiteralFinder {
  readonly isBeyondAscii: boolean;
  readonly #edges: EdgeTable;
  /** By state: the longest proper suffix that is a state, and the longest of them that ends a literal; 0 for none. */
  readonly #suffix: Int32Array;
  readonly #shorter: Int32Array;
  readonly #atoms = new Map<number, readonly Atom[]>();
  /** By state: the pass that was told of what it ends. */
  readonly #toldIn: Float64Array;
  /** Behind this many characters no literal can have begun the text. */
  readonly #longest: number;

  /** @param isBeyondAscii whether it is asked only for texts beyond ASCII, case-folded */
  constructor(atoms: readonly Atom[], isBeyondAscii: boolean) {
    this.isBeyondAscii = isBeyondAscii;
    this.#longest = atoms.reduce((most, { text }) => Math.max(most, text.length), 0);
    const chars = atoms.reduce((sum, { text }) => sum + text.length, 0);
    this.#edges = new EdgeTable(chars);
    const parents = new Int32Array(chars + 1);
    const codes = new Uint16Array(chars + 1);
    let count = 1;
    // Shorter texts first, by their length: a state's number is then larger than that of any shorter state.
    let living = atoms.map((atom) => ({ atom, state: 0 }));
    for (let depth = 0; living.length > 0; depth += 1) {
      for (const each of living) {
        const code = each.atom.text.charCodeAt(depth);
        const known = this.#edges.get(each.state, code);
        if (known === NONE) {
          parents[count] = each.state;
          codes[count] = code;
          this.#edges.set(each.state, code, count);
          each.state = count++;
        } else {
          each.state = known;
        }
      }
      for (const { atom, state } of living)
        if (atom.text.length === depth + 1)
          this.#atoms.set(state, [...(this.#atoms.get(state) ?? []), atom]);
      living = living.filter(({ atom }) => atom.text.length > depth + 1);
    }
    this.#suffix = new Int32Array(count);
    this.#shorter = new Int32Array(count);
    this.#toldIn = new Float64Array(count);
    for (let state = 1; state < count; state += 1) this.#link(state, parents, codes);
  }

  find(text: string, sink: AtomSink): boolean {
    let state = 0;
    let isAscii = true;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code >= ASCII) isAscii = false;
      state = this.#step(state, code >= 65 && code <= 90 ? code + 32 : code);
      if (state !== 0) this.#report(state, at + 1, text.length, sink);
    }
    return isAscii;
  }

  #link(state: number, parents: Int32Array, codes: Uint16Array): void {
    const parent = parents[state] ?? 0;
    if (parent === 0) return;
    const suffix = this.#step(this.#suffix[parent] ?? 0, codes[state] ?? 0);
    this.#suffix[state] = suffix;
    this.#shorter[state] = this.#atoms.has(suffix) ? suffix : (this.#shorter[suffix] ?? 0);
  }

  #step(from: number, code: number): number {
    for (let state = from; ; state = this.#suffix[state] ?? 0) {
      const next = this.#edges.get(state, code);
      if (next !== NONE) return next;
      if (state === 0) return 0;
    }
  }

  #report(reached: number, end: number, length: number, sink: AtomSink): void {
    for (let state = reached; state !== 0; state = this.#shorter[state] ?? 0) {
      // What a state ends anywhere was told with all its suffixes; only the ends of the text are still of interest.
      if (this.#toldIn[state] === sink.pass && end !== length && end > this.#longest) return;
      this.#toldIn[state] = sink.pass;
      for (const { place, text, id } of this.#atoms.get(state) ?? []) {
        if (place === 'STARTS' && end !== text.length) continue;
        if (place === 'ENDS' && end !== length) continue;
        sink.see(id);
      }
    }
  }
}

/** State and character to state, in open addressing. */
class EdgeTable {
  readonly #mask: number;
  readonly #states: Int32Array;
  readonly #codes: Uint16Array;
  readonly #targets: Int32Array;

  constructor(edges: number) {
    const size = 1 << Math.max(4, Math.ceil(Math.log2(edges * 1.5 + 1)));
    this.#mask = size - 1;
    this.#states = new Int32Array(size);
    this.#codes = new Uint16Array(size);
    this.#targets = new Int32Array(size).fill(NONE);
  }

  get(state: number, code: number): number {
    for (let at = this.#hash(state, code); ; at = (at + 1) & this.#mask) {
      const target = this.#targets[at] ?? NONE;
      if (target === NONE || (this.#states[at] === state && this.#codes[at] === code))
        return target;
    }
  }

  set(state: number, code: number, target: number): void {
    let at = this.#hash(state, code);
    while (this.#targets[at] !== NONE) at = (at + 1) & this.#mask;
    this.#states[at] = state;
    this.#codes[at] = code;
    this.#targets[at] = target;
  }

  /** Mixes all bits (MurmurHash3's finaliser), so that neighbouring states do not crowd. */
  #hash(state: number, code: number): number {
    let hash = Math.imul(state, 0x9e37_79b1) ^ Math.imul(code, 0x85eb_ca6b);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
    return (hash ^ (hash >>> 16)) & this.#mask;
  }
}
