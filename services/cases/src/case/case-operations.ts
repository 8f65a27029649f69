import { addToOutbox } from '@vedette/event-bus';
import {
  authorize,
  ConflictError,
  findCustomer,
  findProviderNow,
  narrowScope,
  newId,
  NotFoundError,
  parseId,
  scopeOf,
  toConnection,
  toPage,
} from '@vedette/service-kit';
import type {
  Connection,
  OperationContext,
  PageArguments,
  TenantScope,
  Transaction,
} from '@vedette/service-kit';
import { toOutboxEvent } from '../events.ts';
import * as rules from './case.ts';
import type {
  Case,
  CaseChange,
  CaseSeverity,
  CaseStatus,
  CaseVerdict,
  DetectionFacts,
} from './case.ts';
import { findContents, insertCaseDetection } from './case-contents-store.ts';
import type { CaseContents } from './case-contents-store.ts';
import * as store from './case-store.ts';
import { insertTimeline, listTimeline } from './case-timeline-store.ts';
import type { TimelineRow } from './case-timeline-store.ts';

/**
 * Opens a case for a grave detection, or lets the detection join the open case of its condition.
 * @returns null when the detection is not grave enough for a case
 */
export async function openOrJoinCase(
  ctx: OperationContext,
  detection: DetectionFacts,
): Promise<Case | null> {
  authorize(ctx.viewer, 'case:open', { customerId: detection.customerId });
  if (!rules.opensCase(detection)) return null;
  const scope = scopeOf(ctx.viewer);
  const key = rules.groupingKeyOf(detection);
  const findOpen = (tx: Transaction): Promise<Case | null> =>
    store.findOpenCaseForUpdate(tx, scope, detection.customerId, key);

  return ctx.db.transaction(scope, async (tx) => {
    let existing = await findOpen(tx);
    if (!existing) {
      const providerId = await findProviderNow(tx, detection);
      const told = { ...detection, providerId };
      const opening = rules.openCase(told, newId(ctx.clock().getTime()), ctx.clock());
      const opened = rules.applyChange(null, opening, ctx.clock());
      if (await store.insertCase(tx, opened)) return record(tx, ctx, null, [opening]);
      existing = await findOpen(tx);
      // It was open a moment ago and somebody has resolved it since: the next delivery opens another.
      if (!existing) throw new ConflictError('The case to join is being resolved.');
    }
    return record(tx, ctx, existing, rules.joinDetection(existing, detection));
  });
}

export interface AssignCaseInput {
  readonly caseId: string;
  readonly assigneeId?: string | null;
  readonly expectedVersion?: number | null;
}

/**
 * Makes somebody responsible for a case, the viewer when nobody is named. Safe to repeat.
 * @throws {NotFoundError} no such case among the viewer's
 * @throws {ConflictError} the case has changed since `expectedVersion`
 * @throws {IllegalStateError} the case is closed
 */
export function assignCase(ctx: OperationContext, input: AssignCaseInput): Promise<Case> {
  const { assigneeId: wanted = null } = input;
  const assigneeId = wanted === null ? ctx.viewer.principalId : parseId('input.assigneeId', wanted);
  return change(ctx, input, (existing) => rules.assignCase(existing, assigneeId));
}

export interface ChangeCaseStatusInput {
  readonly caseId: string;
  readonly status: CaseStatus;
  readonly verdict?: CaseVerdict | null;
  readonly expectedVersion?: number | null;
}

/**
 * Moves a case in its life cycle. Safe to repeat.
 * @throws {NotFoundError} no such case among the viewer's
 * @throws {ConflictError} the case has changed since `expectedVersion`, or it is reopened while its
 *   condition has another open case
 * @throws {InvalidInputError} RESOLVED without a verdict, or a verdict with another state
 * @throws {IllegalStateError} there is no such step in a case's life
 */
export function changeCaseStatus(
  ctx: OperationContext,
  input: ChangeCaseStatusInput,
): Promise<Case> {
  return change(ctx, input, (existing) =>
    rules.changeStatus(existing, input.status, input.verdict ?? null),
  );
}

/** @throws {NotFoundError} no such case among the viewer's */
export async function getCase(ctx: OperationContext, id: string): Promise<Case> {
  const [found] = await loadCases(ctx, [parseId('id', id)]);
  if (!found) throw new NotFoundError('Case', id);
  return found;
}

/** Cases by id, for references; what the viewer does not reach is null. */
export async function loadCases(
  ctx: OperationContext,
  caseIds: readonly string[],
): Promise<(Case | null)[]> {
  authorize(ctx.viewer, 'case:read');
  const scope = scopeOf(ctx.viewer);
  const ids = caseIds.map((id) => parseId('id', id));
  const cases = await ctx.db.transaction(scope, (tx) => store.findCases(tx, scope, ids));
  const byId = new Map(cases.map((found) => [found.caseId, found]));
  return ids.map((id) => byId.get(id) ?? null);
}

export interface ListCasesArguments extends PageArguments {
  readonly filter?: {
    readonly customerId?: string | null;
    readonly from?: Date | null;
    readonly to?: Date | null;
    readonly status?: readonly CaseStatus[] | null;
    readonly minimumSeverity?: CaseSeverity | null;
  } | null;
}

/** @throws {NotFoundError} the filter names a customer that the viewer does not reach */
export async function listCases(
  ctx: OperationContext,
  { filter, ...args }: ListCasesArguments,
): Promise<Connection<Case>> {
  const page = toPage(args, ['TIME', 'ID']);
  const wantedCustomerId = filter?.customerId ?? null;
  const customerId =
    wantedCustomerId === null ? undefined : parseId('filter.customerId', wantedCustomerId);
  authorize(ctx.viewer, 'case:read', customerId ? { customerId } : {});
  const scope = customerId ? narrowScope(scopeOf(ctx.viewer), customerId) : scopeOf(ctx.viewer);
  const cases = await ctx.db.transaction(scope, async (tx) => {
    if (customerId && !(await findCustomer(tx, scope, customerId))) {
      throw new NotFoundError('Customer', customerId);
    }
    return store.listCases(tx, scope, page, {
      ...(filter?.from ? { from: filter.from } : {}),
      ...(filter?.to ? { to: filter.to } : {}),
      ...(filter?.status ? { status: filter.status } : {}),
      ...(filter?.minimumSeverity ? { minimumSeverity: filter.minimumSeverity } : {}),
    });
  });
  return toConnection(cases, page, (listed) => [listed.openedAt, listed.caseId]);
}

/** What several cases are about, for the fields that hold references. */
export async function loadContents(
  ctx: OperationContext,
  caseIds: readonly string[],
): Promise<(CaseContents | null)[]> {
  authorize(ctx.viewer, 'case:read');
  const scope = scopeOf(ctx.viewer);
  const contents = await ctx.db.transaction(scope, (tx) => findContents(tx, scope, caseIds));
  return caseIds.map((caseId) => contents.get(caseId) ?? null);
}

export async function listCaseTimeline(
  ctx: OperationContext,
  caseId: string,
  args: PageArguments,
): Promise<Connection<TimelineRow>> {
  const page = toPage(args, ['NUMBER']);
  authorize(ctx.viewer, 'case:read');
  const scope = scopeOf(ctx.viewer);
  const rows = await ctx.db.transaction(scope, (tx) => listTimeline(tx, scope, caseId, page));
  return toConnection(rows, page, (row) => [row.version]);
}

/** Authorise, load for update, decide, save: the shape of every change that a viewer makes. */
async function change(
  ctx: OperationContext,
  input: { readonly caseId: string; readonly expectedVersion?: number | null },
  decide: (existing: Case) => CaseChange[],
): Promise<Case> {
  const caseId = parseId('input.caseId', input.caseId);
  authorize(ctx.viewer, 'case:write');
  const scope: TenantScope = scopeOf(ctx.viewer);
  return ctx.db.transaction(scope, async (tx) => {
    const existing = await store.findCaseForUpdate(tx, scope, caseId);
    if (!existing) throw new NotFoundError('Case', input.caseId);
    if (input.expectedVersion != null && input.expectedVersion !== existing.version) {
      throw new ConflictError('The case has changed; load it again.', {
        details: { expectedVersion: input.expectedVersion, actualVersion: existing.version },
      });
    }
    return record(tx, ctx, existing, decide(existing));
  });
}

/** Saves changes with their timeline entries and events, each of which makes one version. */
async function record(
  tx: Transaction,
  ctx: OperationContext,
  before: Case | null,
  changes: readonly CaseChange[],
): Promise<Case> {
  const now = ctx.clock();
  const actor = ctx.viewer.principalId;
  const steps: { readonly change: CaseChange; readonly after: Case; readonly eventId: string }[] =
    [];
  for (const next of changes) {
    const after = rules.applyChange(steps.at(-1)?.after ?? before, next, now);
    steps.push({ change: next, after, eventId: newId(now.getTime()) });
  }
  const last = steps.at(-1)?.after ?? before;
  if (!last) throw new Error('a case begins with a change');
  if (steps.length === 0) return last;
  if (before) await store.updateCase(tx, last);
  for (const { change: next } of steps) {
    if ('detection' in next) await insertCaseDetection(tx, last.caseId, next.detection);
  }
  await insertTimeline(
    tx,
    steps.map((step) => toTimelineRow(step.eventId, step.change, step.after, actor)),
  );
  await addToOutbox(
    tx,
    steps.map((step) => toOutboxEvent(step.eventId, step.change, step.after, actor)),
  );
  return last;
}

function toTimelineRow(eventId: string, made: CaseChange, after: Case, actor: string): TimelineRow {
  return {
    customerId: after.customerId,
    caseId: after.caseId,
    version: after.version,
    eventId,
    occurredAt: after.updatedAt,
    kind: made.kind,
    actor,
    summary: summaryOf(made),
  };
}

function summaryOf(made: CaseChange): string {
  switch (made.kind) {
    case 'OPENED':
      return `Opened by the detection "${made.detection.ruleTitle}"`;
    case 'DETECTION_JOINED':
      return `The detection "${made.detection.ruleTitle}" joined`;
    case 'SEVERITY_RAISED':
      return `Severity raised from ${made.from} to ${made.to}; the title is now "${made.title}"`;
    case 'ASSIGNED':
      return `Assigned to ${made.assigneeId}`;
    case 'STATUS_CHANGED':
      return `${made.from} became ${made.to}${made.verdict ? ` (${made.verdict})` : ''}`;
  }
}
