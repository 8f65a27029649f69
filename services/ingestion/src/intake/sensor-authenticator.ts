import { isMachineKey, parseMachineKey } from '@vedette/service-kit';
import type { Database } from '@vedette/service-kit';
import { findSensor } from '../connector/sensor-key-store.ts';
import type { KnownSensor, Sensor } from '../connector/sensor-key-store.ts';
import { Refusal } from './refusal.ts';

/**
 * Tells who sends.
 * @throws {Refusal} 401: no key, no such key, or the wrong secret, all alike; 403: the service for the
 *   sensor's customer has ended
 */
export type AuthenticateSensor = (token: string | null) => Promise<Sensor>;

/** A key that was taken away, or whose customer's service has ended, works for this long at most. */
export const sensorCacheMs = 10_000;
const maxCached = 10_000;

interface Cached extends KnownSensor {
  readonly until: number;
}

/** Only keys that exist are kept in mind, so that a new key works at once. */
export function createSensorAuthenticator(
  database: Database,
  clock: () => Date,
): AuthenticateSensor {
  const cache = new Map<string, Cached>();
  const find = async (publicId: string): Promise<Cached | null> => {
    const now = clock().getTime();
    const known = cache.get(publicId);
    if (known && known.until > now) return known;
    cache.delete(publicId);
    const found = await findSensor(database, publicId, new Date(now));
    if (!found) return null;
    if (cache.size >= maxCached) cache.clear();
    const cached = { ...found, until: now + sensorCacheMs };
    cache.set(publicId, cached);
    return cached;
  };
  return async (token) => {
    const key = token === null ? null : parseMachineKey('vsk', token);
    const found = key && (await find(key.publicId));
    if (key && found && isMachineKey(key, found.keySha256)) {
      if (found.isServed) return found.sensor;
      throw new Refusal(
        403,
        'FORBIDDEN',
        'The service for this customer has ended; its events are no longer taken.',
      );
    }
    throw new Refusal(401, 'UNAUTHENTICATED', 'Send a valid sensor key as bearer token.', {
      headers: { 'www-authenticate': 'Bearer realm="ingestion"' },
    });
  };
}
