import { restrictToScope } from '@vedette/service-kit';
import type { Page, TenantScope, Transaction } from '@vedette/service-kit';
import { EntitySchema } from 'typeorm';
import type { Level, Verdict } from '../asset/assessment.ts';
import type { IdentityKind } from './account-name.ts';
import type { IdentitySighting } from './identity-facts.ts';

/** An identity as it is stored. */
export interface IdentityRow {
  readonly identityId: string;
  readonly customerId: string;
  readonly name: string;
  readonly domain: string | null;
  readonly kind: IdentityKind;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
  /** The identity that it is shown as; null while it is shown by itself. */
  readonly mergedInto: string | null;
  readonly risk: Level;
  readonly riskSource: Verdict['source'];
  readonly riskReason: string | null;
  readonly riskSetBy: string | null;
  readonly riskSetAt: Date | null;
  readonly version: number;
}

/** An identity that a batch named for the first time. */
export type DiscoveredIdentity = Pick<
  IdentityRow,
  'identityId' | 'customerId' | 'name' | 'domain' | 'kind' | 'firstSeenAt' | 'version'
>;

/** What narrows a list of identities. */
export interface IdentityFilter {
  readonly from?: Date;
  readonly to?: Date;
  readonly risk?: Level;
  readonly kind?: IdentityKind;
  /** In one of its names, in whatever case. */
  readonly name?: string;
}

export const identityRows = new EntitySchema<IdentityRow>({
  name: 'Identity',
  tableName: 'identities',
  columns: {
    customerId: { type: 'uuid', primary: true, name: 'customer_id' },
    identityId: { type: 'uuid', primary: true, name: 'identity_id' },
    name: { type: 'text' },
    domain: { type: 'text', nullable: true },
    kind: { type: 'text' },
    firstSeenAt: { type: 'timestamptz', name: 'first_seen_at' },
    lastSeenAt: { type: 'timestamptz', name: 'last_seen_at' },
    mergedInto: { type: 'uuid', name: 'merged_into', nullable: true },
    risk: { type: 'text' },
    riskSource: { type: 'text', name: 'risk_source', nullable: true },
    riskReason: { type: 'text', name: 'risk_reason', nullable: true },
    riskSetBy: { type: 'text', name: 'risk_set_by', nullable: true },
    riskSetAt: { type: 'timestamptz', name: 'risk_set_at', nullable: true },
    version: { type: 'int' },
  },
});

/**
 * Adds the sightings of one customer and tells which identities are new. Times are kept to the minute: a row that has
 * nothing new is only read, since an account such as SYSTEM is in every batch of every host, and
 * batches would wait for each other. Rows are taken in the order of their ids.
 */
export async function addIdentitySightings(
  tx: Transaction,
  customerId: string,
  sightings: readonly IdentitySighting[],
): Promise<DiscoveredIdentity[]> {
  if (sightings.length === 0) return [];
  const rows: (Omit<DiscoveredIdentity, 'customerId' | 'version'> & { isNew: boolean })[] =
    await tx.query(
      `with seen as (
         select s.*, i.merged_into
         from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],
                     $7::timestamptz[])
           as s(identity_id, name, domain, kind, first_seen_at, last_seen_at)
         left join identities i on i.customer_id = $1 and i.identity_id = s.identity_id
       ), touched as (
         select identity_id, name, domain, kind, first_seen_at, last_seen_at from seen
         union all
         select merged_into, null, null, null, first_seen_at, last_seen_at
         from seen where merged_into is not null
       ), given as (
         select identity_id, max(name) as name, max(domain) as domain, max(kind) as kind,
                min(first_seen_at) as first_seen_at, max(last_seen_at) as last_seen_at
         from touched group by identity_id
       )
       insert into identities
         (customer_id, identity_id, name, domain, kind, first_seen_at, last_seen_at, version)
       -- Without a name it is there already: others were merged into it.
       select $1, g.identity_id, coalesce(g.name, ''), g.domain, coalesce(g.kind, 'USER'),
              g.first_seen_at, g.last_seen_at, 1
       from given g
       left join identities i on i.customer_id = $1 and i.identity_id = g.identity_id
       where i.identity_id is null
          or g.last_seen_at > i.last_seen_at + interval '1 minute'
          or g.first_seen_at < i.first_seen_at - interval '1 minute'
       order by g.identity_id
       on conflict (customer_id, identity_id) do update set
         first_seen_at = least(identities.first_seen_at, excluded.first_seen_at),
         last_seen_at = greatest(identities.last_seen_at, excluded.last_seen_at)
       -- Zero only in a row that this very statement inserted.
       returning identity_id as "identityId", name, domain, kind, first_seen_at as "firstSeenAt",
                 (xmax = 0) as "isNew"`,
      [
        customerId,
        sightings.map((sighting) => sighting.identityId),
        sightings.map((sighting) => sighting.name),
        sightings.map((sighting) => sighting.domain),
        sightings.map((sighting) => sighting.kind),
        sightings.map((sighting) => sighting.firstSeenAt.toISOString()),
        sightings.map((sighting) => sighting.lastSeenAt.toISOString()),
      ],
    );
  return rows
    .filter(({ isNew }) => isNew)
    .map(({ isNew: _, ...identity }) => ({ ...identity, customerId, version: 1 }));
}

export function findIdentities(
  tx: Transaction,
  scope: TenantScope,
  identityIds: readonly string[],
): Promise<IdentityRow[]> {
  return restrictToScope(tx.getRepository(identityRows).createQueryBuilder('identity'), scope)
    .andWhere('identity.identityId = any (:identityIds)', { identityIds: [...identityIds] })
    .getMany();
}

/** Whether an identity, or one that was merged into it, has a text in its name or domain. */
const hasName = `(
  position(lower(:part) in lower(concat_ws('\\', identity.domain, identity.name))) > 0 or exists (
    select from identities alias
    where alias.customer_id = identity.customer_id and alias.merged_into = identity.identity_id
      and position(lower(:part) in lower(concat_ws('\\', alias.domain, alias.name))) > 0))`;

/** Identities that are shown by themselves, latest seen first, one row more than the page holds. */
export function listIdentities(
  tx: Transaction,
  scope: TenantScope,
  page: Page<['TIME', 'ID']>,
  { from, to, risk, kind, name }: IdentityFilter,
): Promise<IdentityRow[]> {
  const query = restrictToScope(
    tx.getRepository(identityRows).createQueryBuilder('identity'),
    scope,
  ).andWhere('identity.mergedInto is null');
  if (from) query.andWhere('identity.lastSeenAt >= :from', { from });
  if (to) query.andWhere('identity.firstSeenAt < :to', { to });
  if (risk) query.andWhere('identity.risk = :risk', { risk });
  if (kind) query.andWhere('identity.kind = :kind', { kind });
  if (name !== undefined) query.andWhere(hasName, { part: name });
  if (page.after) {
    const [lastSeenAt, identityId] = page.after;
    query.andWhere('(identity.lastSeenAt, identity.identityId) < (:lastSeenAt, :identityId)', {
      lastSeenAt,
      identityId,
    });
  }
  return query
    .orderBy('identity.lastSeenAt', 'DESC')
    .addOrderBy('identity.identityId', 'DESC')
    .limit(page.limit + 1)
    .getMany();
}

/** As the schema promises. */
const maxAliases = 50;

/** The names of the identities that were merged into some, by the identity that they are shown as. */
export async function loadIdentityAliases(
  tx: Transaction,
  identityIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows: { id: string; alias: string }[] = await tx.query(
    `select merged_into as id,
            case when position('@' in name) > 1 then name else concat_ws('\\', domain, name) end as alias
     from identities where merged_into = any ($1::uuid[]) order by 2`,
    [identityIds],
  );
  const byId = Map.groupBy(rows, ({ id }) => id);
  return new Map(
    [...byId].map(([id, found]) => [id, found.slice(0, maxAliases).map(({ alias }) => alias)]),
  );
}
