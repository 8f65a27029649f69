import { addToOutbox } from '@vedette/event-bus';
import type { OutboxEvent } from '@vedette/event-bus';
import type { Transaction } from '@vedette/service-kit';
import { assetCriticalityChanged, assetMerged, assetUnmerged } from '../events.ts';
import type { Doing } from '../events.ts';
import { person, weighOpinions } from './assessment.ts';
import type { Opinion, Verdict } from './assessment.ts';
import { loadOpinions } from './assessment-store.ts';
import { loadNeighbours } from './asset-key-store.ts';
import { mergeAssets } from './asset-merging.ts';
import { kindBy } from './criticality-rules.ts';
import type { AssetKind } from './criticality-rules.ts';

/** What settling decides of an asset. */
interface SettledAsset {
  readonly assetId: string;
  readonly version: number;
  readonly mergedInto: string | null;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
  readonly kind: AssetKind;
  readonly verdict: Verdict;
}

interface HeldAsset extends SettledAsset {
  readonly ownFirstSeenAt: Date;
  readonly ownLastSeenAt: Date;
}

/**
 * Decides anew which of a customer's assets are one, what each is and how much depends on it, for some assets and all
 * that have to do with them; saves what has changed, with its events. Safe to repeat. The caller holds
 * the customer's lock (`lockFacts`): rows are taken in the order of their ids, as the history writer takes them.
 */
export async function settleAssets(
  tx: Transaction,
  customerId: string,
  assetIds: readonly string[],
  doing: Doing,
): Promise<void> {
  const { facts, apart } = await loadNeighbours(tx, customerId, assetIds);
  const ids = facts.map(({ assetId }) => assetId);
  const held = await holdAssets(tx, customerId, ids);
  const survivors = mergeAssets(facts, apart);
  const opinions = await loadOpinions(tx, customerId, ids);
  const groups = Map.groupBy(held, ({ assetId }) => survivors.get(assetId) ?? assetId);
  const changed: { before: HeldAsset; after: SettledAsset }[] = [];
  for (const [survivorId, members] of groups) {
    for (const before of members) {
      const after =
        before.assetId === survivorId
          ? settleSurvivor(before, members, opinions)
          : settleMerged(before, survivorId);
      if (!isSame(before, after)) changed.push({ before, after });
    }
  }
  await saveAssets(
    tx,
    customerId,
    changed.map(({ after }) => after),
  );
  await addToOutbox(
    tx,
    changed.flatMap(({ before, after }) => toEvents(customerId, before, after, doing)),
  );
}

function settleSurvivor(
  before: HeldAsset,
  members: readonly HeldAsset[],
  opinions: ReadonlyMap<string, readonly Opinion[]>,
): SettledAsset {
  const all = members.flatMap(({ assetId }) => opinions.get(assetId) ?? []);
  const rules = all.filter(({ basis }) => basis !== person).map(({ basis }) => basis);
  return {
    assetId: before.assetId,
    version: before.version + 1,
    mergedInto: null,
    firstSeenAt: new Date(Math.min(...members.map((each) => each.ownFirstSeenAt.getTime()))),
    lastSeenAt: new Date(Math.max(...members.map((each) => each.ownLastSeenAt.getTime()))),
    kind: kindBy(rules),
    verdict: weighOpinions(all),
  };
}

/** What it was by itself stays with it: nobody is shown it while it is merged. */
function settleMerged(before: HeldAsset, survivorId: string): SettledAsset {
  const { assetId, version, kind, verdict, ownFirstSeenAt, ownLastSeenAt } = before;
  return {
    ...{ assetId, version: version + 1, mergedInto: survivorId, kind, verdict },
    ...{ firstSeenAt: ownFirstSeenAt, lastSeenAt: ownLastSeenAt },
  };
}

function isSame(before: SettledAsset, after: SettledAsset): boolean {
  return (
    before.mergedInto === after.mergedInto &&
    before.kind === after.kind &&
    before.firstSeenAt.getTime() === after.firstSeenAt.getTime() &&
    before.lastSeenAt.getTime() === after.lastSeenAt.getTime() &&
    isSameVerdict(before.verdict, after.verdict)
  );
}

/** Whether nobody has to be told: who says so, what, and why are as before. */
export function isSameVerdict(before: Verdict, after: Verdict): boolean {
  return (
    before.level === after.level &&
    before.source === after.source &&
    before.setBy === after.setBy &&
    before.reason === after.reason
  );
}

function toEvents(
  customerId: string,
  before: HeldAsset,
  after: SettledAsset,
  doing: Doing,
): OutboxEvent[] {
  const asset = { customerId, assetId: after.assetId, version: after.version };
  const events: OutboxEvent[] = [];
  if (after.mergedInto !== null && after.mergedInto !== before.mergedInto) {
    events.push(assetMerged(asset, after.mergedInto, doing));
  }
  if (after.mergedInto === null && before.mergedInto !== null) {
    events.push(assetUnmerged(asset, before.mergedInto, doing));
  }
  if (!isSameVerdict(before.verdict, after.verdict)) {
    events.push(assetCriticalityChanged(asset, after.verdict, doing));
  }
  return events;
}

type StoredAsset = Omit<HeldAsset, 'verdict'> & Verdict;

async function holdAssets(
  tx: Transaction,
  customerId: string,
  assetIds: readonly string[],
): Promise<HeldAsset[]> {
  const rows: StoredAsset[] = await tx.query(
    `select asset_id as "assetId", version, merged_into as "mergedInto", kind,
            first_seen_at as "firstSeenAt", last_seen_at as "lastSeenAt",
            coalesce(own_first_seen_at, first_seen_at) as "ownFirstSeenAt",
            coalesce(own_last_seen_at, last_seen_at) as "ownLastSeenAt",
            criticality as level, criticality_source as source, criticality_reason as reason,
            criticality_set_by as "setBy", criticality_set_at as "setAt"
     from assets where customer_id = $1 and asset_id = any ($2::uuid[])
     order by asset_id for update`,
    [customerId, assetIds],
  );
  return rows.map(({ level, source, reason, setBy, setAt, ...asset }) => ({
    ...asset,
    verdict: { level, source, reason, setBy, setAt },
  }));
}

async function saveAssets(
  tx: Transaction,
  customerId: string,
  assets: readonly SettledAsset[],
): Promise<void> {
  if (assets.length === 0) return;
  await tx.query(
    `update assets set
       version = s.version, merged_into = s.merged_into, first_seen_at = s.first_seen_at,
       last_seen_at = s.last_seen_at, kind = s.kind, criticality = s.level,
       criticality_source = s.source, criticality_reason = s.reason,
       criticality_set_by = s.set_by, criticality_set_at = s.set_at
     from unnest($2::uuid[], $3::int[], $4::uuid[], $5::timestamptz[], $6::timestamptz[], $7::text[],
                 $8::text[], $9::text[], $10::text[], $11::text[], $12::timestamptz[])
       as s(asset_id, version, merged_into, first_seen_at, last_seen_at, kind, level, source,
            reason, set_by, set_at)
     where assets.customer_id = $1 and assets.asset_id = s.asset_id`,
    [
      customerId,
      assets.map(({ assetId }) => assetId),
      assets.map(({ version }) => version),
      assets.map(({ mergedInto }) => mergedInto),
      assets.map(({ firstSeenAt }) => firstSeenAt.toISOString()),
      assets.map(({ lastSeenAt }) => lastSeenAt.toISOString()),
      assets.map(({ kind }) => kind),
      assets.map(({ verdict }) => verdict.level),
      assets.map(({ verdict }) => verdict.source),
      assets.map(({ verdict }) => verdict.reason),
      assets.map(({ verdict }) => verdict.setBy),
      assets.map(({ verdict }) => verdict.setAt?.toISOString() ?? null),
    ],
  );
}
