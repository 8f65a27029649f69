import { isRefusal } from '../../connectors/sophos-central/client/central-failure.ts';
import type { SophosCentralClient } from '../../connectors/sophos-central/client/sophos-central-client.ts';
import type { ReadPage } from '../poll-page.ts';
import { itemsOf, nextKeyOf } from './items-of.ts';

const pageSize = 500;

/** Reads the whole inventory of endpoints; a page key that the source no longer knows begins it anew. */
export function readEndpointsFeed(client: SophosCentralClient): ReadPage {
  const path = '/endpoint/v1/endpoints';
  return async ({ cursor, checkpointAt }, now) => {
    const key = cursor?.['pageFromKey'];
    const query = { view: 'full', pageSize };
    const askFrom = (pageFromKey: unknown) =>
      client.get(path, typeof pageFromKey === 'string' ? { ...query, pageFromKey } : query);
    const answer = await askFrom(key).catch((error: unknown) => {
      if (key === undefined || !isRefusal(error)) throw error;
      return askFrom(undefined);
    });
    const records = itemsOf(answer);
    const nextKey = nextKeyOf(answer);
    if (nextKey !== null && records.length > 0) {
      const progress = { cursor: { pageFromKey: nextKey }, checkpointAt };
      return { records, isLast: false, progress };
    }
    return { records, isLast: true, progress: { cursor: null, checkpointAt: now } };
  };
}

/** Reads the account's health check: one record. */
export function readHealthFeed(client: SophosCentralClient): ReadPage {
  return async (_, now) => {
    const check = await client.get('/account-health-check/v1/health-check');
    return { records: [check], isLast: true, progress: { cursor: null, checkpointAt: now } };
  };
}
