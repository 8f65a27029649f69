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
import { listPolls } from '../polling/poll-store.ts';
import { toConnectorHealth } from './connector-health.ts';
import type { ConnectorHealth } from './connector-health.ts';
import { listEventCounts as listEventCountRows } from './event-count-store.ts';
import type { EventCount } from './event-count-store.ts';
import { findHealthFacts } from './health-view.ts';
import { listTelemetryGaps as listTelemetryGapRows } from './telemetry-gap-store.ts';
import type { TelemetryGapRow } from './telemetry-gap-store.ts';

const hourMs = 3_600_000;
const usualHours = 24;
const maxHours = 31 * 24;
/** The longest list of counts; `Connector.eventCounts` in gateway/src/list-sizes.ts says the same. */
const maxCounts = 1_000;

/** How connectors are, in the order of their ids; an error for one that the viewer does not reach. */
export async function loadHealth(
  ctx: OperationContext,
  connectorIds: readonly string[],
): Promise<(ConnectorHealth | NotFoundError)[]> {
  authorize(ctx.viewer, 'connector:read');
  const scope = scopeOf(ctx.viewer);
  const now = ctx.clock();
  const [facts, polls] = await ctx.db.transaction(scope, async (tx) => [
    await findHealthFacts(tx, scope, connectorIds, now),
    await listPolls(tx, scope, connectorIds),
  ]);
  const pollsOf = Map.groupBy(polls, ({ connectorId }) => connectorId);
  return connectorIds.map((id) => {
    const known = facts.get(id);
    return known
      ? toConnectorHealth(known, pollsOf.get(id) ?? [], now)
      : new NotFoundError('Connector', id);
  });
}

/**
 * Events of a connector by the hour of receipt and class, latest hour first, the latest thousand rows.
 * @throws {InvalidInputError} a period that is none, or is over 31 days
 */
export async function listEventCounts(
  ctx: OperationContext,
  connector: { readonly customerId: string; readonly connectorId: string },
  period: { readonly from?: Date | null; readonly to?: Date | null },
): Promise<EventCount[]> {
  authorize(ctx.viewer, 'connector:read', { customerId: connector.customerId });
  const to = period.to ?? ctx.clock();
  const from = period.from ?? new Date(to.getTime() - usualHours * hourMs);
  const hours = (to.getTime() - from.getTime()) / hourMs;
  if (!(hours > 0 && hours <= maxHours)) {
    throw new InvalidInputError("'from' is before 'to', by 31 days at most.", [
      { path: 'from', problem: 'no period, or too long' },
    ]);
  }
  // An hour counts whole: so much that the hour in which `from` lies is among them.
  const hourOf = (time: Date): Date => new Date(Math.floor(time.getTime() / hourMs) * hourMs);
  const scope = narrowScope(scopeOf(ctx.viewer), connector.customerId);
  return ctx.db.transaction(scope, (tx) =>
    listEventCountRows(tx, connector, { from: hourOf(from), to }, maxCounts),
  );
}

export interface ListTelemetryGapsArguments extends PageArguments {
  readonly filter?: {
    readonly customerId?: string | null;
    readonly connectorId?: string | null;
  } | null;
}

/** @throws {NotFoundError} the filter names a customer that the viewer does not reach */
export async function listTelemetryGaps(
  ctx: OperationContext,
  { filter, ...args }: ListTelemetryGapsArguments,
): Promise<Connection<TelemetryGapRow>> {
  const page = toPage(args, ['TIME', 'ID']);
  const customerId = parseOptional('filter.customerId', filter?.customerId);
  const connectorId = parseOptional('filter.connectorId', filter?.connectorId);
  authorize(ctx.viewer, 'connector:read', customerId ? { customerId } : {});
  const reach = scopeOf(ctx.viewer);
  const scope = customerId ? narrowScope(reach, customerId) : reach;
  const rows = await ctx.db.transaction(scope, async (tx) => {
    if (customerId && !(await findCustomer(tx, scope, customerId))) {
      throw new NotFoundError('Customer', customerId);
    }
    return listTelemetryGapRows(tx, scope, page, connectorId ? { connectorId } : {});
  });
  return toConnection(rows, page, (row) => [row.to, row.gapId]);
}

function parseOptional(path: string, id: string | null | undefined): string | undefined {
  return id === null || id === undefined ? undefined : parseId(path, id);
}
