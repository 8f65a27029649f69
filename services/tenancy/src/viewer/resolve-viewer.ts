import { timingSafeEqual } from 'node:crypto';
import { ForbiddenError, toError, UnauthenticatedError } from '@vedette/service-kit';
import type { Database, Logger, Viewer } from '@vedette/service-kit';
import { noteUse } from '../api-key/api-key-store.ts';
import { listActiveIssuers } from '../issuer/issuer-store.ts';
import type { IssuerRow } from '../issuer/issuer-store.ts';
import { mayVouch } from '../user/user.ts';
import { findKey, findPerson, findReach } from './viewer-store.ts';
import type { FoundKey, FoundPerson, Reach } from './viewer-store.ts';

/** What the gateway has verified of somebody who asks. */
export type Claims =
  | {
      readonly kind: 'PERSON';
      readonly issuerId: string;
      readonly subject: string;
      readonly hasMfa: boolean;
    }
  | {
      readonly kind: 'API_KEY';
      readonly publicId: string;
      /** SHA-256 of the whole key in base64. */
      readonly sha256: string;
    };

export interface ResolverContext {
  readonly database: Database;
  readonly clock: () => Date;
  readonly logger: Logger;
}

/** Who is decided here for everybody, so these look-ups see every tenant. */
const everyTenant = { kind: 'OPERATOR' } as const;

/**
 * Says who somebody is today and what they reach. Asked by the gateway only.
 * @throws {ForbiddenError} the asker is not the gateway
 * @throws {UnauthenticatedError} nobody: not invited, deactivated, expired, revoked or wrong
 */
export async function resolveViewer(
  asker: Viewer,
  ctx: ResolverContext,
  claims: Claims,
): Promise<Viewer> {
  requireGateway(asker);
  const viewer =
    claims.kind === 'PERSON' ? await resolvePerson(ctx, claims) : await resolveKey(ctx, claims);
  if (!viewer) throw new UnauthenticatedError('Nobody signs in so.');
  return viewer;
}

/** Every OpenID provider whose tokens are believed now. Asked by the gateway only. */
export async function listBelievedIssuers(
  asker: Viewer,
  { database }: ResolverContext,
): Promise<readonly IssuerRow[]> {
  requireGateway(asker);
  return database.transaction(everyTenant, listActiveIssuers);
}

/** @throws {ForbiddenError} */
function requireGateway({ principalId, role }: Viewer): void {
  if (principalId !== 'gateway' || role !== 'SERVICE') throw new ForbiddenError('viewer:resolve');
}

async function resolvePerson(
  { database }: ResolverContext,
  { issuerId, subject, hasMfa }: Extract<Claims, { kind: 'PERSON' }>,
): Promise<Viewer | null> {
  // What PostgreSQL cannot hold was never invited.
  if (subject.includes('\0') || !subject.isWellFormed()) return null;
  return database.transaction(everyTenant, async (tx) => {
    const person = await findPerson(tx, issuerId, subject);
    return person && toPerson(person, await findReach(tx, person), hasMfa);
  });
}

async function resolveKey(
  ctx: ResolverContext,
  { publicId, sha256 }: Extract<Claims, { kind: 'API_KEY' }>,
): Promise<Viewer | null> {
  const now = ctx.clock();
  return ctx.database.transaction(everyTenant, async (tx) => {
    const key = await findKey(tx, publicId);
    if (!key || !isValid(key, Buffer.from(sha256, 'base64'), now)) return null;
    noteUseSoon(ctx, key, now);
    return toIntegration(key, await findReach(tx, key));
  });
}

/** Nobody waits for it: a key works also when its use cannot be noted. */
function noteUseSoon({ database, logger }: ResolverContext, key: FoundKey, now: Date): void {
  const minute = new Date(now.getTime() - (now.getTime() % 60_000));
  if (key.lastUsedAt !== null && key.lastUsedAt >= minute) return;
  database
    .transaction(everyTenant, (tx) => noteUse(tx, key.principalId, minute))
    .catch((error: unknown) => {
      logger.warn({ err: toError(error) }, 'the last use of a key was not noted');
    });
}

/** Null when the issuer's word no longer counts, or the customer whose person it is has gone. */
export function toPerson(person: FoundPerson, reach: Reach, hasMfa: boolean): Viewer | null {
  const { principalId, role, providerId, customerId, isProviderFrozen } = person;
  const issuer = { providerId: person.issuerProviderId, customerId: person.issuerCustomerId };
  if (!mayVouch(issuer, person)) return null;
  const mfa = hasMfa ? { hasMfa } : {};
  if (role.startsWith('OPERATOR_')) return { principalId, role, customerIds: 'ALL', ...mfa };
  const { customerIds, approvesFor } = reach;
  if (customerId !== null && customerIds.length === 0) return null;
  // People whom a customer's own issuer vouches for are not in the provider's hands.
  const isReadOnly = isProviderFrozen && issuer.customerId === null;
  return {
    ...{ principalId, role, providerId, customerIds },
    ...(role === 'PROVIDER_TECHNICIAN' ? { approvesFor } : {}),
    ...mfa,
    ...(isReadOnly ? { isReadOnly } : {}),
  };
}

/** Whether the secret presented is the one stored, compared in constant time, and has not ended. */
export function isValid(key: FoundKey, sha256: Buffer, now: Date): boolean {
  const isSame = sha256.byteLength === key.sha256.byteLength && timingSafeEqual(sha256, key.sha256);
  return isSame && key.expiresAt > now;
}

/** Null when the customer whose key it is has gone. */
export function toIntegration(key: FoundKey, { customerIds }: Reach): Viewer | null {
  const { principalId, providerId, customerId, scopes, isProviderFrozen } = key;
  if (customerId !== null && customerIds.length === 0) return null;
  return {
    ...{ principalId, role: 'INTEGRATION', providerId, customerIds, scopes },
    ...(isProviderFrozen ? { isReadOnly: true } : {}),
  };
}
