import type { Transaction } from '@vedette/service-kit';
import type { AssetKey, AssetKeyKind, InventoryItem } from './asset-facts.ts';
import type { AssetFacts, Separation } from './asset-groups.ts';

/** Keeps keys of assets, each once, for the next settling. @returns those that were there already */
export async function addAssetKeys(
  tx: Transaction,
  customerId: string,
  keys: readonly AssetKey[],
): Promise<readonly AssetKey[]> {
  if (keys.length === 0) return [];
  const added: { asset_id: string; kind: string; value: string }[] = await tx.query(
    `insert into asset_keys (customer_id, asset_id, kind, value)
     select distinct $1::uuid, k.asset_id, k.kind, k.value
     from unnest($2::uuid[], $3::text[], $4::text[]) as k(asset_id, kind, value)
     order by k.asset_id, k.kind, k.value
     on conflict do nothing
     returning asset_id, kind, value`,
    [
      customerId,
      keys.map(({ assetId }) => assetId),
      keys.map(({ kind }) => kind),
      keys.map(({ value }) => value),
    ],
  );
  const fresh = new Set(added.map(({ asset_id: id, kind, value }) => `${id} ${kind} ${value}`));
  return keys.filter(({ assetId, kind, value }) => !fresh.has(`${assetId} ${kind} ${value}`));
}

/** Keeps what an inventory calls the systems of assets, whose rows the transaction holds already. */
export async function saveSystems(
  tx: Transaction,
  customerId: string,
  items: readonly InventoryItem[],
): Promise<void> {
  const told = [...new Map(items.map((item) => [item.assetId, item])).values()].filter(
    ({ os }) => os !== null,
  );
  if (told.length === 0) return;
  await tx.query(
    `update assets set os = told.os
     from unnest($2::uuid[], $3::text[]) as told(asset_id, os)
     where assets.customer_id = $1 and assets.asset_id = told.asset_id
       and assets.os is distinct from told.os`,
    [customerId, told.map(({ assetId }) => assetId), told.map(({ os }) => os)],
  );
}

/** Up to `limit` keys that nothing was concluded from yet. */
export function findUnsettledKeys(
  tx: Transaction,
  customerId: string,
  limit: number,
): Promise<readonly AssetKey[]> {
  return tx.query(
    `select asset_id as "assetId", kind, value from asset_keys
     where customer_id = $1 and not is_settled limit $2`,
    [customerId, limit],
  );
}

/** Notes that all was concluded from some keys. */
export async function markKeysSettled(
  tx: Transaction,
  customerId: string,
  keys: readonly AssetKey[],
): Promise<void> {
  if (keys.length === 0) return;
  await tx.query(
    `update asset_keys set is_settled = true
     from unnest($2::uuid[], $3::text[], $4::text[]) as k(asset_id, kind, value)
     where asset_keys.customer_id = $1 and asset_keys.asset_id = k.asset_id
       and asset_keys.kind = k.kind and asset_keys.value = k.value`,
    [
      customerId,
      keys.map(({ assetId }) => assetId),
      keys.map(({ kind }) => kind),
      keys.map(({ value }) => value),
    ],
  );
}

/**
 * The assets that share a key with some, directly or through others, and those that are shown together with them now,
 * with what tells them apart.
 */
export async function loadNeighbours(
  tx: Transaction,
  customerId: string,
  assetIds: readonly string[],
): Promise<{ readonly facts: readonly AssetFacts[]; readonly apart: readonly Separation[] }> {
  const ids = await findNeighbours(tx, customerId, assetIds);
  const keys: AssetKey[] = await tx.query(
    `select asset_id as "assetId", kind, value from asset_keys
     where customer_id = $1 and asset_id = any ($2::uuid[])`,
    [customerId, ids],
  );
  const apart: { one: string; other: string }[] = await tx.query(
    `select asset_id as one, other_asset_id as other from asset_separations
     where customer_id = $1 and asset_id = any ($2::uuid[])`,
    [customerId, ids],
  );
  const byAsset = Map.groupBy(keys, ({ assetId }) => assetId);
  return {
    facts: ids.map((assetId) => toFacts(assetId, byAsset.get(assetId) ?? [])),
    apart: apart.map(({ one, other }) => [one, other]),
  };
}

async function findNeighbours(
  tx: Transaction,
  customerId: string,
  assetIds: readonly string[],
): Promise<readonly string[]> {
  const rows: { asset_id: string }[] = await tx.query(
    // From assets to keys and from keys to assets: a key that thousands have is passed once, not once a pair.
    `with recursive reached(asset_id, kind, value) as (
       select unnest($2::uuid[]), null, null
       union
       select next.asset_id, next.kind, next.value
       from reached r
       cross join lateral (
         select null::uuid as asset_id, k.kind, k.value from asset_keys k
         -- A whole name is one asset's. Said so, no index is taken for the kind instead of the asset.
         where k.customer_id = $1 and k.asset_id = r.asset_id and k.kind <> 'HOSTNAME'
         union all
         select k.asset_id, null, null from asset_keys k
         where k.customer_id = $1 and k.kind = r.kind and k.value = r.value
         union all
         select a.merged_into, null, null from assets a
         where a.customer_id = $1 and a.asset_id = r.asset_id and a.merged_into is not null
         union all
         select m.asset_id, null, null from assets m
         where m.customer_id = $1 and m.merged_into = r.asset_id
       ) next
     )
     select asset_id from reached where asset_id is not null order by asset_id`,
    [customerId, assetIds],
  );
  return rows.map(({ asset_id: id }) => id);
}

function toFacts(assetId: string, keys: readonly AssetKey[]): AssetFacts {
  const valuesOf = (wanted: AssetKeyKind): string[] =>
    keys.filter(({ kind }) => kind === wanted).map(({ value }) => value);
  const [hostName = ''] = valuesOf('HOSTNAME');
  return { assetId, hostName, agentIds: valuesOf('AGENT_ID'), macs: valuesOf('MAC') };
}

/** Keeps that a person told an asset apart from others. */
export async function addSeparations(
  tx: Transaction,
  customerId: string,
  assetId: string,
  others: readonly string[],
  told: { readonly setBy: string; readonly setAt: Date },
): Promise<void> {
  await tx.query(
    `insert into asset_separations (customer_id, asset_id, other_asset_id, set_by, set_at)
     select $1, least($2::uuid, other), greatest($2::uuid, other), $4, $5
     from unnest($3::uuid[]) as other
     on conflict do nothing`,
    [customerId, assetId, others, told.setBy, told.setAt.toISOString()],
  );
}

/** Whether a person told an asset apart from any other. */
export async function isSeparated(
  tx: Transaction,
  customerId: string,
  assetId: string,
): Promise<boolean> {
  const rows: unknown[] = await tx.query(
    `select 1 from asset_separations
     where customer_id = $1 and $2 in (asset_id, other_asset_id) limit 1`,
    [customerId, assetId],
  );
  return rows.length > 0;
}

/** What is shown of an asset beside its row, by the asset that it is shown as. */
export interface AssetDetails {
  readonly agentIds: readonly string[];
  readonly macAddresses: readonly string[];
  readonly aliases: readonly string[];
  readonly os: string | null;
}

/** As the schema promises. */
const maxValues = 50;

/** The keys, other names and system of assets and of all that were merged into them. */
export async function loadAssetDetails(
  tx: Transaction,
  assetIds: readonly string[],
): Promise<ReadonlyMap<string, AssetDetails>> {
  const rows: (AssetDetails & { readonly assetId: string })[] = await tx.query(
    `select shown.asset_id as "assetId",
       array(select distinct k.value from asset_keys k join assets m using (customer_id, asset_id)
             where k.customer_id = shown.customer_id and k.kind = 'AGENT_ID'
               and shown.asset_id in (m.asset_id, m.merged_into)
             order by 1 limit $2) as "agentIds",
       array(select distinct k.value from asset_keys k join assets m using (customer_id, asset_id)
             where k.customer_id = shown.customer_id and k.kind = 'MAC'
               and shown.asset_id in (m.asset_id, m.merged_into)
             order by 1 limit $2) as "macAddresses",
       array(select m.name from assets m
             where m.customer_id = shown.customer_id and m.merged_into = shown.asset_id
             order by 1 limit $2) as aliases,
       coalesce(shown.os, (
         select m.os from assets m
         where m.customer_id = shown.customer_id and m.merged_into = shown.asset_id
           and m.os is not null
         order by m.own_last_seen_at desc, m.asset_id limit 1)) as os
     from assets shown where shown.asset_id = any ($1::uuid[])`,
    [assetIds, maxValues],
  );
  return new Map(rows.map((row) => [row.assetId, row]));
}
