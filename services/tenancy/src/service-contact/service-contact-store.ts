import { operatorId, restrictToScope } from '@vedette/service-kit';
import type { TenantScope, Transaction } from '@vedette/service-kit';
import { EntitySchema } from 'typeorm';

/** Who of the operator is there for a customer. */
export interface ServiceContact {
  readonly customerId: string;
  /** A user of the operator. */
  readonly contactId: string;
  /** Another one. */
  readonly deputyId: string | null;
  /** E.164. */
  readonly callBackNumber: string;
  readonly version: number;
  readonly assignedAt: Date;
}

export const serviceContactRows = new EntitySchema<ServiceContact>({
  name: 'ServiceContact',
  tableName: 'service_contacts',
  columns: {
    customerId: { type: 'uuid', primary: true, name: 'customer_id' },
    contactId: { type: 'uuid', name: 'contact_id' },
    deputyId: { type: 'uuid', name: 'deputy_id', nullable: true },
    callBackNumber: { type: 'text', name: 'call_back_number' },
    version: { type: 'int' },
    assignedAt: { type: 'timestamptz', name: 'assigned_at' },
  },
});

export function findServiceContacts(
  tx: Transaction,
  scope: TenantScope,
  customerIds: readonly string[],
): Promise<ServiceContact[]> {
  return restrictToScope(tx.getRepository(serviceContactRows).createQueryBuilder('contact'), scope)
    .andWhere('contact.customerId = any (:customerIds)', { customerIds: [...customerIds] })
    .getMany();
}

/** The caller has locked the customer. */
export async function saveServiceContact(tx: Transaction, contact: ServiceContact): Promise<void> {
  await tx.getRepository(serviceContactRows).upsert(contact, ['customerId']);
}

/**
 * Names of active people of the operator, by id. They show only in a transaction that sees the
 * operator's own rows.
 */
export async function findOperatorNames(
  tx: Transaction,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows: { user_id: string; name: string }[] = await tx.query(
    `select user_id, name from users
     where user_id = any ($1::uuid[]) and provider_id = $2 and customer_id is null and is_active`,
    [userIds, operatorId],
  );
  return new Map(rows.map((row) => [row.user_id, row.name]));
}
