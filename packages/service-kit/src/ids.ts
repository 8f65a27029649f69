import { randomBytes } from 'node:crypto';
import { InvalidInputError } from './errors.ts';

/**
 * A UUID of version 7 (RFC 9562): ids of what is created sort by time of creation.
 * Derived ids use version 5 instead.
 */
export function newId(now: number = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const uuidShape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && uuidShape.test(value);
}

/** Checks an id from outside, so that a bad one is the caller's error and not the database's. */
export function parseId(path: string, value: string): string {
  if (!isUuid(value))
    throw new InvalidInputError(`'${path}' is not an id.`, [{ path, problem: 'not a UUID' }]);
  return value.toLowerCase();
}
