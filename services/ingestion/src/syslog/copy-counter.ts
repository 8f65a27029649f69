/**
 * Tells exact copies of a line apart: the n-th within some ten seconds on one connection is an event of its own. What a
 * relay sends again after it has lost its connection comes on a new one and is counted from 0: it makes no event twice.
 */
export type CopyCounter = (raw: string) => number;

/** A line is remembered for this long at least and twice as long at most, unless very many come. */
const generationMs = 10_000;
/** About 10 MiB; of more lines than that in ten seconds the oldest are forgotten sooner. */
const maxPerGeneration = 150_000;

const { imul } = Math;

/** Counts by a 53-bit digest instead of the lines themselves, which may have 64 KiB each. */
export function createCopyCounter(clock: () => number = Date.now): CopyCounter {
  let current = new Map<number, number>();
  let previous = new Map<number, number>();
  let since = clock();
  return (raw) => {
    const now = clock();
    if (now - since >= generationMs || current.size >= maxPerGeneration) {
      previous = now - since >= 2 * generationMs ? new Map<number, number>() : current;
      current = new Map();
      since = now;
    }
    const digest = digestOf(raw);
    const count = current.get(digest) ?? previous.get(digest) ?? 0;
    current.set(digest, count + 1);
    return count;
  };
}

/**
 * Two multiply-and-shift hashes, 21 and 32 bits of them. A collision makes a line look like a copy: its event gets
 * another id than a re-sent line would get, and nothing is lost.
 */
function digestOf(text: string): number {
  let a = 0x9e3779b1;
  let b = 0x85ebca6b;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    a = imul(a ^ unit, 0x27d4eb2f);
    b = imul(b ^ unit, 0x165667b1);
  }
  a = imul(a ^ (a >>> 15), 0x2c1b3c6d) ^ (b >>> 13);
  b = imul(b ^ (b >>> 16), 0x297a2d39) ^ (a >>> 14);
  return (a >>> 11) * 0x1_0000_0000 + (b >>> 0);
}
