import { restrictToScope } from '@vedette/service-kit';
import type { Page, TenantScope, Transaction } from '@vedette/service-kit';
import { EntitySchema } from 'typeorm';

/** Something that happened to a case. Rows are only ever added. */
export interface TimelineRow {
  readonly customerId: string;
  readonly caseId: string;
  /** Version of the case that this made. */
  readonly version: number;
  readonly eventId: string;
  readonly occurredAt: Date;
  readonly kind: 'OPENED' | 'DETECTION_JOINED' | 'SEVERITY_RAISED' | 'ASSIGNED' | 'STATUS_CHANGED';
  readonly actor: string;
  readonly summary: string;
}

export const timelineRows = new EntitySchema<TimelineRow>({
  name: 'CaseTimelineEntry',
  tableName: 'case_timeline',
  columns: {
    customerId: { type: 'uuid', primary: true, name: 'customer_id' },
    caseId: { type: 'uuid', primary: true, name: 'case_id' },
    version: { type: 'int', primary: true },
    eventId: { type: 'uuid', name: 'event_id' },
    occurredAt: { type: 'timestamptz', name: 'occurred_at' },
    kind: { type: 'text' },
    actor: { type: 'text' },
    summary: { type: 'text' },
  },
});

export async function insertTimeline(tx: Transaction, rows: readonly TimelineRow[]): Promise<void> {
  await tx.getRepository(timelineRows).insert([...rows]);
}

/** Oldest first, one row more than the page holds. */
export function listTimeline(
  tx: Transaction,
  scope: TenantScope,
  caseId: string,
  page: Page<['NUMBER']>,
): Promise<TimelineRow[]> {
  return restrictToScope(tx.getRepository(timelineRows).createQueryBuilder('entry'), scope)
    .andWhere('entry.caseId = :caseId and entry.version > :after', {
      caseId,
      after: page.after?.[0] ?? 0,
    })
    .orderBy('entry.version')
    .limit(page.limit + 1)
    .getMany();
}
