import type { TenantScope, Transaction } from '@vedette/service-kit';
import { findContacts } from './contact-store.ts';
import type { Channel, ContactLadder } from './contact.ts';

interface RungRow {
  readonly customer_id: string;
  readonly contact_id: string;
  readonly channel: Channel;
  readonly timeout_minutes: number;
}

/** Ladders of customers of the scope; who never had one is left out. */
export async function findLadders(
  tx: Transaction,
  scope: TenantScope,
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, ContactLadder>> {
  const parameters = [customerIds, scope.kind === 'OPERATOR' ? null : scope.customerIds];
  const versions: { customer_id: string; version: number }[] = await tx.query(
    `select customer_id, version from contact_ladders
     where customer_id = any ($1::uuid[]) and ($2::uuid[] is null or customer_id = any ($2))`,
    parameters,
  );
  const rows: RungRow[] = await tx.query(
    `select customer_id, contact_id, channel, timeout_minutes from rungs
     where customer_id = any ($1::uuid[]) and ($2::uuid[] is null or customer_id = any ($2))
     order by customer_id, position`,
    parameters,
  );
  const contactIds = [...new Set(rows.map((row) => row.contact_id))];
  const contacts = new Map(
    (await findContacts(tx, scope, contactIds)).map((contact) => [contact.contactId, contact]),
  );
  const rowsOf = Map.groupBy(rows, (row) => row.customer_id);
  const toRung = (row: RungRow): ContactLadder['rungs'][number] => {
    const contact = contacts.get(row.contact_id);
    if (!contact) throw new Error(`rung of ${row.customer_id} names an unknown contact`);
    return { contact, channel: row.channel, timeoutMinutes: row.timeout_minutes };
  };
  return new Map(
    versions.map(({ customer_id: customerId, version }) => [
      customerId,
      { customerId, version, rungs: (rowsOf.get(customerId) ?? []).map(toRung) },
    ]),
  );
}

/** Customers on whose ladder somebody is, whatever the viewer reaches of them. */
export async function listAskedAbout(tx: Transaction, contactId: string): Promise<string[]> {
  const rows: { customer_id: string }[] = await tx.query(
    'select distinct customer_id from rungs where contact_id = $1 order by customer_id',
    [contactId],
  );
  return rows.map((row) => row.customer_id);
}

/** Keeps ladders, whole, in place of the ones before. The caller has locked the customers. */
export async function saveLadders(
  tx: Transaction,
  ladders: readonly ContactLadder[],
  changedAt: Date,
): Promise<void> {
  const customerIds = ladders.map(({ customerId }) => customerId);
  await tx.query(
    `insert into contact_ladders (customer_id, version, changed_at)
     select customer_id, version, $3 from unnest($1::uuid[], $2::int[]) as l (customer_id, version)
     on conflict (customer_id)
       do update set version = excluded.version, changed_at = excluded.changed_at`,
    [customerIds, ladders.map(({ version }) => version), changedAt],
  );
  await tx.query('delete from rungs where customer_id = any ($1::uuid[])', [customerIds]);
  const rungs = ladders.flatMap((ladder) =>
    ladder.rungs.map((rung, index) => ({ ...rung, ...ladder, position: index + 1 })),
  );
  await tx.query(
    `insert into rungs (customer_id, position, contact_id, channel, timeout_minutes)
     select * from unnest($1::uuid[], $2::int[], $3::uuid[], $4::text[], $5::int[])`,
    [
      rungs.map(({ customerId }) => customerId),
      rungs.map(({ position }) => position),
      rungs.map(({ contact }) => contact.contactId),
      rungs.map(({ channel }) => channel),
      rungs.map(({ timeoutMinutes }) => timeoutMinutes),
    ],
  );
}
