import type { Plan, Transaction } from '@vedette/service-kit';
import type { KnownCustomer } from './customer.ts';

/** `SHARE` keeps the customer as it is until the end of the transaction, `UPDATE` keeps others out. */
type Hold = 'SHARE' | 'UPDATE';

/**
 * The customer as it stands, held until the end of the transaction: who makes keys for it and what
 * takes them away come one after the other. The scope is the transaction's.
 */
export async function holdCustomer(
  tx: Transaction,
  customerId: string,
  hold: Hold,
): Promise<KnownCustomer | null> {
  const rows: { provider_id: string; version: string; is_served: boolean; plan: Plan }[] =
    await tx.query(
      `select provider_id, version, is_served, plan from customers where customer_id = $1 for ${hold}`,
      [customerId],
    );
  const [row] = rows;
  if (!row) return null;
  return {
    customerId,
    providerId: row.provider_id,
    version: BigInt(row.version),
    isServed: row.is_served,
    plan: row.plan,
  };
}

/** Keeps what a customer has booked; older news is passed over. The scope is the transaction's. */
export async function keepPlan(
  tx: Transaction,
  { customerId, plan, version }: Pick<KnownCustomer, 'customerId' | 'plan' | 'version'>,
): Promise<void> {
  await tx.query(
    `update customers set plan = $2, plan_version = $3 where customer_id = $1 and plan_version < $3`,
    [customerId, plan, String(version)],
  );
}

/** Has what a customer's sensors send refused from now on, for good. */
export async function refuseSensors(tx: Transaction, customerId: string): Promise<void> {
  await tx.query('update customers set is_served = false where customer_id = $1', [customerId]);
}
