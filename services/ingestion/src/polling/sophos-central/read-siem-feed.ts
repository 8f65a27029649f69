import { isRefusal } from '../../connectors/sophos-central/client/central-failure.ts';
import type { SophosCentralClient } from '../../connectors/sophos-central/client/sophos-central-client.ts';
import type { JsonRecord } from '../../connectors/index.ts';
import { overlapMs } from '../poll-page.ts';
import type { PollPage, ReadPage } from '../poll-page.ts';
import type { PollProgress } from '../poll-store.ts';
import { itemsOf } from './items-of.ts';

/** The feed reaches that far back, and no further. */
const reachMs = 86_400_000;
/** A start may not be quite as old as that, since the call takes its time and clocks differ. */
const slackMs = 60_000;
const pageSize = 1_000;

/** Where a run is: the source's cursor, and when the run began (epoch milliseconds). */
interface Place {
  readonly cursor: string;
  readonly startedAt: number;
}

/**
 * Reads the SIEM feed of events or alerts. Each run begins a little before where the last one ended, by date: a
 * cursor is a place in time that late records lie before. Within a run the source's cursor leads from page to page,
 * and one that it no longer knows is dropped for the date.
 */
export function readSiemFeed(client: SophosCentralClient, feed: 'events' | 'alerts'): ReadPage {
  const path = `/siem/v1/${feed}`;
  return async (progress, now) => {
    const place = readPlace(progress.cursor);
    const isInReach = (progress.checkpointAt?.getTime() ?? Infinity) >= now.getTime() - reachMs;
    if (place && isInReach) {
      try {
        const answer = await client.get(path, { limit: pageSize, cursor: place.cursor });
        return toPage(answer, progress, place.startedAt, now);
      } catch (error) {
        // Anything else is as wrong without the cursor.
        if (!isRefusal(error)) throw error;
      }
    }
    const { from, gap } = startOf(progress, now);
    const fromDate = Math.floor(from / 1_000);
    const answer = await client.get(path, { limit: pageSize, from_date: fromDate });
    // What is out of reach is not waited for any more.
    const reached = gap ? { ...progress, checkpointAt: gap.to } : progress;
    return { ...toPage(answer, reached, now.getTime(), now), ...(gap ? { gap } : {}) };
  };
}

/** Where a run by date begins, epoch milliseconds, and what is lost before it. */
function startOf(
  { checkpointAt }: PollProgress,
  now: Date,
): { readonly from: number; readonly gap?: { readonly from: Date; readonly to: Date } } {
  const oldest = now.getTime() - reachMs + slackMs;
  if (!checkpointAt) return { from: oldest };
  const from = Math.max(oldest, checkpointAt.getTime() - overlapMs);
  if (checkpointAt.getTime() >= now.getTime() - reachMs) return { from };
  return { from, gap: { from: checkpointAt, to: new Date(oldest) } };
}

function toPage(
  answer: JsonRecord,
  progress: PollProgress,
  startedAt: number,
  now: Date,
): PollPage {
  const records = itemsOf(answer);
  const cursor = answer['next_cursor'];
  // A source that says there is more and gives nothing would be asked for ever.
  const goesOn = answer['has_more'] === true && typeof cursor === 'string' && records.length > 0;
  if (!goesOn) {
    const checkpointAt = latest(progress.checkpointAt, startedAt);
    return { records, isLast: true, progress: { cursor: null, checkpointAt } };
  }
  // Records come in the order in which the source received them; a host's fast clock does not move us past now.
  const newest = records.reduce<number>((time, record) => Math.max(time, receivedAt(record)), 0);
  const checkpointAt =
    newest > 0
      ? latest(progress.checkpointAt, Math.min(newest, now.getTime()))
      : progress.checkpointAt;
  const place: Place = { cursor, startedAt };
  return { records, isLast: false, progress: { cursor: { ...place }, checkpointAt } };
}

function latest(before: Date | null, at: number): Date {
  return new Date(Math.max(before?.getTime() ?? 0, at));
}

function receivedAt(record: unknown): number {
  const time = Date.parse(String((record as JsonRecord | null)?.['created_at']));
  return Number.isNaN(time) ? 0 : time;
}

function readPlace(cursor: JsonRecord | null): Place | null {
  const [text, startedAt] = [cursor?.['cursor'], cursor?.['startedAt']];
  return typeof text === 'string' && typeof startedAt === 'number'
    ? { cursor: text, startedAt }
    : null;
}
