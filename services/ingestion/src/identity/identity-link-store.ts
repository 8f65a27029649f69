import type { Transaction } from '@vedette/service-kit';
import type { IdentityLink } from './identity-facts.ts';

/** Keeps links of identities, each once, for the next settling. @returns those that were there already */
export async function addIdentityLinks(
  tx: Transaction,
  customerId: string,
  links: readonly IdentityLink[],
): Promise<readonly IdentityLink[]> {
  if (links.length === 0) return [];
  const added: { identity_id: string; kind: string; linked_id: string }[] = await tx.query(
    `insert into identity_links (customer_id, identity_id, kind, linked_id)
     select distinct $1::uuid, l.identity_id, l.kind, l.linked_id
     from unnest($2::uuid[], $3::text[], $4::uuid[]) as l(identity_id, kind, linked_id)
     order by l.identity_id, l.kind, l.linked_id
     on conflict do nothing
     returning identity_id, kind, linked_id`,
    [
      customerId,
      links.map(({ identityId }) => identityId),
      links.map(({ kind }) => kind),
      links.map(({ linkedId }) => linkedId),
    ],
  );
  const fresh = new Set(added.map((row) => `${row.identity_id} ${row.kind} ${row.linked_id}`));
  return links.filter(
    ({ identityId, kind, linkedId }) => !fresh.has(`${identityId} ${kind} ${linkedId}`),
  );
}

/** Up to `limit` links that nothing was concluded from yet. */
export function findUnsettledLinks(
  tx: Transaction,
  customerId: string,
  limit: number,
): Promise<readonly IdentityLink[]> {
  return tx.query(
    `select identity_id as "identityId", kind, linked_id as "linkedId" from identity_links
     where customer_id = $1 and not is_settled limit $2`,
    [customerId, limit],
  );
}

/** Notes that all was concluded from some links. */
export async function markLinksSettled(
  tx: Transaction,
  customerId: string,
  links: readonly IdentityLink[],
): Promise<void> {
  if (links.length === 0) return;
  await tx.query(
    `update identity_links set is_settled = true
     from unnest($2::uuid[], $3::text[], $4::uuid[]) as l(identity_id, kind, linked_id)
     where identity_links.customer_id = $1 and identity_links.identity_id = l.identity_id
       and identity_links.kind = l.kind and identity_links.linked_id = l.linked_id`,
    [
      customerId,
      links.map(({ identityId }) => identityId),
      links.map(({ kind }) => kind),
      links.map(({ linkedId }) => linkedId),
    ],
  );
}

/**
 * The ids of identities that are one with some, directly or through others, by links of kind `NAME`, and all links of
 * these. A seed may also be what stands for a security identifier: then it is that of the identities that have it.
 */
export async function loadLinked(
  tx: Transaction,
  customerId: string,
  seeds: readonly string[],
): Promise<{ readonly ids: readonly string[]; readonly links: readonly IdentityLink[] }> {
  const found: { id: string }[] = await tx.query(
    `with recursive linked(id) as (
       select unnest($2::uuid[])
       union
       select identity_id from identity_links
       where customer_id = $1 and linked_id = any ($2::uuid[])
       union
       select next.id from linked
       cross join lateral (
         select linked_id as id from identity_links
         where customer_id = $1 and kind = 'NAME' and identity_id = linked.id
         union all
         select identity_id from identity_links
         where customer_id = $1 and kind = 'NAME' and linked_id = linked.id
       ) next
     )
     select id from linked order by id`,
    [customerId, seeds],
  );
  const ids = found.map(({ id }) => id);
  const links: IdentityLink[] = await tx.query(
    `select identity_id as "identityId", kind, linked_id as "linkedId" from identity_links
     where customer_id = $1 and identity_id = any ($2::uuid[])`,
    [customerId, ids],
  );
  return { ids, links };
}
