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
import { connectorOf, connectorTypes, isConnectorType } from '../connectors/index.ts';
import type { ConnectorType } from '../connectors/index.ts';
import { holdCustomer } from '../customer/customer-store.ts';
import { isOfItsProvider, requireFeature, requireServed } from '../customer/customer.ts';
import { connectorCreated } from '../events.ts';
import { insertPolls } from '../polling/poll-store.ts';
import { keepSyslogSenders } from '../syslog/syslog-sender-store.ts';
import { parseCredentials, parseSettings } from './connector-settings.ts';
import type { CredentialSafe } from './credential-safe.ts';
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
  readonly settings?: unknown;
  readonly credentials?: unknown;
}

/** What operations on connectors need besides what every operation does. */
export interface ConnectorContext extends OperationContext {
  readonly credentialSafe: CredentialSafe;
}

/**
 * Sets up a source of telemetry and its sensor's key, which is shown in this answer and never again.
 * @throws {NotFoundError} the viewer reaches no such customer, or ingestion has not heard yet that there
 *   is one or that it has moved to the viewer's provider
 * @throws {IllegalStateError} the service for the customer has ended, or credentials cannot be kept here
 * @throws {PlanRequiredError} the source is not of the endpoint, and the plan has no enhanced telemetry
 * @throws {InvalidInputError} unknown type, a name that is none, or settings or credentials that do not fit
 */
export async function createConnector(
  ctx: ConnectorContext,
  input: CreateConnectorInput,
): Promise<{ readonly connector: ConnectorRow; readonly key: string }> {
  const customerId = parseId('input.customerId', input.customerId);
  authorize(ctx.viewer, 'connector:create', { customerId });
  const type = parseType(input.type);
  const definition = connectorOf(type);
  const now = ctx.clock();
  const connectorId = newId(now.getTime());
  const connector: ConnectorRow = {
    connectorId,
    customerId,
    type,
    name: parseName(input.name ?? type),
    provenance: input.provenance ?? 'LIVE',
    createdAt: now,
    version: 1,
    settings: parseSettings(definition, input.settings),
    credentialsSealed:
      input.credentials === undefined || input.credentials === null
        ? null
        : ctx.credentialSafe.seal(connectorId, parseCredentials(definition, input.credentials)),
    isPaused: false,
    silentAfterMinutes: null,
  };
  const key = createMachineKey('vsk');
  const scope = narrowScope(scopeOf(ctx.viewer), customerId);
  await ctx.db.transaction(scope, async (tx) => {
    const customer = await holdCustomer(tx, customerId, 'SHARE');
    if (!customer || !isOfItsProvider(ctx.viewer, customer)) {
      throw new NotFoundError('Customer', customerId);
    }
    requireServed(customer, 'CREATE');
    if (definition.family !== 'ENDPOINT') requireFeature(customer, 'ENHANCED_TELEMETRY');
    await insertConnector(tx, connector);
    if (definition.deliveries.includes('SYSLOG')) {
      await keepSyslogSenders(tx, connector, connector.settings);
    }
    await insertPolls(tx, connector, now);
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

/** @throws {InvalidInputError} empty, too long, or not text */
export function parseName(name: string): string {
  const trimmed = name.trim().toWellFormed();
  if (trimmed.length < 1 || trimmed.length > maxNameLength || trimmed.includes('\0')) {
    throw new InvalidInputError(`A name has 1 to ${maxNameLength} characters.`, [
      { path: 'input.name', problem: 'empty, too long, or not text' },
    ]);
  }
  return trimmed;
}
