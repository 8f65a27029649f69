import { addToOutbox } from '@vedette/event-bus';
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
import { holdCustomer } from '../customer/customer-store.ts';
import { isOfItsProvider, requireServed } from '../customer/customer.ts';
import type { KnownCustomer } from '../customer/customer.ts';
import { byItself, sensorKeyRotated, sensorKeysRevoked } from '../events.ts';
import type { Doing } from '../events.ts';
import { findConnectors, lockConnector, raiseVersions } from './connector-store.ts';
import type { ConnectorRow, ConnectorVersion } from './connector-store.ts';
import { endSensorKeys, insertSensorKey, replaceSensorKey } from './sensor-key-store.ts';

const defaultOverlapHours = 24;
const maxOverlapHours = 168;
const hourMs = 3_600_000;

export interface RotateSensorKeyInput {
  readonly connectorId: string;
  readonly overlapHours?: number | null;
}

/**
 * Makes another key for a connector's sensor, shown in this answer and never again. The key before it
 * works on for the overlap, unless it ends sooner; any older one ends now, so that two work at most.
 * @throws {NotFoundError} no such connector among the viewer's
 * @throws {IllegalStateError} the service for its customer has ended
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
  const key = createMachineKey('vsk');
  const { publicId } = key;
  const connector = await withConnector(ctx, connectorId, async (tx, held) => {
    requireServed(held.customer, 'ROTATE');
    // After the lock, so that of two rotations the later one has the later time.
    const now = ctx.clock();
    const lastUntil = new Date(now.getTime() + hours * hourMs);
    const oldKeyUntil = await replaceSensorKey(tx, held.connector, { now, lastUntil });
    const { customerId, connectorId: id } = held.connector;
    const keySha256 = digestMachineKey(key);
    await insertSensorKey(tx, { customerId, connectorId: id, publicId, keySha256, createdAt: now });
    const doing = { providerId: held.customer.providerId, at: now, actor: ctx.viewer };
    const changed = await raiseVersions(tx, [id]);
    await addToOutbox(
      tx,
      changed.map((each) => sensorKeyRotated(each, publicId, oldKeyUntil, doing)),
    );
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
  return withConnector(ctx, connectorId, (tx, { connector, customer }) => {
    const { providerId } = customer;
    return revoke(tx, connector, { providerId, at: ctx.clock(), actor: ctx.viewer });
  });
}

/**
 * Ends all keys of a customer that has come to another provider: the one before was shown them.
 * Its connectors stay, silent until they are given new keys.
 */
export function revokeKeysFromBefore(
  tx: Transaction,
  { customerId, providerId }: { readonly customerId: string; readonly providerId: string },
  at: Date,
): Promise<void> {
  return revoke(tx, { customerId }, { providerId, at, actor: byItself });
}

async function revoke(
  tx: Transaction,
  of: Parameters<typeof endSensorKeys>[1],
  doing: Doing,
): Promise<void> {
  const ended = Map.groupBy(await endSensorKeys(tx, of, doing.at), (key) => key.connectorId);
  if (ended.size === 0) return;
  const changed = await raiseVersions(tx, [...ended.keys()]);
  const publicIdsOf = ({ connectorId }: ConnectorVersion): string[] =>
    (ended.get(connectorId) ?? []).map(({ publicId }) => publicId);
  await addToOutbox(
    tx,
    changed.map((connector) => sensorKeysRevoked(connector, publicIdsOf(connector), doing)),
  );
}

export interface HeldConnector {
  readonly connector: ConnectorRow;
  readonly customer: KnownCustomer;
}

/**
 * Customer and connector are held, in this order, until the change is made.
 * @throws {NotFoundError} no such connector among the viewer's
 */
export async function withConnector(
  ctx: OperationContext,
  connectorId: string,
  change: (tx: Transaction, held: HeldConnector) => Promise<void>,
): Promise<ConnectorRow> {
  const id = parseId('input.connectorId', connectorId);
  authorize(ctx.viewer, 'connector:create');
  const scope = scopeOf(ctx.viewer);
  return ctx.db.transaction(scope, async (tx) => {
    const [found] = await findConnectors(tx, scope, [id]);
    const customer = found ? await holdCustomer(tx, found.customerId, 'SHARE') : null;
    if (!customer || !isOfItsProvider(ctx.viewer, customer))
      throw new NotFoundError('Connector', id);
    const connector = await lockConnector(tx, scope, id);
    if (!connector) throw new NotFoundError('Connector', id);
    await change(tx, { connector, customer });
    return connector;
  });
}
