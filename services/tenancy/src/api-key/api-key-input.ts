import { isPermission, isReading, permissions } from '@vedette/service-kit';
import type { Permission, Role } from '@vedette/service-kit';
import { refuseInput } from '../input.ts';

const dayMs = 24 * 60 * 60 * 1_000;
const hourMs = 60 * 60 * 1_000;
const defaultLifeMs = 90 * dayMs;
const maxLifeMs = 366 * dayMs;
const maxOverlapHours = 168;
const defaultOverlapHours = 24;

/** What a key can be used for: all that software may do at all. */
export const grantableScopes: readonly Permission[] = Object.entries(permissions)
  .filter(([, allowed]) => (allowed as readonly Role[]).includes('INTEGRATION'))
  .map(([permission]) => permission)
  .filter(isPermission);

/**
 * Scopes of a new key; by default everything that software may read.
 * @throws {InvalidInputError} none, or one that no key can have
 */
export function parseScopes(scopes: readonly string[] | null | undefined): readonly string[] {
  if (!scopes) return grantableScopes.filter(isReading);
  const known: readonly string[] = grantableScopes;
  if (scopes.length === 0) refuseInput('input.scopes', 'is empty');
  const unknown = scopes.find((scope) => !known.includes(scope));
  if (unknown !== undefined) {
    const name = unknown.slice(0, 100);
    refuseInput('input.scopes', `names '${name}', which is none of ${known.join(', ')}`);
  }
  return [...new Set(scopes)];
}

/** @throws {InvalidInputError} in the past, or more than a year away */
export function parseExpiry(expiresAt: Date | null | undefined, now: Date): Date {
  if (!expiresAt) return new Date(now.getTime() + defaultLifeMs);
  const lifeMs = expiresAt.getTime() - now.getTime();
  if (lifeMs <= 0) refuseInput('input.expiresAt', 'is in the past');
  if (lifeMs > maxLifeMs) refuseInput('input.expiresAt', 'is more than a year from now');
  return expiresAt;
}

/**
 * Until when the old secret works after a rotation; never longer than the key.
 * @throws {InvalidInputError} not 0 to 168 hours
 */
export function overlapEnd(hours: number | null | undefined, now: Date, keyEnd: Date): Date {
  const overlap = hours ?? defaultOverlapHours;
  if (overlap < 0 || overlap > maxOverlapHours) {
    refuseInput('input.overlapHours', `is not from 0 to ${maxOverlapHours}`);
  }
  return new Date(Math.min(now.getTime() + overlap * hourMs, keyEnd.getTime()));
}
