import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayError, listAll, type Ask } from '../gateway-client.ts';
import { readSensors, writeSensors, type Sensor } from '../principals.ts';

const customerCopyTimeoutMs = 15_000;

/** Sees to it that each customer has a `windows-events` sensor. */
export async function ensureSensors(
  ask: Ask,
  dataDir: string,
  customers: readonly { readonly customerId: string; readonly providerId: string }[],
): Promise<void> {
  const connectorType = 'windows-events';
  let sensors = await readSensors(dataDir);
  for (const { customerId, providerId } of customers) {
    const isThere = sensors.some(
      (each) => each.customerId === customerId && each.connectorType === connectorType,
    );
    if (isThere) continue;
    const sensor = await createSensor(ask, customerId, providerId, connectorType, 'DEMO');
    sensors = [...sensors, sensor];
    // One by one: a key is shown only once.
    await writeSensors(dataDir, sensors);
  }
}

/** Forgets the sensors of customers that have left: nobody listens to them any more. */
export async function forgetSilentSensors(ask: Ask, dataDir: string): Promise<void> {
  const known = await listAll<{ id: string; status: string }>(ask, 'customers', 'id status');
  const served = new Set(known.filter(({ status }) => status === 'ACTIVE').map(({ id }) => id));
  const sensors = await readSensors(dataDir);
  const heard = sensors.filter(({ customerId }) => served.has(customerId));
  if (heard.length < sensors.length) await writeSensors(dataDir, heard);
}

/**
 * Sets up a connector and its sensor key. Ingestion learns of a new customer by event, so a customer
 * made a moment ago may be unknown there for another moment.
 */
export async function createSensor(
  ask: Ask,
  customerId: string,
  providerId: string,
  connectorType: string,
  provenance: 'LIVE' | 'DEMO',
): Promise<Sensor> {
  const deadline = Date.now() + customerCopyTimeoutMs;
  for (;;) {
    try {
      const { createConnector } = await ask<{
        createConnector: { connector: { id: string }; key: string };
      }>(
        'mutation ($input: CreateConnectorInput!) { createConnector(input: $input) { connector { id } key } }',
        { input: { customerId, type: connectorType, provenance } },
      );
      return {
        customerId,
        providerId,
        connectorId: createConnector.connector.id,
        connectorType,
        key: createConnector.key,
      };
    } catch (error) {
      const isTooEarly =
        error instanceof GatewayError && error.code === 'NOT_FOUND' && Date.now() < deadline;
      if (!isTooEarly) throw error;
      await sleep(100);
    }
  }
}
