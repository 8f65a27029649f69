import { UnauthenticatedError } from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import { createLocalJWKSet, errors, jwtVerify } from 'jose';
import type { JSONWebKeySet } from 'jose';
import { z } from 'zod';
import { createExpiringCache } from './expiring-cache.ts';

const operatorRole = z.enum(['OPERATOR_ADMIN', 'OPERATOR_LEAD', 'OPERATOR_ANALYST']);

/** `SERVICE` is missing on purpose: services act by themselves and never come in through the gateway. */
const tenantRole = z.enum([
  'PROVIDER_ADMIN',
  'PROVIDER_TECHNICIAN',
  'PROVIDER_VIEWER',
  'CUSTOMER_APPROVER',
  'CUSTOMER_VIEWER',
  'INTEGRATION',
]);

const accessClaims = z.object({
  sub: z.string().min(1).max(200),
  role: z.union([operatorRole, tenantRole]),
  provider_id: z.uuid().optional(),
  customer_ids: z.array(z.uuid()).max(5_000).optional(),
});

/** What an access token claims about a tenant's principal; the tenancy service says what of it holds. */
export interface ClaimedViewer {
  readonly principalId: string;
  readonly role: z.output<typeof tenantRole>;
  readonly providerId?: string;
  readonly customerIds?: readonly string[];
}

export interface AuthenticatorOptions {
  readonly publicKeys: JSONWebKeySet;
  readonly issuer: string;
  readonly audience: string;
  /** Asks which customers a claimed viewer reaches at present. */
  readonly resolveViewer: (claimed: ClaimedViewer) => Promise<Viewer>;
}

/** Takes an `Authorization` header and says who asks. */
export type Authenticate = (authorization: string | undefined) => Promise<Viewer>;

/** Revocation is effective after at most this, the identity token's reuse and its life. */
const viewerLifeMs = 5_000;
const maxViewers = 10_000;

/**
 * Turns a bearer access token into a viewer. The operator's people reach all customers; everybody
 * else reaches what tenancy says, asked at most once in five seconds for the same claims.
 * Rejects with UnauthenticatedError for a missing or invalid token and with what `resolveViewer`
 * rejects with.
 */
export function createAuthenticator(options: AuthenticatorOptions): Authenticate {
  const keys = createLocalJWKSet(options.publicKeys);
  const viewers = createExpiringCache<Viewer>({ lifeMs: viewerLifeMs, maxEntries: maxViewers });

  const readClaims = async (token: string): Promise<z.output<typeof accessClaims>> => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ['EdDSA', 'ES256', 'RS256'],
        issuer: options.issuer,
        audience: options.audience,
        requiredClaims: ['exp'],
        clockTolerance: '30s',
      });
      return accessClaims.parse(payload);
    } catch (cause) {
      if (cause instanceof errors.JOSEError || cause instanceof z.ZodError) {
        throw new UnauthenticatedError('The access token is not valid.', { cause });
      }
      throw cause;
    }
  };
  return async (authorization) => {
    const [, token] = /^Bearer ([^\s]+)$/i.exec(authorization ?? '') ?? [];
    if (!token) throw new UnauthenticatedError('An access token is needed.');
    const claims = await readClaims(token);
    const key = JSON.stringify([claims.sub, claims.role, claims.provider_id, claims.customer_ids]);
    return viewers.get(key, () => toViewer(claims, options.resolveViewer));
  };
}

async function toViewer(
  claims: z.output<typeof accessClaims>,
  resolveViewer: AuthenticatorOptions['resolveViewer'],
): Promise<Viewer> {
  const role = operatorRole.safeParse(claims.role);
  if (role.success) return { principalId: claims.sub, role: role.data, customerIds: 'ALL' };
  return resolveViewer({
    principalId: claims.sub,
    role: tenantRole.parse(claims.role),
    ...(claims.provider_id ? { providerId: claims.provider_id } : {}),
    ...(claims.customer_ids ? { customerIds: claims.customer_ids } : {}),
  });
}
