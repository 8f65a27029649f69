import type { TenantScope, Transaction } from '@vedette/service-kit';
import type { DetectionFacts } from './case.ts';

/** What a case is about. Bounded: a case holds more detections than a page of it shows. */
export interface CaseContents {
  /** Latest activity first, at most 100. */
  readonly detectionIds: readonly string[];
  readonly assetIds: readonly string[];
  readonly techniqueIds: readonly string[];
}

export async function insertCaseDetection(
  tx: Transaction,
  caseId: string,
  detection: DetectionFacts,
): Promise<void> {
  await tx.query(
    `insert into case_detections (customer_id, case_id, detection_id, occurred_at, asset_id, technique_ids)
     values ($1, $2, $3, $4, $5, $6)`,
    [
      detection.customerId,
      caseId,
      detection.detectionId,
      detection.occurredAt,
      detection.assetId ?? null,
      detection.techniqueIds,
    ],
  );
}

const maxListed = 100;

/** Contents of several cases in one query. */
export async function findContents(
  tx: Transaction,
  scope: TenantScope,
  caseIds: readonly string[],
): Promise<Map<string, CaseContents>> {
  const rows: ({ caseId: string } & CaseContents)[] = await tx.query(
    `select c.case_id as "caseId",
       array(select d.detection_id from case_detections d
             where d.customer_id = c.customer_id and d.case_id = c.case_id
             order by d.occurred_at desc, d.detection_id limit ${maxListed}) as "detectionIds",
       array(select distinct d.asset_id from case_detections d
             where d.customer_id = c.customer_id and d.case_id = c.case_id and d.asset_id is not null
             order by 1 limit ${maxListed}) as "assetIds",
       array(select distinct t from case_detections d cross join unnest(d.technique_ids) t
             where d.customer_id = c.customer_id and d.case_id = c.case_id
             order by 1 limit ${maxListed}) as "techniqueIds"
     from cases c
     where c.case_id = any ($1) and ($2::uuid[] is null or c.customer_id = any ($2))`,
    [caseIds, scope.kind === 'OPERATOR' ? null : scope.customerIds],
  );
  return new Map(rows.map((row) => [row.caseId, row]));
}
