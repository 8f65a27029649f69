import type { WindowsRecord } from '../activity/windows-record.ts';

/** Merges records that are in the order of time each, such as an ordinary day and an attack amid it. */
export function* mergeByTime(
  ...sources: readonly Iterable<WindowsRecord>[]
): Generator<WindowsRecord> {
  const iterators = sources.map((source) => source[Symbol.iterator]());
  const heads = iterators.map((iterator) => iterator.next());
  for (;;) {
    let first = -1;
    let firstAt = '';
    for (const [index, { done, value }] of heads.entries()) {
      if (done === true) continue;
      // ISO 8601 in UTC with milliseconds: texts in order are times in order.
      const at = String(value['TimeCreated']);
      if (first >= 0 && at >= firstAt) continue;
      first = index;
      firstAt = at;
    }
    const iterator = iterators[first];
    if (!iterator) return;
    yield heads[first]?.value as WindowsRecord;
    heads[first] = iterator.next();
  }
}
