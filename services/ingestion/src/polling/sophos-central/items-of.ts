import { z } from 'zod';
import type { JsonRecord } from '../../connectors/index.ts';
import { CentralFailure } from '../../connectors/sophos-central/client/central-failure.ts';

const pageAnswer = z.object({ items: z.array(z.unknown()) });
const keyedAnswer = z.object({ pages: z.object({ nextKey: z.string().optional() }).optional() });

/**
 * The items of a page. An answer without any list is not taken for an empty one: the checkpoint would move over what
 * was not read.
 * @throws {CentralFailure} it has none
 */
export function itemsOf(answer: JsonRecord): readonly unknown[] {
  const parsed = pageAnswer.safeParse(answer);
  if (parsed.success) return parsed.data.items;
  throw new CentralFailure('UNREADABLE', 'Sophos Central answered a page without items.');
}

/** The key of the next page; null on the last one. */
export function nextKeyOf(answer: JsonRecord): string | null {
  const parsed = keyedAnswer.safeParse(answer);
  return (parsed.success ? parsed.data.pages?.nextKey : null) ?? null;
}
