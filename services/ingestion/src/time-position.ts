import { InvalidInputError, parseId } from '@vedette/service-kit';
import type { Page } from '@vedette/service-kit';

/** A place in a list that is sorted by a time and then by an id. */
export interface TimePosition {
  readonly at: Date;
  readonly id: string;
}

/** Milliseconds of the years 0000 to 9999: what PostgreSQL and RFC 3339 both can write. */
const earliest = Date.parse('0000-01-01T00:00:00Z');
const latest = Date.parse('9999-12-31T23:59:59Z');

/** Reads a page's cursor. @throws {InvalidInputError} it is not one of such a list */
export function toTimePosition(page: Page): TimePosition | undefined {
  if (!page.after) return undefined;
  const [milliseconds, id] = page.after;
  if (typeof milliseconds !== 'number' || !(milliseconds >= earliest && milliseconds <= latest)) {
    throw new InvalidInputError("'after' is not a cursor of this list.", [
      { path: 'after', problem: 'not a cursor' },
    ]);
  }
  return { at: new Date(milliseconds), id: parseId('after', String(id)) };
}
