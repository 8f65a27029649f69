import { restrictToScope } from '@vedette/service-kit';
import type { TenantScope, Transaction } from '@vedette/service-kit';
import { detectionRows } from '../detection/detection-store.ts';
import type { Period } from './technique.ts';

export interface TechniqueRow {
  readonly techniqueId: string;
  readonly detections: number;
}

/** Detections of the period by technique, most first, then by id. */
export async function countByTechnique(
  tx: Transaction,
  scope: TenantScope,
  { from, to }: Period,
): Promise<TechniqueRow[]> {
  const query = tx.getRepository(detectionRows).createQueryBuilder('detection');
  return restrictToScope(query, scope)
    .andWhere('detection.occurredAt >= :from and detection.occurredAt < :to', { from, to })
    .select('unnest(detection.technique_ids)', 'techniqueId')
    .addSelect('count(distinct detection.detection_id)::int', 'detections')
    .groupBy('"techniqueId"')
    .orderBy('detections', 'DESC')
    .addOrderBy('"techniqueId"', 'ASC')
    .getRawMany<TechniqueRow>();
}
