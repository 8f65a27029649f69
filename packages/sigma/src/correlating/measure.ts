import { isTemporal, type SigmaCorrelation } from './correlation.ts';
import { compileBounds } from '../reading/correlation-condition.ts';
import type { Condition } from '../reading/condition.ts';
import type { Group } from './group.ts';
import { DistinctValues, SortedValues, type WindowTally } from './window-tally.ts';

/** What a correlation measures over the events of a window, and when that makes it hold. */
export interface Measure {
  /** What each event's field is kept as. */
  readonly keeps: 'NOTHING' | 'TEXT' | 'NUMBER';
  /** Makes what follows the window of the newest event; null where `of` is quick without. */
  readonly makeTally: (() => WindowTally) | null;
  /** Over the events from one index to another, both included. */
  of(group: Group, from: number, to: number): number;
  /** Whether the correlation holds for what `of` gave. */
  holds(value: number): boolean;
  /** The number to show for what `of` gave. */
  shown(value: number): number;
  /** How many events a group must at least be able to keep, or the bounds could not be reached. */
  readonly needs: number;
  /** Whether letting go of the oldest of very many events may change what holds. A count only stays above its bound. */
  readonly suffersCuts: boolean;
}

export function measureOf(correlation: SigmaCorrelation): Measure {
  const { condition, type, places, rules } = correlation;
  if (condition.kind === 'EXPRESSION') {
    const holds = compileExpression(condition.expression, places);
    return { ...COUNTED, of: seenRules, holds, shown: countBits };
  }
  const { bounds, percentile = 50 } = condition;
  const holds = compileBounds(bounds);
  const needs = Math.max(...bounds.map(({ value }) => value)) + 1;
  switch (type) {
    case 'event_count':
      return { ...COUNTED, of: countEvents, holds, needs, suffersCuts: false };
    case 'value_count':
      return { ...COUNTED, keeps: 'TEXT', makeTally: distinct, of: countDistinct, holds, needs };
    case 'value_sum':
      return { ...COUNTED, keeps: 'NUMBER', of: sum, holds };
    case 'value_avg':
      return { ...COUNTED, keeps: 'NUMBER', of: average, holds };
    case 'value_percentile':
    case 'value_median':
      return { ...RANKED, of: percentileAt(percentile / 100), holds };
    case 'temporal':
      return { ...COUNTED, of: countRules, holds };
    case 'temporal_ordered':
      return { ...COUNTED, of: longestOrder(rules.length), holds };
  }
}

const distinct = (): WindowTally => new DistinctValues();

const COUNTED = {
  keeps: 'NOTHING',
  makeTally: null,
  shown: (value: number): number => value,
  needs: 1,
  suffersCuts: true,
} as const;

const RANKED = {
  ...COUNTED,
  keeps: 'NUMBER',
  makeTally: (): WindowTally => new SortedValues(),
} as const;

/** How the rules that an event matched are kept: as bits of their places, or as the first place. */
export function toMark(correlation: SigmaCorrelation, places: readonly number[]): number {
  if (!isTemporal(correlation.type)) return places[0] ?? 0;
  let mark = 0;
  for (const place of places) mark |= 1 << place;
  return mark;
}

/** The places of the rules that the events of a window matched. */
export function placesIn(
  correlation: SigmaCorrelation,
  group: Group,
  from: number,
  to: number,
): readonly number[] {
  const all = correlation.rules.map((_, place) => place);
  if (isTemporal(correlation.type)) {
    const seen = seenRules(group, from, to);
    return all.filter((place) => (seen & (1 << place)) !== 0);
  }
  const seen = new Set<number>();
  for (let index = from; index <= to; index += 1) seen.add((group.marks[index] ?? 0) >> 1);
  return all.filter((place) => seen.has(place));
}

function countEvents(_group: Group, from: number, to: number): number {
  return to - from + 1;
}

function countDistinct(group: Group, from: number, to: number): number {
  const { tally } = group;
  if (tally instanceof DistinctValues && isNewest(group, from, to)) return tally.size;
  return new Set(group.measured.slice(from, to + 1)).size;
}

/** The window of the newest event has a tally; others, after a late event, are read afresh. */
function isNewest(group: Group, from: number, to: number): boolean {
  return from === group.live && to === group.times.length - 1;
}

/** Added up afresh, because adding and taking away would let rounding errors grow and differ after a restart. */
function sum(group: Group, from: number, to: number): number {
  let total = 0;
  for (let index = from; index <= to; index += 1) total += Number(group.measured[index]);
  return total;
}

function average(group: Group, from: number, to: number): number {
  return sum(group, from, to) / (to - from + 1);
}

/** Between the two nearest values when the rank falls between them, as PERCENTILE_CONT in SQL. */
function percentileAt(share: number): Measure['of'] {
  return (group, from, to) => {
    const { tally } = group;
    const isTallied = tally instanceof SortedValues && isNewest(group, from, to);
    const sorted = isTallied ? tally : sortedFrom(group, from, to);
    const rank = share * (to - from);
    const below = sorted.at(Math.floor(rank)) ?? Number.NaN;
    const above = sorted.at(Math.ceil(rank)) ?? Number.NaN;
    return below === above ? below : below + (above - below) * (rank - Math.floor(rank));
  };
}

function sortedFrom(group: Group, from: number, to: number): Float64Array {
  const sorted = new Float64Array(to - from + 1);
  for (let index = from; index <= to; index += 1)
    sorted[index - from] = Number(group.measured[index]);
  return sorted.sort();
}

function seenRules(group: Group, from: number, to: number): number {
  let seen = 0;
  for (let index = from; index <= to; index += 1) seen |= group.marks[index] ?? 0;
  return seen >>> 1;
}

function countRules(group: Group, from: number, to: number): number {
  return countBits(seenRules(group, from, to));
}

function countBits(bits: number): number {
  let count = 0;
  for (let left = bits; left !== 0; left &= left - 1) count += 1;
  return count;
}

/** The most rules that were matched in their order, each by an event of its own. */
function longestOrder(ruleCount: number): Measure['of'] {
  const best = new Int32Array(ruleCount);
  return (group, from, to) => {
    const seen = countRules(group, from, to);
    if (seen < 2) return seen;
    best.fill(0);
    for (let index = from; index <= to; index += 1) {
      const mark = (group.marks[index] ?? 0) >>> 1;
      // From the last rule to the first, so that one event is not taken for two steps.
      for (let place = ruleCount - 1; place >= 0; place -= 1) {
        if ((mark & (1 << place)) === 0) continue;
        let before = 0;
        for (let other = 0; other < place; other += 1) before = Math.max(before, best[other] ?? 0);
        best[place] = Math.max(best[place] ?? 0, before + 1);
      }
    }
    return Math.max(...best);
  };
}

function compileExpression(
  condition: Condition,
  places: ReadonlyMap<string, number>,
): (seen: number) => boolean {
  switch (condition.kind) {
    case 'IDENTIFIER': {
      const bit = 1 << (places.get(condition.name) ?? 0);
      return (seen) => (seen & bit) !== 0;
    }
    case 'NOT': {
      const test = compileExpression(condition.operand, places);
      return (seen) => !test(seen);
    }
    case 'AND':
    case 'OR': {
      const tests = condition.operands.map((operand) => compileExpression(operand, places));
      return condition.kind === 'AND'
        ? (seen) => tests.every((test) => test(seen))
        : (seen) => tests.some((test) => test(seen));
    }
    case 'OF':
      // The reader refuses it; there are no names that it could stand for.
      return () => false;
  }
}
