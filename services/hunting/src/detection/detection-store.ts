import { restrictToScope } from '@vedette/service-kit';
import type { Page, TenantScope, Transaction } from '@vedette/service-kit';
import { EntitySchema, In } from 'typeorm';
import type { SelectQueryBuilder } from 'typeorm';
import { detectionSeverities } from './detection.ts';
import type { Detection, DetectionSeverity, MatchedField } from './detection.ts';
import type { SignalStrength } from '../rule/rule.ts';

interface DetectionRow {
  customerId: string;
  detectionId: string;
  providerId: string;
  ruleId: string;
  ruleTitle: string;
  ruleAuthor: string | null;
  /** 1 INFORMATIONAL to 5 CRITICAL, so that "and above" is a comparison. */
  severityId: number;
  signalStrength: SignalStrength;
  techniqueIds: readonly string[];
  eventIds: readonly string[];
  matchedFields: readonly MatchedField[];
  assetId: string | null;
  hostName: string | null;
  userName: string | null;
  occurredAt: Date;
  receivedAt: Date;
  detectedAt: Date;
}

export const detectionRows = new EntitySchema<DetectionRow>({
  name: 'Detection',
  tableName: 'detections',
  columns: {
    customerId: { type: 'uuid', primary: true, name: 'customer_id' },
    detectionId: { type: 'uuid', primary: true, name: 'detection_id' },
    providerId: { type: 'uuid', name: 'provider_id' },
    ruleId: { type: 'text', name: 'rule_id' },
    ruleTitle: { type: 'text', name: 'rule_title' },
    ruleAuthor: { type: 'text', nullable: true, name: 'rule_author' },
    severityId: { type: 'smallint', name: 'severity_id' },
    signalStrength: { type: 'text', name: 'signal_strength' },
    techniqueIds: { type: 'text', array: true, name: 'technique_ids' },
    eventIds: { type: 'uuid', array: true, name: 'event_ids' },
    matchedFields: { type: 'jsonb', name: 'matched_fields' },
    assetId: { type: 'uuid', nullable: true, name: 'asset_id' },
    hostName: { type: 'text', nullable: true, name: 'host_name' },
    userName: { type: 'text', nullable: true, name: 'user_name' },
    occurredAt: { type: 'timestamptz', name: 'occurred_at' },
    receivedAt: { type: 'timestamptz', name: 'received_at' },
    detectedAt: { type: 'timestamptz', name: 'detected_at' },
  },
});

/** What narrows a list of detections. */
export interface DetectionFilter {
  readonly from?: Date;
  readonly to?: Date;
  readonly minimumSeverity?: DetectionSeverity;
  readonly ruleId?: string;
  readonly assetId?: string;
}

/** A statement carries 65,535 parameters, and a row takes seventeen of them. */
const rowsPerInsert = 1_000;

/** Adds detections and answers those that did not exist: the others were made before. */
export async function insertDetections(
  tx: Transaction,
  detections: readonly Detection[],
): Promise<Detection[]> {
  const added = new Set<string>();
  for (let start = 0; start < detections.length; start += rowsPerInsert) {
    const inserted = await tx
      .createQueryBuilder()
      .insert()
      .into(detectionRows)
      .values(detections.slice(start, start + rowsPerInsert).map(toRow))
      .orIgnore()
      .returning('detection_id')
      .execute();
    for (const row of inserted.raw as { detection_id: string }[]) added.add(row.detection_id);
  }
  return detections.filter((detection) => added.delete(detection.detectionId));
}

export async function findDetections(
  tx: Transaction,
  scope: TenantScope,
  detectionIds: readonly string[],
): Promise<Detection[]> {
  const rows = await visible(tx, scope)
    .andWhere({ detectionId: In([...detectionIds]) })
    .getMany();
  return rows.map(toDetection);
}

/** Latest activity first, one row more than the page holds. */
export async function listDetections(
  tx: Transaction,
  scope: TenantScope,
  page: Page<['TIME', 'ID']>,
  filter: DetectionFilter,
): Promise<Detection[]> {
  const query = visible(tx, scope);
  if (filter.from) query.andWhere('detection.occurredAt >= :from', { from: filter.from });
  if (filter.to) query.andWhere('detection.occurredAt < :to', { to: filter.to });
  if (filter.ruleId) query.andWhere({ ruleId: filter.ruleId });
  if (filter.assetId) query.andWhere({ assetId: filter.assetId });
  if (filter.minimumSeverity) {
    query.andWhere('detection.severityId >= :severity', {
      severity: toSeverityId(filter.minimumSeverity),
    });
  }
  if (page.after) {
    query.andWhere('(detection.occurredAt, detection.detectionId) < (:occurredAt, :detectionId)', {
      occurredAt: page.after[0],
      detectionId: page.after[1],
    });
  }
  const rows = await query
    .orderBy('detection.occurredAt', 'DESC')
    .addOrderBy('detection.detectionId', 'DESC')
    .limit(page.limit + 1)
    .getMany();
  return rows.map(toDetection);
}

function visible(tx: Transaction, scope: TenantScope): SelectQueryBuilder<DetectionRow> {
  return restrictToScope(tx.getRepository(detectionRows).createQueryBuilder('detection'), scope);
}

const toSeverityId = (severity: DetectionSeverity): number =>
  detectionSeverities.indexOf(severity) + 1;

function toDetection({ severityId, ...row }: DetectionRow): Detection {
  const severity = detectionSeverities[severityId - 1];
  if (!severity) throw new Error(`detection ${row.detectionId} has severity ${severityId}`);
  return { ...row, severity };
}

function toRow({ severity, ...rest }: Detection): DetectionRow {
  return { ...rest, severityId: toSeverityId(severity) };
}
