/**
 * Regular expressions that JavaScript's own engine runs in linear time, because it never has a choice: a row of character
 * sets, each with a count, in which what follows a repeated set cannot begin inside it. About a hundred times faster than
 * the general engine. Everything else is left to that.
 *
 * A start costs at most the fixed counts plus the runs of unbounded sets; these never hold a character that the expression
 * can start with, so the runs of two starts do not overlap.
 * @returns the test, or null when the expression is not of that kind
 */
export function compilePlainRegex(
  source: string,
  flags: { readonly i: boolean; readonly m: boolean; readonly s: boolean },
): ((value: string) => boolean) | null {
  const isGlobalCase = source.startsWith('(?i)');
  const row = readRow(isGlobalCase ? source.slice(4) : source, flags.s);
  if (row === null || flags.m || !isDeterministic(row)) return null;
  const ignoresCase = flags.i || isGlobalCase;
  if (ignoresCase && row.some(({ set }) => set.isBeyondAscii && !set.isNegated)) return null;
  const text = row.map(({ set, min, max }) => `${spell(set)}${count(min, max)}`).join('');
  const expression = new RegExp(text, ignoresCase ? 'iu' : 'u');
  return (value) => expression.test(value);
}

/** A set of characters, as members of ASCII and whether it takes what is beyond. */
interface CharSet {
  readonly members: ReadonlySet<number>;
  readonly isBeyondAscii: boolean;
  readonly isNegated: boolean;
}

interface Counted {
  readonly set: CharSet;
  readonly min: number;
  readonly max: number;
}

const ASCII = 128;
const MAX_ROW = 64;
const MAX_FIXED_CHARS = 128;

const codesOf = (text: string): number[] => Array.from(text, (char) => char.charCodeAt(0));
const range = (from: string, to: string): number[] => {
  const [first, last] = [from.charCodeAt(0), to.charCodeAt(0)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
};
const DIGITS = range('0', '9');
const WORD = [...range('a', 'z'), ...range('A', 'Z'), ...DIGITS, ...codesOf('_')];
const SPACE = codesOf('\t\n\f\r ');
const CLASSES: ReadonlyMap<string, readonly number[]> = new Map([
  ['d', DIGITS],
  ['w', WORD],
  ['s', SPACE],
]);

function toSet(codes: Iterable<number>, isNegated = false): CharSet {
  const listed = new Set(codes);
  if (!isNegated) return { members: listed, isBeyondAscii: false, isNegated };
  const members = new Set<number>();
  for (let code = 0; code < ASCII; code += 1) if (!listed.has(code)) members.add(code);
  return { members, isBeyondAscii: true, isNegated };
}

/** Null when there is anything but characters, classes and counts. */
function readRow(source: string, dotTakesAll: boolean): readonly Counted[] | null {
  const row: Counted[] = [];
  let at = 0;
  while (at < source.length) {
    if (row.length >= MAX_ROW) return null;
    const read = readSet(source, at, dotTakesAll);
    if (read === null) return null;
    const counts = readCount(source, read.end);
    if (counts === null) return null;
    row.push({ set: read.set, min: counts.min, max: counts.max });
    at = counts.end;
  }
  return row.length > 0 ? row : null;
}

function readSet(
  source: string,
  at: number,
  dotTakesAll: boolean,
): { readonly set: CharSet; readonly end: number } | null {
  const char = source.charAt(at);
  if (char === '.') return { set: toSet(dotTakesAll ? [] : [10], true), end: at + 1 };
  if (char === '[') return readClass(source, at);
  if (char === '\\') {
    const codes = readEscape(source.charAt(at + 1));
    return codes === null ? null : { set: toSet(codes), end: at + 2 };
  }
  if ('()|^$*+?{'.includes(char) || char.charCodeAt(0) >= ASCII) return null;
  return { set: toSet([char.charCodeAt(0)]), end: at + 1 };
}

function readEscape(char: string): readonly number[] | null {
  const known = CLASSES.get(char);
  if (known) return known;
  const code = char.charCodeAt(0);
  return char !== '' && code < ASCII && !/[A-Za-z0-9]/.test(char) ? [code] : null;
}

function readClass(source: string, at: number): { set: CharSet; end: number } | null {
  const isNegated = source.charAt(at + 1) === '^';
  const codes: number[] = [];
  let next = at + (isNegated ? 2 : 1);
  // A bracket that comes first is a member, which nobody writes.
  if (source.charAt(next) === ']') return null;
  while (next < source.length && source.charAt(next) !== ']') {
    const char = source.charAt(next);
    if (char === '[' || char.charCodeAt(0) >= ASCII) return null;
    if (char === '\\') {
      const escaped = readEscape(source.charAt(next + 1));
      // An escape that begins or ends a range is left to the general engine.
      if (escaped === null || (source.charAt(next + 2) === '-' && source.charAt(next + 3) !== ']'))
        return null;
      codes.push(...escaped);
      next += 2;
    } else if (source.charAt(next + 1) === '-' && source.charAt(next + 2) !== ']') {
      const last = source.charAt(next + 2);
      if (last === '\\' || last === '[' || last.charCodeAt(0) >= ASCII || last < char) return null;
      codes.push(...range(char, last));
      next += 3;
    } else {
      codes.push(char.charCodeAt(0));
      next += 1;
    }
  }
  return next < source.length ? { set: toSet(codes, isNegated), end: next + 1 } : null;
}

function readCount(source: string, at: number): { min: number; max: number; end: number } | null {
  const found = /^(?:[*+?]|\{(\d{1,3})(,?)(\d{0,3})\})/.exec(source.slice(at, at + 10));
  if (!found) return { min: 1, max: 1, end: at };
  const [text, least, comma, most] = found;
  const end = at + text.length;
  // Lazy or possessive: another engine's business.
  if (/[?+]/.test(source.charAt(end))) return null;
  if (text === '*') return { min: 0, max: Infinity, end };
  if (text === '+') return { min: 1, max: Infinity, end };
  if (text === '?') return { min: 0, max: 1, end };
  const min = Number(least);
  const max = comma === '' ? min : most === '' ? Infinity : Number(most);
  return max < min ? null : { min, max, end };
}

function isDeterministic(row: readonly Counted[]): boolean {
  const [first] = row;
  const last = row.at(-1);
  if (!first || !last || first.min === 0 || last.max !== last.min) return false;
  const fixed = row.reduce((sum, { min, max }) => sum + (max === Infinity ? min : max), 0);
  if (fixed > MAX_FIXED_CHARS) return false;
  return row.every(({ set, min, max }, index) => {
    if (max === Infinity && overlap(set, first.set)) return false;
    if (min === max) return true;
    return followers(row, index + 1).every((follower) => !overlap(set, follower));
  });
}

/** The sets that what comes after may begin with. */
function followers(row: readonly Counted[], from: number): readonly CharSet[] {
  const sets: CharSet[] = [];
  for (const { set, min } of row.slice(from)) {
    sets.push(set);
    if (min > 0) break;
  }
  return sets;
}

/** Whether a character is in both, ignoring case: the flag may widen either. */
function overlap(a: CharSet, b: CharSet): boolean {
  if (a.isBeyondAscii && b.isBeyondAscii) return true;
  const lower = new Set([...b.members].map(lowerCase));
  return [...a.members].some((code) => lower.has(lowerCase(code)));
}

function lowerCase(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code;
}

function spell({ members, isNegated }: CharSet): string {
  const codes = isNegated
    ? Array.from({ length: ASCII }, (_, code) => code).filter((code) => !members.has(code))
    : [...members];
  const text = codes.map((code) => `\\u{${code.toString(16)}}`).join('');
  return isNegated ? `[^${text}]` : `[${text}]`;
}

function count(min: number, max: number): string {
  if (min === 1 && max === 1) return '';
  return max === Infinity ? `{${String(min)},}` : `{${String(min)},${String(max)}}`;
}
