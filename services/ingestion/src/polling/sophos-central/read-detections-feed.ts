import type { JsonRecord } from '../../connectors/index.ts';
import { isRefusal } from '../../connectors/sophos-central/client/central-failure.ts';
import type { SophosCentralClient } from '../../connectors/sophos-central/client/sophos-central-client.ts';
import { overlapMs } from '../poll-page.ts';
import type { PollPage, ReadPage } from '../poll-page.ts';
import type { PollProgress } from '../poll-store.ts';
import { itemsOf } from './items-of.ts';

const dayMs = 86_400_000;
const pageSize = 500;
/** How soon a run that is not finished is looked at again. */
const unfinishedMs = 5_000;
/** How soon a run that came to nothing is begun anew. */
const anewMs = 60_000;

/** A run that was begun: which time it asks for (epoch milliseconds), and the next page of its results, from 1. */
interface Place {
  readonly runId: string;
  readonly from: number;
  readonly to: number;
  readonly page: number;
}

const runs = '/detections/v1/queries/detections';

/**
 * Reads detections: begins a run over the time since the last one and a little before, waits for it, then reads its
 * results by page. A run that failed, or that the source no longer knows, is begun anew over the same time.
 */
export function readDetectionsFeed(client: SophosCentralClient): ReadPage {
  return async (progress, now) => {
    const place = readPlace(progress.cursor);
    if (!place) return beginRun(client, progress, now);
    const restart: PollPage = {
      ...{ records: [], isLast: true, waitMs: anewMs },
      progress: { ...progress, cursor: null },
    };
    try {
      const run = await client.get(`${runs}/${place.runId}`);
      if (run['status'] !== 'finished') {
        return { records: [], isLast: true, waitMs: unfinishedMs, progress };
      }
      if (run['result'] !== 'succeeded') return restart;
      return await readResults(client, place, progress, now);
    } catch (error) {
      if (isRefusal(error)) return restart;
      throw error;
    }
  };
}

async function beginRun(
  client: SophosCentralClient,
  progress: PollProgress,
  now: Date,
): Promise<PollPage> {
  const { checkpointAt } = progress;
  const from = checkpointAt ? checkpointAt.getTime() - overlapMs : now.getTime() - dayMs;
  // After a long absence day by day, so that no run becomes too large.
  const to = Math.min(now.getTime(), from + dayMs);
  const run = await client.post(runs, {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    sort: [{ field: 'time', direction: 'asc' }],
  });
  const place: Place = { runId: String(run['id']), from, to, page: 1 };
  // The run is noted before it is looked at: who comes after a crash goes on with it.
  return { records: [], isLast: false, progress: { ...progress, cursor: { ...place } } };
}

async function readResults(
  client: SophosCentralClient,
  place: Place,
  progress: PollProgress,
  now: Date,
): Promise<PollPage> {
  const { runId, page, to } = place;
  const answer = await client.get(`${runs}/${runId}/results`, { page, pageSize });
  const records = itemsOf(answer);
  if (records.length >= pageSize) {
    const next: Place = { ...place, page: page + 1 };
    return { records, isLast: false, progress: { ...progress, cursor: { ...next } } };
  }
  const checkpointAt = new Date(Math.max(progress.checkpointAt?.getTime() ?? 0, to));
  // Where a day was too short, the rest is asked for at once.
  const isLast = to + overlapMs >= now.getTime();
  return { records, isLast, progress: { cursor: null, checkpointAt } };
}

function readPlace(cursor: JsonRecord | null): Place | null {
  const { runId, from, to, page } = cursor ?? {};
  const isWhole =
    typeof runId === 'string' &&
    typeof from === 'number' &&
    typeof to === 'number' &&
    typeof page === 'number';
  return isWhole ? { runId, from, to, page } : null;
}
