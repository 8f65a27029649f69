import { InvalidInputError } from '@vedette/service-kit';

const techniqueTag = /^attack\.(t\d{4}(?:\.\d{3})?)$/;

/** The techniques among a rule's Sigma tags, such as `attack.t1003.002`. */
export function techniqueIdsOf(tags: readonly string[]): string[] {
  return tags.flatMap((tag) => techniqueTag.exec(tag.toLowerCase())?.[1]?.toUpperCase() ?? []);
}

/** From the first instant to before the second. */
export interface Period {
  readonly from: Date;
  readonly to: Date;
}

const dayMs = 24 * 60 * 60 * 1_000;
const defaultDays = 30;
const maxDays = 366;

/**
 * What is counted when parts of the period are left out.
 * @throws {InvalidInputError} it ends before it begins, or is longer than 366 days
 */
export function toCountedPeriod(
  { from, to }: { readonly from?: Date | null; readonly to?: Date | null },
  now: Date,
): Period {
  const end = to ?? now;
  const period = { from: from ?? new Date(end.getTime() - defaultDays * dayMs), to: end };
  const days = (period.to.getTime() - period.from.getTime()) / dayMs;
  if (days >= 0 && days <= maxDays) return period;
  throw new InvalidInputError(`'filter.from' and 'filter.to' must be 0 to ${maxDays} days apart.`, [
    { path: 'filter', problem: days < 0 ? 'ends before it begins' : `longer than ${maxDays} days` },
  ]);
}
