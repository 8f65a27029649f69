import { restrictToScope } from '@vedette/service-kit';
import type { TenantScope, Transaction } from '@vedette/service-kit';
import { EntitySchema } from 'typeorm';

/** That a user or an API key of a provider reaches a customer. */
export interface GrantRow {
  readonly customerId: string;
  readonly principalId: string;
  readonly canApprove: boolean;
  readonly grantedAt: Date;
}

export const grantRows = new EntitySchema<GrantRow>({
  name: 'Grant',
  tableName: 'grants',
  columns: {
    customerId: { type: 'uuid', primary: true, name: 'customer_id' },
    principalId: { type: 'uuid', primary: true, name: 'principal_id' },
    canApprove: { type: 'boolean', name: 'can_approve' },
    grantedAt: { type: 'timestamptz', name: 'granted_at' },
  },
});

/** Adds a grant or changes what it allows. */
export async function saveGrants(tx: Transaction, rows: readonly GrantRow[]): Promise<void> {
  await tx.getRepository(grantRows).upsert([...rows], ['customerId', 'principalId']);
}

export function findGrant(
  tx: Transaction,
  scope: TenantScope,
  principalId: string,
  customerId: string,
): Promise<GrantRow | null> {
  return restrictToScope(tx.getRepository(grantRows).createQueryBuilder('grant'), scope)
    .andWhere('grant.principalId = :principalId and grant.customerId = :customerId', {
      principalId,
      customerId,
    })
    .getOne();
}

export async function deleteGrant(tx: Transaction, grant: GrantRow): Promise<void> {
  const { customerId, principalId } = grant;
  await tx.getRepository(grantRows).delete({ customerId, principalId });
}

/** What each principal was granted and the scope reaches: the oldest `limit` of each. */
export async function listGrants(
  tx: Transaction,
  scope: TenantScope,
  principalIds: readonly string[],
  limit: number,
): Promise<GrantRow[]> {
  const rows: { [Column in keyof GrantRow]: GrantRow[Column] }[] = await tx.query(
    `select customer_id as "customerId", principal_id as "principalId",
            can_approve as "canApprove", granted_at as "grantedAt"
     from unnest($1::uuid[]) as given (id)
     cross join lateral (
       select * from grants
       where principal_id = given.id and ($2::uuid[] is null or customer_id = any ($2))
       order by granted_at, customer_id limit $3) as granted`,
    [principalIds, scope.kind === 'OPERATOR' ? null : scope.customerIds, limit],
  );
  return rows;
}

/** Takes away that this principal may answer for a customer, and answers what the grants are since. */
export async function endApprovalsOf(tx: Transaction, principalId: string): Promise<GrantRow[]> {
  const [rows]: [GrantRow[], number] = await tx.query(
    `update grants set can_approve = false where principal_id = $1 and can_approve
     returning customer_id as "customerId", principal_id as "principalId",
               can_approve as "canApprove", granted_at as "grantedAt"`,
    [principalId],
  );
  return rows;
}

/** Deletes all grants of a customer and answers what they were. */
export async function deleteGrantsOf(tx: Transaction, customerId: string): Promise<GrantRow[]> {
  const [rows]: [GrantRow[], number] = await tx.query(
    `delete from grants where customer_id = $1
     returning customer_id as "customerId", principal_id as "principalId",
               can_approve as "canApprove", granted_at as "grantedAt"`,
    [customerId],
  );
  return rows;
}
