/** A stream of pseudo-random choices: the same seed gives the same choices on every machine. Nothing for secrets. */
export interface Random {
  /** From 0 up to, and without, 1. */
  next(): number;
  /** A whole number from 0 up to, and without, `count`. */
  below(count: number): number;
  /** A whole number, both ends included. */
  between(first: number, last: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** Lower-case hexadecimal digits, at most 8. */
  hex(digits: number): string;
  /** The stream of this name: it depends on seed and name only, not on what was drawn before. */
  split(name: string): Random;
  /** A stream of its own for the next in a row: it depends on how many forks there were before. */
  fork(): Random;
}

/** Starts a stream. @param seed any text; a longer one costs a little more */
export function createRandom(seed: string): Random {
  return fromWords(seed, hashWord(seed, 1), hashWord(seed, 2), hashWord(seed, 3));
}

/**
 * sfc32 by Chris Doty-Humphrey (PractRand, public domain): small, fast and without known defects at 32 bits.
 * @see https://pracrand.sourceforge.net/RNG_engines.txt
 */
function fromWords(name: string, first: number, second: number, third: number): Random {
  let [a, b, c, counter] = [first | 0, second | 0, third | 0, 1];
  let forks = 0;
  const word = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  // Its author's advice: the first results still show the seed.
  for (let round = 0; round < 12; round += 1) word();
  const next = (): number => word() / 4_294_967_296;
  const below = (count: number): number => Math.floor(next() * count);
  return {
    next,
    below,
    between: (low, high) => low + below(high - low + 1),
    chance: (probability) => next() < probability,
    pick: <T>(list: readonly T[]) => list[below(list.length)] as T,
    hex: (digits) => word().toString(16).padStart(8, '0').slice(0, digits),
    split: (part) => createRandom(`${name}/${part}`),
    fork: () => {
      forks += 1;
      return fromWords(`${name}#${forks}`, word(), word(), word());
    },
  };
}

/**
 * FNV-1a, 32 bits, with the finish of MurmurHash3 so that near texts give far words. Both are public domain.
 * @see http://www.isthe.com/chongo/tech/comp/fnv/
 */
export function hashWord(text: string, variant: number): number {
  let hash = 0x811c9dc5 ^ Math.imul(variant, 0x9e3779b1);
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
