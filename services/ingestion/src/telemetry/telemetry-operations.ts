import {
  authorize,
  findCustomer,
  InvalidInputError,
  narrowScope,
  NotFoundError,
  parseId,
  scopeOf,
  toConnection,
  toPage,
} from '@vedette/service-kit';
import type { Connection, OperationContext, PageArguments } from '@vedette/service-kit';
import { listTelemetry as listTelemetryRows } from './telemetry-store.ts';
import type { TelemetryRow } from './telemetry-store.ts';

export interface ListTelemetryArguments extends PageArguments {
  readonly filter: {
    readonly customerId: string;
    readonly from?: Date | null;
    readonly to?: Date | null;
    readonly assetId?: string | null;
    readonly classUid?: number | null;
  };
}

const dayMs = 86_400_000;
const maxDays = 31;

/**
 * Telemetry of one customer, latest first; a page is bounded by `first` and by bytes.
 * @throws {NotFoundError} the viewer does not reach the customer
 * @throws {InvalidInputError} the period is empty or longer than 31 days
 * @throws {UnavailableError} the search took longer than ten seconds
 */
export async function listTelemetry(
  ctx: OperationContext,
  { filter, ...args }: ListTelemetryArguments,
): Promise<Connection<TelemetryRow>> {
  const page = toPage(args, ['TIME', 'ID']);
  const customerId = parseId('filter.customerId', filter.customerId);
  authorize(ctx.viewer, 'telemetry:read', { customerId });
  const period = toPeriod(filter, ctx.clock());
  const wantedAssetId = filter.assetId ?? null;
  const assetId = wantedAssetId === null ? undefined : parseId('filter.assetId', wantedAssetId);
  const classUid = filter.classUid ?? undefined;
  const question = {
    customerId,
    ...period,
    ...(assetId ? { assetId } : {}),
    ...(classUid === undefined ? {} : { classUid }),
  };
  const scope = narrowScope(scopeOf(ctx.viewer), customerId);
  const { rows, hasNextPage } = await ctx.db.transaction(scope, async (tx) => {
    if (!(await findCustomer(tx, scope, customerId))) {
      throw new NotFoundError('Customer', customerId);
    }
    return listTelemetryRows(tx, question, page);
  });
  return toConnection(rows, page, (row) => [row.occurredAt, row.eventId], hasNextPage);
}

/** The period that a filter means; see `TelemetryFilter` in schema.graphql. */
export function toPeriod(
  filter: { readonly from?: Date | null; readonly to?: Date | null },
  now: Date,
): { readonly from: Date; readonly to: Date } {
  const to = filter.to ?? now;
  const from = filter.from ?? new Date(to.getTime() - dayMs);
  const spanMs = to.getTime() - from.getTime();
  if (spanMs <= 0 || spanMs > maxDays * dayMs) {
    throw new InvalidInputError(`'from' must be before 'to', by ${maxDays} days at most.`, [
      { path: 'filter.from', problem: 'empty or too long a period' },
    ]);
  }
  return { from, to };
}
