import { createLocalJWKSet, errors, importJWK, jwtVerify, SignJWT } from 'jose';
import type { CryptoKey, JSONWebKeySet, JWK } from 'jose';
import { z } from 'zod';
import { UnauthenticatedError } from './errors.ts';
import type { Viewer } from './viewer.ts';

/** Header in which the gateway tells a subgraph who asks. */
export const identityHeader = 'x-vedette-identity';

const issuer = 'vedette-gateway';
const lifeSeconds = 30;

const identityClaims = z.object({
  sub: z.string(),
  role: z.enum([
    'OPERATOR_ADMIN',
    'OPERATOR_LEAD',
    'OPERATOR_ANALYST',
    'PROVIDER_ADMIN',
    'PROVIDER_TECHNICIAN',
    'PROVIDER_VIEWER',
    'CUSTOMER_APPROVER',
    'CUSTOMER_VIEWER',
    'INTEGRATION',
    'SERVICE',
  ]),
  provider_id: z.uuid().optional(),
  customer_ids: z.union([z.literal('ALL'), z.array(z.uuid())]),
});

/** Public keys by which identity tokens are verified (RFC 7517). */
export type IdentityKeys = JSONWebKeySet;

export const identityKeySet: z.ZodType<IdentityKeys> = z.looseObject({
  keys: z.array(z.looseObject({ kty: z.string() })).min(1),
});

/** Signs identity tokens: EdDSA, for one subgraph, valid for thirty seconds. */
export async function createIdentitySigner(
  privateKey: JWK,
): Promise<(viewer: Viewer, audience: string) => Promise<string>> {
  const key = (await importJWK(privateKey, 'EdDSA')) as CryptoKey;
  return (viewer, audience) =>
    new SignJWT({
      role: viewer.role,
      customer_ids: viewer.customerIds,
      ...(viewer.providerId ? { provider_id: viewer.providerId } : {}),
    })
      .setProtectedHeader({ alg: 'EdDSA', ...(privateKey.kid ? { kid: privateKey.kid } : {}) })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(viewer.principalId)
      .setIssuedAt()
      .setExpirationTime(`${lifeSeconds}s`)
      .sign(key);
}

/**
 * Verifies identity tokens for one subgraph. A token that names another audience, is older than its
 * thirty seconds or is signed by an unknown key proves nothing.
 * @throws {UnauthenticatedError} no token, or not a valid one
 */
export function createIdentityVerifier(
  publicKeys: IdentityKeys,
  audience: string,
): (token: string | undefined) => Promise<Viewer> {
  const keys = createLocalJWKSet(publicKeys);
  return async (token) => {
    if (!token) throw new UnauthenticatedError('This service answers only to the gateway.');
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ['EdDSA'],
        issuer,
        audience,
        maxTokenAge: `${lifeSeconds}s`,
        clockTolerance: '5s',
      });
      const claims = identityClaims.parse(payload);
      if (claims.customer_ids === 'ALL' && !claims.role.startsWith('OPERATOR_')) {
        throw new UnauthenticatedError('The identity token is not valid.');
      }
      return {
        principalId: claims.sub,
        role: claims.role,
        customerIds: claims.customer_ids,
        ...(claims.provider_id ? { providerId: claims.provider_id } : {}),
      };
    } catch (cause) {
      if (cause instanceof errors.JOSEError || cause instanceof z.ZodError) {
        throw new UnauthenticatedError('The identity token is not valid.', { cause });
      }
      throw cause;
    }
  };
}
