import {
  authorize,
  findCustomer,
  NotFoundError,
  narrowScope,
  parseId,
  scopeOf,
  toConnection,
  toPage,
} from '@vedette/service-kit';
import type {
  Connection,
  OperationContext,
  PageArguments,
  Transaction,
} from '@vedette/service-kit';
import { toQuestion } from './telemetry-filter.ts';
import { assetIdsOf } from '../asset/asset-operations.ts';
import type { TelemetryFilterInput, TelemetryQuestion } from './telemetry-filter.ts';
import { findTelemetryEvent, listTelemetry as listTelemetryRows } from './telemetry-store.ts';
import type { TelemetryRow } from './telemetry-store.ts';

export interface ListTelemetryArguments extends PageArguments {
  readonly filter: TelemetryFilterInput;
}

/**
 * Telemetry of one customer, latest first; a page is bounded by `first` and by bytes.
 * @throws {NotFoundError} the viewer does not reach the customer
 * @throws {InvalidInputError} the filter is not one that can be searched for
 * @throws {SearchTooLongError} the search took longer than ten seconds
 */
export async function listTelemetry(
  ctx: OperationContext,
  { filter, ...args }: ListTelemetryArguments,
): Promise<Connection<TelemetryRow>> {
  const page = toPage(args, ['TIME', 'ID']);
  const question = toQuestion(filter, ctx.clock());
  const { rows, hasNextPage } = await readTelemetry(ctx, question.customerId, async (tx) =>
    listTelemetryRows(tx, await withAssetIds(tx, question), page),
  );
  return toConnection(rows, page, (row) => [row.occurredAt, row.eventId], hasNextPage);
}

/**
 * Reads one customer's telemetry, for a viewer who may.
 * @throws {NotFoundError} the viewer does not reach the customer
 */
export async function readTelemetry<Found>(
  ctx: OperationContext,
  customerId: string,
  read: (tx: Transaction) => Promise<Found>,
): Promise<Found> {
  authorize(ctx.viewer, 'telemetry:read', { customerId });
  const scope = narrowScope(scopeOf(ctx.viewer), customerId);
  return ctx.db.transaction(scope, async (tx) => {
    if (!(await findCustomer(tx, scope, customerId))) {
      throw new NotFoundError('Customer', customerId);
    }
    return read(tx);
  });
}

/** A merged asset's events stand under the ids of all that it was merged from. */
export async function withAssetIds(
  tx: Transaction,
  question: TelemetryQuestion,
): Promise<TelemetryQuestion> {
  const { customerId, assetId } = question;
  if (assetId === undefined) return question;
  return { ...question, assetIds: await assetIdsOf(tx, customerId, assetId) };
}

/** Which event; without its time it is looked for in the latest 31 days. */
export interface EventReference {
  readonly customerId: string;
  readonly id: string;
  readonly occurredAt?: Date | null;
}

/** Whole partitions back from now: what has no time is looked for where most is. */
const lookBackMs = 31 * 86_400_000;
/** The clock of a source can be ahead of ours. */
const lookAheadMs = 86_400_000;

/**
 * One event.
 * @throws {NotFoundError} there is none, or the viewer does not reach its customer
 * @throws {SearchTooLongError} it has no time and was not found within ten seconds
 */
export function getTelemetryEvent(
  ctx: OperationContext,
  reference: EventReference,
): Promise<TelemetryRow> {
  const customerId = parseId('customerId', reference.customerId);
  const eventId = parseId('id', reference.id);
  return readTelemetry(ctx, customerId, async (tx) => {
    const period = toLookUp(reference.occurredAt ?? null, ctx.clock());
    const row = await findTelemetryEvent(tx, { customerId, eventId }, period);
    if (!row) throw new NotFoundError('TelemetryEvent', eventId);
    return row;
  });
}

/** Where an event is looked for. */
export function toLookUp(
  occurredAt: Date | null,
  now: Date,
): { readonly from: Date; readonly to: Date } {
  return occurredAt
    ? { from: occurredAt, to: new Date(occurredAt.getTime() + 1) }
    : {
        from: new Date(now.getTime() - lookBackMs),
        to: new Date(now.getTime() + lookAheadMs),
      };
}
