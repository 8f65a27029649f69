import { setTimeout as delay } from 'node:timers/promises';
import { telemetrySubject, untilEmpty } from '@vedette/event-bus';
import type { Bus } from '@vedette/event-bus';
import { UnavailableError } from '@vedette/service-kit';
import type { Database } from '@vedette/service-kit';
import { publishTimeoutMs } from '../telemetry/telemetry-publisher.ts';
import { sensorCacheMs } from './sensor-authenticator.ts';

/** How long a replica may still take what a sensor sends: as it remembers it, and what is on its way. */
const doorClosesMs = sensorCacheMs + publishTimeoutMs;

/**
 * Waits until nothing more can come of a customer whose service has ended: every replica refuses its
 * sensors, and history and detector are done with what was taken before.
 * @throws {UnavailableError} that is not so yet
 */
export async function untilSilent(
  customerId: string,
  {
    bus,
    database,
    closesMs = doorClosesMs,
  }: { readonly bus: Bus; readonly database: Database; readonly closesMs?: number },
): Promise<void> {
  const { isRefused, hasSensors } = await readDoor(database, customerId);
  if (!isRefused) throw new UnavailableError('refusal of the sensors');
  if (hasSensors) await delay(closesMs);
  await untilEmpty(bus, 'TELEMETRY', telemetrySubject(customerId));
}

async function readDoor(
  database: Database,
  customerId: string,
): Promise<{ isRefused: boolean; hasSensors: boolean }> {
  const scope = { kind: 'CUSTOMERS', customerIds: [customerId] } as const;
  const rows: { is_refused: boolean; has_sensors: boolean }[] = await database.transaction(
    scope,
    (tx) =>
      tx.query(
        `select exists (select from customers where customer_id = $1 and not is_served) as is_refused,
                exists (select from sensor_keys where customer_id = $1) as has_sensors`,
        [customerId],
      ),
  );
  return { isRefused: rows[0]?.is_refused ?? false, hasSensors: rows[0]?.has_sensors ?? true };
}
