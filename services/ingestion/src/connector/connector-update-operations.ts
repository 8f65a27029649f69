import { addToOutbox } from '@vedette/event-bus';
import { InvalidInputError } from '@vedette/service-kit';
import { connectorOf } from '../connectors/index.ts';
import { requireServed } from '../customer/customer.ts';
import { connectorUpdated } from '../events.ts';
import type { ConnectorPart } from '../events.ts';
import { parseSilentAfterMinutes } from '../health/silence.ts';
import { watchAnew } from '../health/watch-store.ts';
import { pollAnew } from '../polling/poll-store.ts';
import { keepSyslogSenders } from '../syslog/syslog-sender-store.ts';
import { parseName } from './connector-operations.ts';
import type { ConnectorContext } from './connector-operations.ts';
import { parseCredentials, parseSettings } from './connector-settings.ts';
import { saveConnector } from './connector-store.ts';
import type { ConnectorRow } from './connector-store.ts';
import { withConnector } from './sensor-key-operations.ts';

/** What is absent or null stays as it is. */
export interface UpdateConnectorInput {
  readonly connectorId: string;
  readonly name?: string | null;
  readonly settings?: unknown;
  readonly credentials?: unknown;
  readonly isPaused?: boolean | null;
  readonly silentAfterMinutes?: number | null;
}

/**
 * Changes what people set for a connector; what is left out stays. What is fetched from its source is fetched again
 * at once, since a person who has just mended something waits for it.
 * @throws {NotFoundError} no such connector among the viewer's
 * @throws {IllegalStateError} the service for its customer has ended, or credentials cannot be kept here
 * @throws {InvalidInputError} a name that is none, settings, credentials or minutes that do not fit, or nothing to
 *   change
 */
export async function updateConnector(
  ctx: ConnectorContext,
  input: UpdateConnectorInput,
): Promise<ConnectorRow> {
  const changed = partsOf(input);
  let updated: ConnectorRow | undefined;
  const before = await withConnector(ctx, input.connectorId, async (tx, held) => {
    requireServed(held.customer, 'UPDATE');
    const now = ctx.clock();
    const connector = change(ctx, held.connector, input);
    await saveConnector(tx, connector);
    const settingsChanged = changed.includes('settings');
    if (settingsChanged && connectorOf(connector.type).deliveries.includes('SYSLOG')) {
      await keepSyslogSenders(tx, connector, connector.settings);
    }
    if (held.connector.isPaused && !connector.isPaused) await watchAnew(tx, connector, now);
    if (changed.some((part) => part !== 'name' && part !== 'silentAfterMinutes')) {
      await pollAnew(tx, connector, { now, isElsewhere: settingsChanged });
    }
    const doing = { providerId: held.customer.providerId, at: now, actor: ctx.viewer };
    await addToOutbox(tx, [connectorUpdated(connector, changed, doing)]);
    updated = connector;
  });
  return updated ?? before;
}

const parameters = [
  'name',
  'settings',
  'credentials',
  'isPaused',
  'silentAfterMinutes',
] as const satisfies readonly ConnectorPart[];

function partsOf(input: UpdateConnectorInput): ConnectorPart[] {
  const parts = parameters.filter((part) => input[part] !== undefined && input[part] !== null);
  if (parts.length > 0) return parts;
  throw new InvalidInputError(`Say what is to be changed, of: ${parameters.join(', ')}.`);
}

function change(
  { credentialSafe }: ConnectorContext,
  connector: ConnectorRow,
  { name, settings, credentials, isPaused, silentAfterMinutes }: UpdateConnectorInput,
): ConnectorRow {
  const definition = connectorOf(connector.type);
  const isGiven = (value: unknown): boolean => value !== undefined && value !== null;
  return {
    ...connector,
    name: name === undefined || name === null ? connector.name : parseName(name),
    settings: isGiven(settings) ? parseSettings(definition, settings) : connector.settings,
    credentialsSealed: isGiven(credentials)
      ? credentialSafe.seal(connector.connectorId, parseCredentials(definition, credentials))
      : connector.credentialsSealed,
    isPaused: isPaused ?? connector.isPaused,
    silentAfterMinutes: parseSilentAfterMinutes(silentAfterMinutes) ?? connector.silentAfterMinutes,
    version: connector.version + 1,
  };
}
