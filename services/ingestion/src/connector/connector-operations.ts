import { addToOutbox } from '@vedette/event-bus';
import {
  authorize,
  createMachineKey,
  digestMachineKey,
  findCustomer,
  InvalidInputError,
  narrowScope,
  newId,
  NotFoundError,
  parseId,
  scopeOf,
  toConnection,
  toPage,
} from '@vedette/service-kit';
import type { Connection, OperationContext, PageArguments } from '@vedette/service-kit';
import { connectorTypes, isConnectorType } from '../connectors/index.ts';
import type { ConnectorType } from '../connectors/index.ts';
import { holdCustomer } from '../customer/customer-store.ts';
import { isOfItsProvider, requireServed } from '../customer/customer.ts';
import { connectorCreated } from '../events.ts';
import {
  findConnectors,
  insertConnector,
  listConnectors as listConnectorRows,
} from './connector-store.ts';
import type { ConnectorProvenance, ConnectorRow } from './connector-store.ts';
import { insertSensorKey } from './sensor-key-store.ts';

export interface CreateConnectorInput {
  readonly customerId: string;
  readonly type: string;
  readonly name?: string | null;
  readonly provenance?: ConnectorProvenance | null;
}

/**
 * Sets up a source of telemetry and its sensor's key, which is shown in this answer and never again.
 * @throws {NotFoundError} the viewer reaches no such customer, or ingestion has not heard yet that there
 *   is one or that it has moved to the viewer's provider
 * @throws {IllegalStateError} the service for the customer has ended
 * @throws {InvalidInputError} unknown type, or a name that is none
 */
export async function createConnector(
  ctx: OperationContext,
  input: CreateConnectorInput,
): Promise<{ readonly connector: ConnectorRow; readonly key: string }> {
  const customerId = parseId('input.customerId', input.customerId);
  authorize(ctx.viewer, 'connector:create', { customerId });
  const type = parseType(input.type);
  const now = ctx.clock();
  const connector: ConnectorRow = {
    connectorId: newId(now.getTime()),
    customerId,
    type,
    name: parseName(input.name ?? type),
    provenance: input.provenance ?? 'LIVE',
    createdAt: now,
    version: 1,
  };
  const key = createMachineKey('vsk');
  const scope = narrowScope(scopeOf(ctx.viewer), customerId);
  await ctx.db.transaction(scope, async (tx) => {
    const customer = await holdCustomer(tx, customerId, 'SHARE');
    if (!customer || !isOfItsProvider(ctx.viewer, customer)) {
      throw new NotFoundError('Customer', customerId);
    }
    requireServed(customer, 'CREATE');
    await insertConnector(tx, connector);
    await insertSensorKey(tx, {
      customerId,
      connectorId: connector.connectorId,
      publicId: key.publicId,
      keySha256: digestMachineKey(key),
      createdAt: now,
    });
    const doing = { providerId: customer.providerId, actor: ctx.viewer };
    await addToOutbox(tx, [connectorCreated(connector, key.publicId, doing)]);
  });
  return { connector, key: key.text };
}

/** Connectors by id, for references; what the viewer does not reach is null. */
export async function loadConnectors(
  ctx: OperationContext,
  connectorIds: readonly string[],
): Promise<(ConnectorRow | null)[]> {
  authorize(ctx.viewer, 'connector:read');
  const ids = connectorIds.map((id) => parseId('id', id));
  const scope = scopeOf(ctx.viewer);
  const rows = await ctx.db.transaction(scope, (tx) => findConnectors(tx, scope, ids));
  const byId = new Map(rows.map((row) => [row.connectorId, row]));
  return ids.map((id) => byId.get(id) ?? null);
}

export interface ListConnectorsArguments extends PageArguments {
  readonly filter?: { readonly customerId?: string | null } | null;
}

/** @throws {NotFoundError} the filter names a customer that the viewer does not reach */
export async function listConnectors(
  ctx: OperationContext,
  { filter, ...args }: ListConnectorsArguments,
): Promise<Connection<ConnectorRow>> {
  const page = toPage(args, ['ID']);
  const wantedCustomerId = filter?.customerId ?? null;
  const customerId =
    wantedCustomerId === null ? undefined : parseId('filter.customerId', wantedCustomerId);
  authorize(ctx.viewer, 'connector:read', customerId ? { customerId } : {});
  const reach = scopeOf(ctx.viewer);
  const scope = customerId ? narrowScope(reach, customerId) : reach;
  const rows = await ctx.db.transaction(scope, async (tx) => {
    if (customerId && !(await findCustomer(tx, scope, customerId))) {
      throw new NotFoundError('Customer', customerId);
    }
    return listConnectorRows(tx, scope, page);
  });
  return toConnection(rows, page, (row) => [row.connectorId]);
}

function parseType(type: string): ConnectorType {
  if (isConnectorType(type)) return type;
  throw new InvalidInputError(`A connector's type is one of: ${connectorTypes.join(', ')}.`, [
    { path: 'input.type', problem: 'unknown type' },
  ]);
}

const maxNameLength = 200;

function parseName(name: string): string {
  const trimmed = name.trim().toWellFormed();
  if (trimmed.length < 1 || trimmed.length > maxNameLength || trimmed.includes('\0')) {
    throw new InvalidInputError(`A name has 1 to ${maxNameLength} characters.`, [
      { path: 'input.name', problem: 'empty, too long, or not text' },
    ]);
  }
  return trimmed;
}
