import { Automaton } from './automaton.ts';
import { foldCase } from './fold-case.ts';
import type { Atom, AtomSink, LiteralFinder } from './literal.ts';
import { MAX_SHIFT_LITERALS, MIN_SHIFT_CHARS, ShiftSearch } from './shift-search.ts';
import { SparseAutomaton } from './sparse-automaton.ts';

/** Finders for all literals of a field. Together they tell of every atom that a text shows. */
export function findersFor(atoms: readonly Atom[]): readonly LiteralFinder[] {
  const whole: Atom[] = [];
  const lastElement: Atom[] = [];
  const ascii: Atom[] = [];
  const others: Atom[] = [];
  for (const atom of atoms) {
    if (atom.place === 'EQUALS') whole.push(atom);
    else if (!isAscii(atom.text)) others.push(atom);
    else if (isLastElement(atom)) lastElement.push(atom);
    else ascii.push(atom);
  }
  const finders = searches(ascii);
  if (whole.length > 0) finders.push(wholeValues(whole));
  if (lastElement.length > 0) finders.push(lastElements(lastElement));
  if (others.length > 0) finders.push(beyondAscii(others));
  return finders;
}

/** Whether a literal is found by reading a text from end to end, and not by looking up the text or its last part. */
export function needsReading(atom: Atom): boolean {
  return atom.place !== 'EQUALS' && isAscii(atom.text) && !isLastElement(atom);
}

/** Whether the literals can be leapt for; none at all can. */
export function canLeap(atoms: readonly Atom[]): boolean {
  const isLong = atoms.every(({ text }) => text.length >= MIN_SHIFT_CHARS);
  return isLong && atoms.length <= MAX_SHIFT_LITERALS;
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 127) return false;
  return true;
}

/** Such as `\certutil.exe` at the end: what stands behind a path's last backslash can be looked up. */
function isLastElement({ place, text }: Atom): boolean {
  return place === 'ENDS' && text.startsWith('\\') && !text.includes('\\', 1);
}

/** A few long literals are leapt for; with short ones among many the text is read once for all. */
function searches(atoms: readonly Atom[]): LiteralFinder[] {
  if (atoms.length === 0) return [];
  if (canLeap(atoms)) {
    const search = new ShiftSearch(atoms);
    if (search.mostAtOnce <= MAX_AT_ONCE) return [search];
  }
  return [
    tableBytesOf(atoms) > MAX_TABLE_BYTES
      ? new SparseAutomaton(atoms, false)
      : new Automaton(atoms),
  ];
}

/** A text may be made of the place where a leaping search compares, so it compares few literals there. */
const MAX_AT_ONCE = 16;

/** The public rules need 15 MB at most; beyond this a table no longer fits any cache and a sparse one is as good. */
const MAX_TABLE_BYTES = 32 * 1024 * 1024;

/** What a dense table takes while it is built, before literals that begin alike are counted once. */
function tableBytesOf(atoms: readonly Atom[]): number {
  const chars = atoms.reduce((sum, { text }) => sum + text.length, 0);
  const alphabet = new Set(atoms.flatMap(({ text }) => Array.from(text)));
  return 4 * (chars + 1) * (alphabet.size + 1);
}

function byText(atoms: readonly Atom[], offset: number): ReadonlyMap<string, readonly number[]> {
  const ids = new Map<string, number[]>();
  for (const { id, text } of atoms) {
    const key = text.slice(offset);
    const known = ids.get(key);
    if (known) known.push(id);
    else ids.set(key, [id]);
  }
  return ids;
}

function wholeValues(atoms: readonly Atom[]): LiteralFinder {
  const ids = byText(atoms, 0);
  const lengths = lengthsOf(ids);
  return {
    isBeyondAscii: false,
    find(text, sink) {
      // Most values are told apart by their length alone. Folding never makes a text shorter, but may make it longer.
      if (lengths[text.length] === 1) tell(ids.get(foldCase(text)), sink);
      return text.length >= lengths.length || isAscii(text);
    },
  };
}

/** By length, 1 where a text is as long. */
function lengthsOf(ids: ReadonlyMap<string, readonly number[]>): Uint8Array {
  const longest = ids.keys().reduce((most, { length }) => Math.max(most, length), 0);
  const lengths = new Uint8Array(longest + 1);
  for (const text of ids.keys()) lengths[text.length] = 1;
  return lengths;
}

function lastElements(atoms: readonly Atom[]): LiteralFinder {
  const ids = byText(atoms, 1);
  const lengths = lengthsOf(ids);
  return {
    isBeyondAscii: false,
    find(text, sink) {
      const at = text.lastIndexOf('\\');
      const length = text.length - at - 1;
      if (at === -1 || length >= lengths.length) return true;
      const last = text.slice(at + 1);
      if (lengths[length] === 1) tell(ids.get(foldCase(last)), sink);
      return isAscii(last);
    },
  };
}

/**
 * Literals with characters beyond ASCII, by the first such character: there may be thousands (emoji), and hardly a text
 * has any of them.
 */
function beyondAscii(atoms: readonly Atom[]): LiteralFinder {
  const byChar = new Map<number, { readonly atom: Atom; readonly offset: number }[]>();
  for (const atom of atoms) {
    const offset = atom.text.search(/[^\0-\x7f]/);
    const code = atom.text.codePointAt(offset) ?? 0;
    const known = byChar.get(code);
    if (known) known.push({ atom, offset });
    else byChar.set(code, [{ atom, offset }]);
  }
  if (byChar.values().some((list) => list.length > MAX_AT_ONCE))
    return new SparseAutomaton(atoms, true);
  return {
    isBeyondAscii: true,
    find(text, sink) {
      for (let at = 0; at < text.length; at += 1) {
        if (text.charCodeAt(at) < 128) continue;
        for (const { atom, offset } of byChar.get(text.codePointAt(at) ?? 0) ?? []) {
          const start = at - offset;
          if (start < 0 || !text.startsWith(atom.text, start)) continue;
          if (atom.place === 'STARTS' && start !== 0) continue;
          if (atom.place === 'ENDS' && start + atom.text.length !== text.length) continue;
          sink.see(atom.id);
        }
      }
      return false;
    },
  };
}

function tell(ids: readonly number[] | undefined, sink: AtomSink): void {
  if (ids !== undefined) for (const id of ids) sink.see(id);
}
