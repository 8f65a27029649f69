import { foldCase } from '../matching/fold-case.ts';
import type { Literal, Place } from '../matching/literal.ts';
import { holding } from './long-text.ts';
import { RuleRefusal } from '../reading/rule-refusal.ts';

/** `*`: any run of characters, also none. */
export const ANY = Symbol('*');
/** `?`: exactly one character (code point). */
export const ONE = Symbol('?');
/** Any of the five characters that start a Windows command line flag. */
export const DASH = Symbol('dash');

export type PatternPart = string | typeof ANY | typeof ONE | typeof DASH;
/** A Sigma string after escapes are read: neighbours are never both text, nor both `ANY`. */
export type Pattern = readonly PatternPart[];

/** A test over one text value, with a rough cost so that cheap ones can run first. */
export interface TextTest {
  readonly cost: number;
  readonly test: (value: string) => boolean;
  /**
   * What a value must show for the test to be true: one of these, in case-folded text. Empty when it may be true for
   * any value.
   */
  readonly literals: readonly Literal[];
  /** Whether a value that shows one of the literals also passes the test. */
  readonly isExact: boolean;
}

const DASHES = '-/\u2013\u2014\u2015';

/**
 * Reads wildcards and escapes: a backslash before `*`, `?` or a backslash makes that character plain, before anything else
 * it stands for itself (specification, "Escaping").
 */
export function parsePattern(text: string): Pattern {
  const parts: PatternPart[] = [];
  let plain = '';
  const flush = (): void => {
    if (plain !== '') parts.push(plain);
    plain = '';
  };
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charAt(i);
    const next = text.charAt(i + 1);
    if (char === '\\' && (next === '*' || next === '?' || next === '\\')) {
      plain += next;
      i += 1;
    } else if (char === '*') {
      flush();
      if (parts.at(-1) !== ANY) parts.push(ANY);
    } else if (char === '?') {
      flush();
      parts.push(ONE);
    } else {
      plain += char;
    }
  }
  flush();
  return parts;
}

export function withAnyBefore(pattern: Pattern): Pattern {
  return pattern[0] === ANY ? pattern : [ANY, ...pattern];
}

export function withAnyAfter(pattern: Pattern): Pattern {
  return pattern.at(-1) === ANY ? pattern : [...pattern, ANY];
}

/** Lets each dash that starts a flag (not after a word character, before one) be any of the five; as pySigma does. */
export function withAnyDash(pattern: Pattern): Pattern {
  return pattern.flatMap((part): PatternPart[] => {
    if (typeof part !== 'string') return [part];
    return part
      .split(/(?<!\w)([-/\u2013\u2014\u2015])(?=\w)/)
      .flatMap((piece, index): PatternPart[] => {
        if (index % 2 === 1) return [DASH];
        return piece === '' ? [] : [piece];
      });
  });
}

/** Compiles a pattern into a test of a whole value. With `fold` the value given to the test must be case-folded. */
export function compilePattern(pattern: Pattern, options: { readonly fold: boolean }): TextTest {
  const parts = options.fold
    ? pattern.map((part) => (typeof part === 'string' ? foldCase(part) : part))
    : pattern;
  const [first, second, third] = parts;
  if (first === undefined) return placedTest('EQUALS', '', options, (value) => value === '');
  if (parts.length === 1 && typeof first === 'string') {
    return placedTest('EQUALS', first, options, (value) => value === first);
  }
  if (parts.length === 1 && first === ANY) {
    return { cost: 0, test: () => true, literals: [], isExact: false };
  }
  if (parts.length === 2 && typeof first === 'string' && second === ANY) {
    return placedTest('STARTS', first, options, (value) => value.startsWith(first));
  }
  if (parts.length === 2 && first === ANY && typeof second === 'string') {
    return placedTest('ENDS', second, options, (value) => value.endsWith(second));
  }
  if (parts.length === 3 && first === ANY && typeof second === 'string' && third === ANY) {
    return placedTest('ANYWHERE', second, options, holding(second));
  }
  return globTest(parts, options);
}

function placedTest(
  place: Place,
  text: string,
  { fold }: { readonly fold: boolean },
  test: (value: string) => boolean,
): TextTest {
  const literals = [{ place, text: foldCase(text) }];
  return { cost: place === 'EQUALS' ? 1 : 2, test, literals, isExact: fold };
}

type Cell = Exclude<PatternPart, typeof ANY>;

/** The cells between two `*`, split around their longest text, which `indexOf` finds fast. */
interface Segment {
  readonly before: readonly Cell[];
  readonly text: string;
  readonly after: readonly Cell[];
}

/** Greedy from the left between anchored ends: each segment takes its earliest place, so the time is linear per segment. */
function globTest(parts: Pattern, { fold }: { readonly fold: boolean }): TextTest {
  const runs = splitAtAny(parts);
  const head = runs[0] ?? [];
  const tail = runs.length > 1 ? (runs.at(-1) ?? []) : undefined;
  const middle = runs.slice(1, -1).map(toSegment);
  const test = (value: string): boolean => {
    let from = matchForward(head, value, 0);
    if (tail === undefined) return from === value.length;
    const end = matchBackward(tail, value, value.length);
    if (from === -1 || end < from) return false;
    for (const segment of middle) {
      from = findSegment(segment, value, from, end);
      if (from === -1) return false;
    }
    return true;
  };
  const literals = spellDashes(parts) ?? longestText(parts);
  const isExact = fold && isSpelled(parts);
  return { cost: 8, test, literals, isExact };
}

/** Whether a pattern is one text at one place, but for dashes. */
function isSpelled(parts: Pattern): boolean {
  const inner = parts.slice(parts[0] === ANY ? 1 : 0, parts.at(-1) === ANY ? -1 : undefined);
  const dashes = inner.filter((part) => part === DASH).length;
  return (
    dashes <= MAX_SPELLED_DASHES && inner.every((part) => typeof part === 'string' || part === DASH)
  );
}

const MAX_SPELLED_DASHES = 2;

/** Each way to write the dashes; null where that is too many, or where the pattern is no single text. */
function spellDashes(parts: Pattern): readonly Literal[] | null {
  if (!isSpelled(parts)) return null;
  const isOpenBefore = parts[0] === ANY;
  const isOpenAfter = parts.at(-1) === ANY;
  const inner = parts.slice(isOpenBefore ? 1 : 0, isOpenAfter ? -1 : undefined);
  const texts = inner.reduce<readonly string[]>(
    (written, part) =>
      typeof part === 'string'
        ? written.map((text) => text + foldCase(part))
        : written.flatMap((text) => Array.from(DASHES).map((dash) => text + dash)),
    [''],
  );
  const place = placeOf(isOpenBefore, isOpenAfter);
  return texts.map((text) => ({ place, text }));
}

function placeOf(isOpenBefore: boolean, isOpenAfter: boolean): Place {
  if (isOpenBefore) return isOpenAfter ? 'ANYWHERE' : 'ENDS';
  return isOpenAfter ? 'STARTS' : 'EQUALS';
}

function longestText(parts: Pattern): readonly Literal[] {
  const texts = parts.filter((part) => typeof part === 'string');
  const [longest] = texts.toSorted((a, b) => b.length - a.length);
  return longest === undefined ? [] : [{ place: 'ANYWHERE', text: foldCase(longest) }];
}

function splitAtAny(parts: Pattern): readonly (readonly Cell[])[] {
  const runs: Cell[][] = [[]];
  for (const part of parts) {
    if (part === ANY) runs.push([]);
    else runs.at(-1)?.push(part);
  }
  return runs;
}

/**
 * A segment may be compared at every character of a value, so what that takes is bounded: 65,536 characters make some
 * tenths of a second at worst.
 */
const MAX_SEGMENT_CELLS = 128;
const MAX_SEGMENT_CHARS = 1_024;

function toSegment(cells: readonly Cell[]): Segment {
  const chars = cells.reduce((sum, cell) => sum + (typeof cell === 'string' ? cell.length : 1), 0);
  if (cells.length > MAX_SEGMENT_CELLS || (cells.length > 1 && chars > MAX_SEGMENT_CHARS))
    throw new RuleRefusal("too much text with '?' stands between two '*'");
  let longest = -1;
  let text = '';
  cells.forEach((cell, index) => {
    if (typeof cell === 'string' && cell.length > text.length) {
      longest = index;
      text = cell;
    }
  });
  return longest === -1
    ? { before: [], text: '', after: cells }
    : { before: cells.slice(0, longest), text, after: cells.slice(longest + 1) };
}

/** Where the earliest occurrence of the segment within `[from, end)` stops, or -1. */
function findSegment(segment: Segment, value: string, from: number, end: number): number {
  for (
    let at = value.indexOf(segment.text, from);
    at !== -1 && at <= end;
    at = value.indexOf(segment.text, at + 1)
  ) {
    const start = matchBackward(segment.before, value, at);
    if (start >= from) {
      const stop = matchForward(segment.after, value, at + segment.text.length);
      if (stop !== -1 && stop <= end) return stop;
    }
    if (at >= value.length) return -1;
  }
  return -1;
}

function matchForward(cells: readonly Cell[], value: string, from: number): number {
  let at = from;
  for (const cell of cells) {
    if (typeof cell === 'string') {
      if (!value.startsWith(cell, at)) return -1;
      at += cell.length;
    } else {
      if (at >= value.length) return -1;
      if (cell === DASH && !DASHES.includes(value.charAt(at))) return -1;
      at += (value.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
    }
  }
  return at;
}

function matchBackward(cells: readonly Cell[], value: string, end: number): number {
  let at = end;
  for (let i = cells.length - 1; i >= 0; i -= 1) {
    const cell = cells[i];
    if (cell === undefined || at <= 0) return cell === undefined ? at : -1;
    if (typeof cell === 'string') {
      if (!value.endsWith(cell, at)) return -1;
      at -= cell.length;
    } else {
      if (cell === DASH && !DASHES.includes(value.charAt(at - 1))) return -1;
      at -= at > 1 && (value.codePointAt(at - 2) ?? 0) > 0xffff ? 2 : 1;
    }
  }
  return at;
}
