import { ConflictError, restrictToScope } from '@vedette/service-kit';
import type { Page, TenantScope, Transaction } from '@vedette/service-kit';
import { EntitySchema, In, QueryFailedError } from 'typeorm';
import type { SelectQueryBuilder } from 'typeorm';
import { caseSeverities, caseStatuses, joinableStatuses } from './case.ts';
import type { Case, CaseSeverity, CaseStatus, CaseVerdict } from './case.ts';

interface CaseRow {
  caseId: string;
  customerId: string;
  providerId: string;
  groupingKey: string;
  title: string;
  /** OCSF's incident status id. */
  statusId: number;
  /** 1 LOW to 4 CRITICAL, so that "and above" is a comparison. */
  severityId: number;
  verdict: CaseVerdict | null;
  assigneeId: string | null;
  detectionCount: number;
  openedAt: Date;
  updatedAt: Date;
  version: number;
}

export const caseRows = new EntitySchema<CaseRow>({
  name: 'Case',
  tableName: 'cases',
  columns: {
    customerId: { type: 'uuid', primary: true, name: 'customer_id' },
    caseId: { type: 'uuid', primary: true, name: 'case_id' },
    providerId: { type: 'uuid', name: 'provider_id' },
    groupingKey: { type: 'text', name: 'grouping_key' },
    title: { type: 'text' },
    statusId: { type: 'smallint', name: 'status_id' },
    severityId: { type: 'smallint', name: 'severity_id' },
    verdict: { type: 'text', nullable: true },
    assigneeId: { type: 'text', nullable: true, name: 'assignee_id' },
    detectionCount: { type: 'int', name: 'detection_count' },
    openedAt: { type: 'timestamptz', name: 'opened_at' },
    updatedAt: { type: 'timestamptz', name: 'updated_at' },
    version: { type: 'int' },
  },
});

/** What narrows a list of cases. */
export interface CaseFilter {
  readonly from?: Date;
  readonly to?: Date;
  readonly status?: readonly CaseStatus[];
  readonly minimumSeverity?: CaseSeverity;
}

export async function findCases(
  tx: Transaction,
  scope: TenantScope,
  caseIds: readonly string[],
): Promise<Case[]> {
  const rows = await visible(tx, scope)
    .andWhere({ caseId: In([...caseIds]) })
    .getMany();
  return rows.map(toCase);
}

/** The case for a change, locked until the transaction ends. */
export async function findCaseForUpdate(
  tx: Transaction,
  scope: TenantScope,
  caseId: string,
): Promise<Case | null> {
  const row = await visible(tx, scope).andWhere({ caseId }).setLock('pessimistic_write').getOne();
  return row && toCase(row);
}

/** The case that the condition's detections join, locked until the transaction ends. */
export async function findOpenCaseForUpdate(
  tx: Transaction,
  scope: TenantScope,
  customerId: string,
  groupingKey: string,
): Promise<Case | null> {
  const row = await visible(tx, scope)
    .andWhere({ customerId, groupingKey, statusId: In(joinableStatuses.map(toStatusId)) })
    .setLock('pessimistic_write')
    .getOne();
  return row && toCase(row);
}

/** Newest first, one row more than the page holds. */
export async function listCases(
  tx: Transaction,
  scope: TenantScope,
  page: Page<['TIME', 'ID']>,
  filter: CaseFilter,
): Promise<Case[]> {
  const query = visible(tx, scope);
  if (filter.from) query.andWhere('case.openedAt >= :from', { from: filter.from });
  if (filter.to) query.andWhere('case.openedAt < :to', { to: filter.to });
  if (filter.status) query.andWhere({ statusId: In(filter.status.map(toStatusId)) });
  if (filter.minimumSeverity) {
    query.andWhere('case.severityId >= :severity', {
      severity: toSeverityId(filter.minimumSeverity),
    });
  }
  if (page.after) {
    query.andWhere('(case.openedAt, case.caseId) < (:openedAt, :caseId)', {
      openedAt: page.after[0],
      caseId: page.after[1],
    });
  }
  const rows = await query
    .orderBy('case.openedAt', 'DESC')
    .addOrderBy('case.caseId', 'DESC')
    .limit(page.limit + 1)
    .getMany();
  return rows.map(toCase);
}

/** @returns false when an open case of the same condition exists: then that is the one to join */
export async function insertCase(tx: Transaction, opened: Case): Promise<boolean> {
  const inserted = await tx
    .createQueryBuilder()
    .insert()
    .into(caseRows)
    .values(toRow(opened))
    .orIgnore()
    .returning('case_id')
    .execute();
  return (inserted.raw as unknown[]).length === 1;
}

/**
 * Writes a case that the transaction has locked.
 * @throws {ConflictError} it would be open again, and its condition has another open case by now
 */
export async function updateCase(tx: Transaction, changed: Case): Promise<void> {
  const { customerId, caseId, ...rest } = toRow(changed);
  try {
    await tx.getRepository(caseRows).update({ customerId, caseId }, rest);
  } catch (error) {
    if (error instanceof QueryFailedError && error.message.includes('uq_cases_open_condition')) {
      throw new ConflictError('Another case of the same condition is open; work on that one.');
    }
    throw error;
  }
}

/** Gives a customer's cases to the provider that looks after it now, as this service's copy says. */
export async function moveCases(tx: Transaction, customerId: string): Promise<void> {
  await tx.query(
    `update cases set provider_id = customers.provider_id from customers
     where customers.customer_id = $1 and cases.customer_id = $1
       and cases.provider_id <> customers.provider_id`,
    [customerId],
  );
}

function visible(tx: Transaction, scope: TenantScope): SelectQueryBuilder<CaseRow> {
  return restrictToScope(tx.getRepository(caseRows).createQueryBuilder('case'), scope);
}

const toStatusId = (status: CaseStatus): number => caseStatuses.indexOf(status) + 1;
const toSeverityId = (severity: CaseSeverity): number => caseSeverities.indexOf(severity) + 1;

function toCase({ statusId, severityId, ...row }: CaseRow): Case {
  const status = caseStatuses[statusId - 1];
  const severity = caseSeverities[severityId - 1];
  if (!status || !severity)
    throw new Error(`case ${row.caseId} has status ${statusId}, severity ${severityId}`);
  return { ...row, status, severity };
}

function toRow({ status, severity, ...rest }: Case): CaseRow {
  return { ...rest, statusId: toStatusId(status), severityId: toSeverityId(severity) };
}
