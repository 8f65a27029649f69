import {
  authorize,
  createMachineKey,
  digestMachineKey,
  InvalidInputError,
  NotFoundError,
  parseId,
  scopeOf,
} from '@vedette/service-kit';
import type { OperationContext, Transaction } from '@vedette/service-kit';
import { findConnectors } from './connector-store.ts';
import type { ConnectorRow } from './connector-store.ts';
import { endSensorKeys, insertSensorKey } from './sensor-key-store.ts';

const defaultOverlapHours = 24;
const maxOverlapHours = 168;
const hourMs = 3_600_000;

export interface RotateSensorKeyInput {
  readonly connectorId: string;
  readonly overlapHours?: number | null;
}

/**
 * Makes another key for a connector's sensor, shown in this answer and never again. The keys before it
 * work on for the overlap, unless they end sooner.
 * @throws {NotFoundError} no such connector among the viewer's
 * @throws {InvalidInputError} an overlap out of 0 to 168 hours
 */
export async function rotateSensorKey(
  ctx: OperationContext,
  { connectorId, overlapHours }: RotateSensorKeyInput,
): Promise<{ readonly connector: ConnectorRow; readonly key: string }> {
  const hours = overlapHours ?? defaultOverlapHours;
  if (hours < 0 || hours > maxOverlapHours) {
    throw new InvalidInputError(`Keys may overlap for 0 to ${maxOverlapHours} hours.`, [
      { path: 'input.overlapHours', problem: 'out of range' },
    ]);
  }
  const now = ctx.clock();
  const key = createMachineKey('vsk');
  const connector = await withConnector(ctx, connectorId, async (tx, { customerId }) => {
    await endSensorKeys(tx, connectorId, new Date(now.getTime() + hours * hourMs));
    await insertSensorKey(tx, {
      ...{ customerId, connectorId, publicId: key.publicId, createdAt: now },
      keySha256: digestMachineKey(key),
    });
  });
  return { connector, key: key.text };
}

/**
 * Ends all keys of a connector's sensor; every process has heard of it ten seconds later. Safe to repeat.
 * @throws {NotFoundError} no such connector among the viewer's
 */
export function revokeSensorKeys(
  ctx: OperationContext,
  connectorId: string,
): Promise<ConnectorRow> {
  return withConnector(ctx, connectorId, (tx) => endSensorKeys(tx, connectorId, ctx.clock()));
}

async function withConnector(
  ctx: OperationContext,
  connectorId: string,
  change: (tx: Transaction, connector: ConnectorRow) => Promise<void>,
): Promise<ConnectorRow> {
  const id = parseId('input.connectorId', connectorId);
  authorize(ctx.viewer, 'connector:create');
  const scope = scopeOf(ctx.viewer);
  return ctx.db.transaction(scope, async (tx) => {
    const [connector] = await findConnectors(tx, scope, [id]);
    if (!connector) throw new NotFoundError('Connector', id);
    await change(tx, connector);
    return connector;
  });
}
