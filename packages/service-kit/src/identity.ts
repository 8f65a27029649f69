import { hash } from 'node:crypto';
import { createLocalJWKSet, errors, importJWK, jwtVerify, SignJWT } from 'jose';
import type { CryptoKey, JSONWebKeySet, JWK } from 'jose';
import { z } from 'zod';
import { UnauthenticatedError } from './errors.ts';
import { roles } from './permissions.ts';
import type { Viewer } from './viewer.ts';

/** Header in which the gateway tells a subgraph who asks. */
export const identityHeader = 'x-vedette-identity';

const issuer = 'vedette-gateway';
const lifeSeconds = 30;

/**
 * Customers that one viewer may reach by name: as many as fit the header of 256 KiB, at 28.4 bytes each,
 * and whether it approves for each.
 */
export const maxCustomersOfViewer = 9_000;

const identityClaims = z.object({
  sub: z.string(),
  role: z.enum(roles),
  provider_id: z.uuid().optional(),
  customer_ids: z.union([z.literal('ALL'), packedIds()]),
  approves_for: z.base64url().optional(),
  scopes: z.array(z.string()).optional(),
  mfa: z.literal(true).optional(),
  read_only: z.literal(true).optional(),
});

/** Public keys by which identity tokens are verified (RFC 7517). */
export type IdentityKeys = JSONWebKeySet;

export const identityKeySet: z.ZodType<IdentityKeys> = z.looseObject({
  keys: z.array(z.looseObject({ kty: z.string() })).min(1),
});

/**
 * Signs identity tokens: EdDSA, for one subgraph, valid for thirty seconds. Rejects for a viewer of more
 * customers than a header can name.
 */
export async function createIdentitySigner(
  privateKey: JWK,
): Promise<(viewer: Viewer, audience: string) => Promise<string>> {
  const key = (await importJWK(privateKey, 'EdDSA')) as CryptoKey;
  return async (viewer, audience) => {
    const { customerIds } = viewer;
    if (customerIds !== 'ALL' && customerIds.length > maxCustomersOfViewer) {
      throw new Error(
        `${viewer.principalId} reaches ${customerIds.length} customers; an identity token can name ${maxCustomersOfViewer}`,
      );
    }
    return new SignJWT({
      role: viewer.role,
      customer_ids: customerIds === 'ALL' ? 'ALL' : packIds(customerIds),
      ...(viewer.providerId ? { provider_id: viewer.providerId } : {}),
      ...(viewer.approvesFor ? { approves_for: packChoice(customerIds, viewer.approvesFor) } : {}),
      ...(viewer.scopes ? { scopes: viewer.scopes } : {}),
      ...(viewer.hasMfa ? { mfa: true } : {}),
      ...(viewer.isReadOnly ? { read_only: true } : {}),
    })
      .setProtectedHeader({ alg: 'EdDSA', ...(privateKey.kid ? { kid: privateKey.kid } : {}) })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(viewer.principalId)
      .setIssuedAt()
      .setExpirationTime(`${lifeSeconds}s`)
      .sign(key);
  };
}

/**
 * Verifies identity tokens for one subgraph. A token that names another audience, is older than its
 * thirty seconds or is signed by an unknown key proves nothing. The gateway uses a token for some
 * seconds, so what was verified is remembered as long as the token lives.
 * @throws {UnauthenticatedError} no token, or not a valid one
 */
export function createIdentityVerifier(
  publicKeys: IdentityKeys,
  audience: string,
  now: () => number = Date.now,
): (token: string | undefined) => Promise<Viewer> {
  const keys = createLocalJWKSet(publicKeys);
  const verified = createVerifiedTokens(now);
  return async (token) => {
    if (!token) throw new UnauthenticatedError('This service answers only to the gateway.');
    const digest = hash('sha256', token, 'base64');
    const known = verified.find(digest);
    if (known) return known;
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ['EdDSA'],
        issuer,
        audience,
        maxTokenAge: `${lifeSeconds}s`,
        clockTolerance: '5s',
        currentDate: new Date(now()),
      });
      const viewer = toViewer(identityClaims.parse(payload));
      const until = Math.min((payload.iat ?? 0) + lifeSeconds, payload.exp ?? Infinity);
      verified.keep(digest, viewer, until * 1000);
      return viewer;
    } catch (cause) {
      if (cause instanceof errors.JOSEError || cause instanceof z.ZodError) {
        throw new UnauthenticatedError('The identity token is not valid.', { cause });
      }
      throw cause;
    }
  };
}

function toViewer(claims: z.output<typeof identityClaims>): Viewer {
  if (claims.customer_ids === 'ALL' && !claims.role.startsWith('OPERATOR_')) {
    throw new UnauthenticatedError('The identity token is not valid.');
  }
  const { approves_for: choice } = claims;
  return {
    principalId: claims.sub,
    role: claims.role,
    customerIds: claims.customer_ids,
    ...(claims.provider_id ? { providerId: claims.provider_id } : {}),
    ...(choice === undefined ? {} : { approvesFor: unpackChoice(claims.customer_ids, choice) }),
    ...(claims.scopes ? { scopes: claims.scopes } : {}),
    ...(claims.mfa ? { hasMfa: true } : {}),
    ...(claims.read_only ? { isReadOnly: true } : {}),
  };
}

const idBytes = 16;

/** Ids as their bytes, one after the other, in base64url: a third of what they are as JSON. */
function packIds(ids: readonly string[]): string {
  return Buffer.from(ids.map((id) => id.replaceAll('-', '')).join(''), 'hex').toString('base64url');
}

/**
 * Which of the ids are chosen, a bit for each, in base64url: naming thousands again would double the
 * token. Nobody approves for a customer that they do not reach, so nothing is lost.
 */
function packChoice(ids: readonly string[] | 'ALL', chosen: readonly string[]): string {
  if (ids === 'ALL') return '';
  const isChosen = new Set(chosen);
  const bits = Buffer.alloc(Math.ceil(ids.length / 8));
  ids.forEach((id, n) => {
    if (isChosen.has(id)) bits.writeUInt8(bits.readUInt8(n >> 3) | (1 << (n & 7)), n >> 3);
  });
  return bits.toString('base64url');
}

function unpackChoice(ids: readonly string[] | 'ALL', choice: string): readonly string[] {
  const bits = Buffer.from(choice, 'base64url');
  if (ids === 'ALL') return [];
  if (bits.byteLength !== Math.ceil(ids.length / 8)) {
    throw new UnauthenticatedError('The identity token is not valid.');
  }
  return ids.filter((_, n) => (bits.readUInt8(n >> 3) & (1 << (n & 7))) !== 0);
}

function packedIds() {
  return z
    .base64url()
    .transform((text) => Buffer.from(text, 'base64url'))
    .refine((bytes) => bytes.byteLength % idBytes === 0)
    .transform((bytes): readonly string[] =>
      Array.from({ length: bytes.byteLength / idBytes }, (_, n) => {
        const hex = bytes.toString('hex', n * idBytes, (n + 1) * idBytes);
        return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
      }),
    );
}

/** About 60 MB: an id is a string of its own. */
const maxKeptIds = 500_000;
const maxKeptTokens = 5_000;

interface VerifiedTokens {
  find(digest: string): Viewer | null;
  keep(digest: string, viewer: Viewer, untilMs: number): void;
}

/** What was verified, oldest first; bounded by how many ids its viewers hold. */
function createVerifiedTokens(now: () => number): VerifiedTokens {
  const kept = new Map<string, { readonly viewer: Viewer; readonly untilMs: number }>();
  let ids = 0;
  const drop = (digest: string): void => {
    const entry = kept.get(digest);
    if (entry && kept.delete(digest)) ids -= entry.viewer.customerIds.length;
  };
  return {
    find: (digest) => {
      const entry = kept.get(digest);
      if (entry && entry.untilMs > now()) return entry.viewer;
      drop(digest);
      return null;
    },
    keep: (digest, viewer, untilMs) => {
      drop(digest);
      kept.set(digest, { viewer, untilMs });
      ids += viewer.customerIds.length;
      for (const [oldest, entry] of kept) {
        const isOver = kept.size > maxKeptTokens || ids > maxKeptIds;
        if (!isOver && entry.untilMs > now()) break;
        drop(oldest);
      }
    },
  };
}
