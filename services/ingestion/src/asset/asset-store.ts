import { restrictToScope } from '@vedette/service-kit';
import type { Page, TenantScope, Transaction } from '@vedette/service-kit';
import { EntitySchema } from 'typeorm';
import type { Level, Verdict } from './assessment.ts';
import type { AssetKind } from './criticality-rules.ts';

/** An asset as it is stored. */
export interface AssetRow {
  readonly assetId: string;
  readonly customerId: string;
  readonly name: string;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
  readonly version: number;
  /** The asset that it is shown as; null while it is shown by itself. */
  readonly mergedInto: string | null;
  readonly kind: AssetKind;
  /** As an inventory calls it. */
  readonly os: string | null;
  readonly criticality: Level;
  readonly criticalitySource: Verdict['source'];
  readonly criticalityReason: string | null;
  readonly criticalitySetBy: string | null;
  readonly criticalitySetAt: Date | null;
}

/** An asset that a batch named for the first time. */
export type DiscoveredAsset = Pick<
  AssetRow,
  'assetId' | 'customerId' | 'name' | 'firstSeenAt' | 'version'
>;

/** Activity seen on an asset within one batch. */
export interface AssetSighting {
  readonly assetId: string;
  readonly name: string;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
}

/** What narrows a list of assets. */
export interface AssetFilter {
  readonly from?: Date;
  readonly to?: Date;
  readonly criticality?: Level;
  readonly kind?: AssetKind;
  /** In one of its names, in whatever case. */
  readonly name?: string;
}

export const assetRows = new EntitySchema<AssetRow>({
  name: 'Asset',
  tableName: 'assets',
  columns: {
    customerId: { type: 'uuid', primary: true, name: 'customer_id' },
    assetId: { type: 'uuid', primary: true, name: 'asset_id' },
    name: { type: 'text' },
    firstSeenAt: { type: 'timestamptz', name: 'first_seen_at' },
    lastSeenAt: { type: 'timestamptz', name: 'last_seen_at' },
    version: { type: 'int' },
    mergedInto: { type: 'uuid', name: 'merged_into', nullable: true },
    kind: { type: 'text' },
    os: { type: 'text', nullable: true },
    criticality: { type: 'text' },
    criticalitySource: { type: 'text', name: 'criticality_source', nullable: true },
    criticalityReason: { type: 'text', name: 'criticality_reason', nullable: true },
    criticalitySetBy: { type: 'text', name: 'criticality_set_by', nullable: true },
    criticalitySetAt: { type: 'timestamptz', name: 'criticality_set_at', nullable: true },
  },
});

/**
 * Adds the sightings of one customer and tells which assets are new. What is seen of an asset that was merged is seen
 * of the one that it is shown as, too. Rows are taken in the order of their ids, so that two batches of a
 * customer wait for each other instead of blocking each other.
 */
export async function addSightings(
  tx: Transaction,
  customerId: string,
  sightings: readonly AssetSighting[],
): Promise<DiscoveredAsset[]> {
  if (sightings.length === 0) return [];
  const rows: { asset_id: string; name: string; first_seen_at: Date; is_new: boolean }[] =
    await tx.query(
      `with seen as (
         select s.*, a.merged_into
         from unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[])
           as s(asset_id, name, first_seen_at, last_seen_at)
         left join assets a on a.customer_id = $1 and a.asset_id = s.asset_id
       ), touched as (
         select asset_id, name, first_seen_at as own_first, last_seen_at as own_last,
                first_seen_at, last_seen_at
         from seen
         union all
         select merged_into, null, null, null, first_seen_at, last_seen_at
         from seen where merged_into is not null
       ), given as (
         select asset_id, max(name) as name, min(own_first) as own_first, max(own_last) as own_last,
                min(first_seen_at) as first_seen_at, max(last_seen_at) as last_seen_at
         from touched group by asset_id
       )
       insert into assets
         (customer_id, asset_id, name, own_first_seen_at, own_last_seen_at, first_seen_at,
          last_seen_at, version)
       -- Without a name it is there already: others were merged into it.
       select $1, asset_id, coalesce(name, ''), own_first, own_last, first_seen_at, last_seen_at, 1
       from given
       order by asset_id
       on conflict (customer_id, asset_id) do update set
         name = case when excluded.own_last_seen_at
                          >= coalesce(assets.own_last_seen_at, assets.last_seen_at)
                     then excluded.name else assets.name end,
         own_first_seen_at = least(excluded.own_first_seen_at,
                                   coalesce(assets.own_first_seen_at, assets.first_seen_at)),
         own_last_seen_at = greatest(excluded.own_last_seen_at,
                                     coalesce(assets.own_last_seen_at, assets.last_seen_at)),
         first_seen_at = least(assets.first_seen_at, excluded.first_seen_at),
         last_seen_at = greatest(assets.last_seen_at, excluded.last_seen_at)
       where excluded.last_seen_at > assets.last_seen_at
          or excluded.first_seen_at < assets.first_seen_at
          or excluded.own_last_seen_at > assets.own_last_seen_at
          or excluded.own_first_seen_at < assets.own_first_seen_at
       -- Zero only in a row that this very statement inserted.
       returning asset_id, name, first_seen_at, (xmax = 0) as is_new`,
      [
        customerId,
        sightings.map((sighting) => sighting.assetId),
        sightings.map((sighting) => sighting.name),
        sightings.map((sighting) => sighting.firstSeenAt.toISOString()),
        sightings.map((sighting) => sighting.lastSeenAt.toISOString()),
      ],
    );
  return rows
    .filter((row) => row.is_new)
    .map((row) => ({
      assetId: row.asset_id,
      customerId,
      name: row.name,
      firstSeenAt: row.first_seen_at,
      version: 1,
    }));
}

export function findAssets(
  tx: Transaction,
  scope: TenantScope,
  assetIds: readonly string[],
): Promise<AssetRow[]> {
  return restrictToScope(tx.getRepository(assetRows).createQueryBuilder('asset'), scope)
    .andWhere('asset.assetId = any (:assetIds)', { assetIds: [...assetIds] })
    .getMany();
}

/** Whether an asset, or one that was merged into it, has a text in its name. */
const hasName = `(position(lower(:part) in lower(asset.name)) > 0 or exists (
  select from assets alias
  where alias.customer_id = asset.customer_id and alias.merged_into = asset.asset_id
    and position(lower(:part) in lower(alias.name)) > 0))`;

/** Assets that are shown by themselves, latest seen first, one row more than the page holds. */
export function listAssets(
  tx: Transaction,
  scope: TenantScope,
  page: Page<['TIME', 'ID']>,
  filter: AssetFilter,
): Promise<AssetRow[]> {
  const query = restrictToScope(
    tx.getRepository(assetRows).createQueryBuilder('asset'),
    scope,
  ).andWhere('asset.mergedInto is null');
  if (filter.from) query.andWhere('asset.lastSeenAt >= :from', { from: filter.from });
  if (filter.to) query.andWhere('asset.firstSeenAt < :to', { to: filter.to });
  const { criticality, kind, name } = filter;
  if (criticality) query.andWhere('asset.criticality = :criticality', { criticality });
  if (kind) query.andWhere('asset.kind = :kind', { kind });
  if (name !== undefined) query.andWhere(hasName, { part: name });
  if (page.after) {
    const [lastSeenAt, assetId] = page.after;
    query.andWhere('(asset.lastSeenAt, asset.assetId) < (:lastSeenAt, :assetId)', {
      lastSeenAt,
      assetId,
    });
  }
  return query
    .orderBy('asset.lastSeenAt', 'DESC')
    .addOrderBy('asset.assetId', 'DESC')
    .limit(page.limit + 1)
    .getMany();
}
