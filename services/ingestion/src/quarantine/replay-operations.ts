import {
  authorize,
  InvalidInputError,
  NotFoundError,
  parseId,
  scopeOf,
} from '@vedette/service-kit';
import type { OperationContext, TenantScope, Transaction } from '@vedette/service-kit';
import type { Sensor } from '../connector/sensor-key-store.ts';
import { isOfItsProvider, requireServed } from '../customer/customer.ts';
import type { TelemetryPublisher } from '../telemetry/telemetry-publisher.ts';
import {
  countUntried,
  findQuarantined,
  findSensors,
  keepTrials,
  listUntried,
} from './quarantined-records.ts';
import type { QuarantinedRow, ReplaySensor, Trial } from './quarantined-records.ts';
import { tryAgain } from './try-again.ts';

/** What replaying needs besides what every operation does. */
export interface ReplayContext extends OperationContext {
  readonly publisher: TelemetryPublisher;
}

export interface ReplayQuarantinedInput {
  readonly ids?: readonly string[] | null;
  readonly connectorId?: string | null;
  readonly notTriedSince?: Date | null;
}

/** What became of one record. */
export interface ReplayedItem {
  readonly id: string;
  readonly outcome: 'ACCEPTED' | 'STILL_REJECTED';
  readonly code: string | null;
  readonly message: string | null;
}

export interface ReplayOutcome {
  readonly items: readonly ReplayedItem[];
  readonly remaining: number;
}

const maxRecords = 100;
/** A record that was tried this short a time ago is not tried again, unless it is named. */
const restMs = 3_600_000;

/** Records that are to be tried, and the sensors that they came from. */
interface Chosen {
  readonly rows: readonly QuarantinedRow[];
  readonly sensors: ReadonlyMap<string, ReplaySensor>;
  /** The connector that was asked for, and what of it counts as waiting. */
  readonly rest: { readonly of: Sensor; readonly notTriedSince: Date } | null;
}

/**
 * Reads records out of quarantine with the connector as it is today. What can be taken now is published and marked;
 * what cannot is told why. Safe to repeat: ids come from the records, so none makes a second event.
 * @throws {NotFoundError} no such record or connector among the viewer's
 * @throws {IllegalStateError} the service for a customer has ended
 * @throws {InvalidInputError} not 1 to 100 ids, or not either ids or a connector
 * @throws {UnavailableError} the stream cannot say that it has all of them; to repeat is safe
 */
export async function replayQuarantinedRecords(
  ctx: ReplayContext,
  input: ReplayQuarantinedInput,
): Promise<ReplayOutcome> {
  authorize(ctx.viewer, 'quarantine:replay');
  const scope = scopeOf(ctx.viewer);
  const choose = toChoice(input, ctx.clock());
  const chosen = await ctx.db.transaction(scope, (tx) => choose(tx, scope));
  // All or none: nothing is published for a call that is refused.
  const pairs = chosen.rows.map((row) => ({ row, sensor: requireSensor(ctx, chosen, row) }));
  const trials = await Promise.all(
    pairs.map(({ row, sensor }) => tryOne(row, sensor, ctx.publisher)),
  );
  const remaining = await ctx.db.transaction(scope, async (tx) => {
    const { rest } = chosen;
    await keepTrials(tx, trials, ctx.clock());
    return rest ? countUntried(tx, rest.of, rest.notTriedSince) : 0;
  });
  return { items: trials.map(toItem), remaining };
}

type Choose = (tx: Transaction, scope: TenantScope) => Promise<Chosen>;

function toChoice(input: ReplayQuarantinedInput, now: Date): Choose {
  const { ids, connectorId, notTriedSince } = input;
  const hasIds = ids !== null && ids !== undefined;
  const hasConnector = connectorId !== null && connectorId !== undefined;
  if (hasIds && !hasConnector) return chooseByIds(ids);
  if (hasConnector && !hasIds) {
    const since = notTriedSince ?? new Date(now.getTime() - restMs);
    return chooseOfConnector(parseId('input.connectorId', connectorId), since);
  }
  throw new InvalidInputError("Say either 'ids' or 'connectorId'.");
}

function chooseByIds(ids: readonly string[]): Choose {
  const wanted = [...new Set(ids.map((id) => parseId('input.ids', id)))];
  if (wanted.length < 1 || wanted.length > maxRecords) {
    throw new InvalidInputError(`1 to ${maxRecords} records are replayed at once.`, [
      { path: 'input.ids', problem: 'too few or too many' },
    ]);
  }
  return async (tx, scope) => {
    const rows = await findQuarantined(tx, scope, wanted);
    const found = new Set(rows.map(({ recordId }) => recordId));
    const missing = wanted.find((id) => !found.has(id));
    if (missing !== undefined) throw new NotFoundError('QuarantinedRecord', missing);
    const connectorIds = [...new Set(rows.map(({ connectorId }) => connectorId))];
    return { rows, sensors: await loadSensors(tx, scope, connectorIds), rest: null };
  };
}

function chooseOfConnector(connectorId: string, notTriedSince: Date): Choose {
  return async (tx, scope) => {
    const sensors = await loadSensors(tx, scope, [connectorId]);
    const of = sensors.get(connectorId)?.sensor;
    if (!of) throw new NotFoundError('Connector', connectorId);
    const rows = await listUntried(tx, of, notTriedSince, maxRecords);
    return { rows, sensors, rest: { of, notTriedSince } };
  };
}

async function loadSensors(
  tx: Transaction,
  scope: TenantScope,
  connectorIds: readonly string[],
): Promise<ReadonlyMap<string, ReplaySensor>> {
  const sensors = await findSensors(tx, scope, connectorIds);
  return new Map(sensors.map((each) => [each.sensor.connectorId, each]));
}

/** @throws {NotFoundError} it is gone or another provider's now @throws {IllegalStateError} */
function requireSensor(
  { viewer }: ReplayContext,
  { sensors }: Chosen,
  { connectorId }: QuarantinedRow,
): Sensor {
  const from = sensors.get(connectorId);
  if (!from || !isOfItsProvider(viewer, from.sensor)) {
    throw new NotFoundError('Connector', connectorId);
  }
  requireServed(from, 'REPLAY');
  return from.sensor;
}

async function tryOne(
  row: QuarantinedRow,
  sensor: Sensor,
  publisher: TelemetryPublisher,
): Promise<Trial> {
  const { recordId } = row;
  // Its event is there.
  if (row.replayedAt) return { recordId, problem: null };
  return { recordId, problem: await tryAgain(sensor, row, publisher) };
}

function toItem({ recordId: id, problem }: Trial): ReplayedItem {
  return problem
    ? { id, outcome: 'STILL_REJECTED', ...problem }
    : { id, outcome: 'ACCEPTED', code: null, message: null };
}
