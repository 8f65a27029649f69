import type { Database } from '@vedette/service-kit';
import { findSensor } from '../connector/sensor-key-store.ts';
import type { Sensor } from '../connector/sensor-key-store.ts';
import { isSensorKey, parseSensorKey } from '../connector/sensor-key.ts';
import { Refusal } from './refusal.ts';

/** Tells who sends. @throws {Refusal} 401: no key, no such key, or the wrong secret, all alike */
export type AuthenticateSensor = (token: string | null) => Promise<Sensor>;

/** A key that was taken away works for this long at most. */
const cacheMs = 10_000;
const maxCached = 10_000;

interface Cached {
  readonly sensor: Sensor;
  readonly keySha256: Buffer;
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
    const found = await findSensor(database, publicId);
    if (!found) return null;
    if (cache.size >= maxCached) cache.clear();
    const cached = { ...found, until: now + cacheMs };
    cache.set(publicId, cached);
    return cached;
  };
  return async (token) => {
    const key = token === null ? null : parseSensorKey(token);
    const found = key && (await find(key.publicId));
    if (key && found && isSensorKey(key, found.keySha256)) return found.sensor;
    throw new Refusal(401, 'UNAUTHENTICATED', 'Send a valid sensor key as bearer token.', {
      headers: { 'www-authenticate': 'Bearer realm="ingestion"' },
    });
  };
}
