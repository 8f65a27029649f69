import { restrictToScope } from '@vedette/service-kit';
import type { Page, TenantScope, Transaction } from '@vedette/service-kit';
import { EntitySchema } from 'typeorm';

/** An asset as it is stored. */
export interface AssetRow {
  readonly assetId: string;
  readonly customerId: string;
  readonly name: string;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
  readonly version: number;
}

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
  },
});

/**
 * Adds the sightings of one customer and tells which assets are new. Rows are taken in the order of
 * their ids, so that two batches of a customer wait for each other instead of blocking each other.
 */
export async function addSightings(
  tx: Transaction,
  customerId: string,
  sightings: readonly AssetSighting[],
): Promise<AssetRow[]> {
  if (sightings.length === 0) return [];
  const rows: {
    asset_id: string;
    name: string;
    first_seen_at: Date;
    last_seen_at: Date;
    is_new: boolean;
  }[] = await tx.query(
    `insert into assets (customer_id, asset_id, name, first_seen_at, last_seen_at, version)
       select $1, s.asset_id, s.name, s.first_seen_at, s.last_seen_at, 1
       from unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[])
         as s(asset_id, name, first_seen_at, last_seen_at)
       order by s.asset_id
       on conflict (customer_id, asset_id) do update set
         name = case when excluded.last_seen_at >= assets.last_seen_at
                     then excluded.name else assets.name end,
         first_seen_at = least(assets.first_seen_at, excluded.first_seen_at),
         last_seen_at = greatest(assets.last_seen_at, excluded.last_seen_at)
       where excluded.last_seen_at > assets.last_seen_at
          or excluded.first_seen_at < assets.first_seen_at
       -- Zero only in a row that this very statement inserted.
       returning asset_id, name, first_seen_at, last_seen_at, (xmax = 0) as is_new`,
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
      lastSeenAt: row.last_seen_at,
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

/** Assets, latest seen first, one row more than the page holds. */
export function listAssets(
  tx: Transaction,
  scope: TenantScope,
  page: Page<['TIME', 'ID']>,
  filter: AssetFilter,
): Promise<AssetRow[]> {
  const query = restrictToScope(tx.getRepository(assetRows).createQueryBuilder('asset'), scope);
  if (filter.from) query.andWhere('asset.lastSeenAt >= :from', { from: filter.from });
  if (filter.to) query.andWhere('asset.firstSeenAt < :to', { to: filter.to });
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
