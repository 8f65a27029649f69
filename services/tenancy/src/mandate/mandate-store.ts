import { restrictToScope } from '@vedette/service-kit';
import type { TenantScope, Transaction } from '@vedette/service-kit';
import { EntitySchema } from 'typeorm';
import type { Mandate } from './mandate.ts';

export const mandateRows = new EntitySchema<Mandate>({
  name: 'Mandate',
  tableName: 'mandates',
  columns: {
    mandateId: { type: 'uuid', primary: true, name: 'mandate_id' },
    customerId: { type: 'uuid', name: 'customer_id' },
    number: { type: 'int' },
    signatoryName: { type: 'text', name: 'signatory_name' },
    signatoryTitle: { type: 'text', name: 'signatory_title', nullable: true },
    signatoryEmail: { type: 'text', name: 'signatory_email', nullable: true },
    documentSha256: { type: 'text', name: 'document_sha256' },
    highestMode: { type: 'text', name: 'highest_mode' },
    mayActUnanswered: { type: 'boolean', name: 'may_act_unanswered' },
    sharesIndicators: { type: 'boolean', name: 'shares_indicators' },
    validFrom: { type: 'timestamptz', name: 'valid_from' },
    validUntil: { type: 'timestamptz', name: 'valid_until', nullable: true },
    recordedAt: { type: 'timestamptz', name: 'recorded_at' },
    recordedBy: { type: 'text', name: 'recorded_by' },
    revokedAt: { type: 'timestamptz', name: 'revoked_at', nullable: true },
  },
});

export async function insertMandate(tx: Transaction, mandate: Mandate): Promise<void> {
  await tx.getRepository(mandateRows).insert(mandate);
}

export async function saveRevocation(
  tx: Transaction,
  { mandateId, revokedAt }: Mandate,
): Promise<void> {
  await tx.getRepository(mandateRows).update({ mandateId }, { revokedAt });
}

export function findMandate(
  tx: Transaction,
  scope: TenantScope,
  mandateId: string,
): Promise<Mandate | null> {
  return restrictToScope(tx.getRepository(mandateRows).createQueryBuilder('mandate'), scope)
    .andWhere('mandate.mandateId = :mandateId', { mandateId })
    .getOne();
}

/** What each column is called in {@link Mandate}. Thousands are read at once, as rows and no entities. */
const columns = `mandate_id as "mandateId", customer_id as "customerId", number,
  signatory_name as "signatoryName", signatory_title as "signatoryTitle",
  signatory_email as "signatoryEmail", document_sha256 as "documentSha256",
  highest_mode as "highestMode", may_act_unanswered as "mayActUnanswered",
  shares_indicators as "sharesIndicators", valid_from as "validFrom", valid_until as "validUntil",
  recorded_at as "recordedAt", recorded_by as "recordedBy", revoked_at as "revokedAt"`;

/** All mandates that were ever recorded, newest first, by customer; who has none is left out. */
export async function listMandates(
  tx: Transaction,
  scope: TenantScope,
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Mandate[]>> {
  const mandates: Mandate[] = await tx.query(
    `select ${columns} from mandates
     where customer_id = any ($1::uuid[]) and ($2::uuid[] is null or customer_id = any ($2))
     order by number desc`,
    [customerIds, scope.kind === 'OPERATOR' ? null : scope.customerIds],
  );
  return Map.groupBy(mandates, ({ customerId }) => customerId);
}
