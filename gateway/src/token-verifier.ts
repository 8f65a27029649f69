import { AppError, UnauthenticatedError } from '@vedette/service-kit';
import { errors, jwtVerify } from 'jose';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import type { IssuerKeys } from './issuer-keys.ts';

/** An OpenID provider that was registered for the operator, a provider or a customer. */
export interface Issuer {
  readonly issuerId: string;
  /** `iss` of its tokens. */
  readonly issuer: string;
  readonly jwksUrl: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
  /** Values of `acr` that stand for a second factor. */
  readonly mfaAcrValues: readonly string[];
}

/** What a valid token proves. Who that is, and whether they are invited, is tenancy's to say. */
export interface VerifiedPerson {
  readonly issuerId: string;
  readonly subject: string;
  readonly hasMfa: boolean;
}

/** Signatures that need a private key; with a shared secret whoever verifies could also sign. */
const asymmetricAlgorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
/** What a token may call itself: an access token (RFC 9068) or nothing special. Others mean something else. */
const accessTokenTypes = ['jwt', 'at+jwt'];
const skewSeconds = 30;
const maxSubjectLength = 255;
const maxRemembered = 10_000;

/** Verifies tokens of one issuer; `digest` is the token's. */
export type VerifyToken = (token: string, digest: string) => Promise<VerifiedPerson>;

/** The one answer to whatever proves nothing; why stays inside. */
export function unauthenticated(reason: string): UnauthenticatedError {
  return new UnauthenticatedError('A valid access token is needed.', { cause: reason });
}

/**
 * Verifies the access tokens of one issuer: signature by its registered keys, algorithm, issuer,
 * audience and times. What was verified is remembered until the token expires or the keys change.
 * The verifier rejects with UnauthenticatedError, or with UnavailableError while there are no keys.
 */
export function createTokenVerifier(
  issuer: Issuer,
  keys: IssuerKeys,
  now: () => number = Date.now,
): VerifyToken {
  const algorithms = issuer.algorithms.filter((name) => asymmetricAlgorithms.includes(name));
  const remembered = new Map<string, { person: VerifiedPerson; expiresAt: number }>();
  let rememberedBy: JWTVerifyGetKey | undefined;

  return async (token, digest) => {
    const findKey = await keys.current();
    if (findKey !== rememberedBy) remembered.clear();
    rememberedBy = findKey;
    const known = remembered.get(digest);
    if (known && known.expiresAt > now()) return known.person;
    const payload = await verifySignature(token, withRenewal(findKey, keys), {
      algorithms,
      issuer: issuer.issuer,
      audience: issuer.audience,
      requiredClaims: ['exp'],
      clockTolerance: skewSeconds,
      currentDate: new Date(now()),
    });
    const person = toPerson(payload, issuer, now());
    // The keys may have changed meanwhile, and what the former ones proved is void.
    if (rememberedBy !== findKey) return person;
    if (remembered.size >= maxRemembered) remembered.clear();
    remembered.set(digest, { person, expiresAt: (payload.exp ?? 0) * 1_000 });
    return person;
  };
}

async function verifySignature(
  token: string,
  findKey: JWTVerifyGetKey,
  options: NonNullable<Parameters<typeof jwtVerify>[2]>,
): Promise<JWTPayload> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, findKey, options);
    if (!isAccessTokenType(protectedHeader.typ)) throw unauthenticated('it is no access token');
    return payload;
  } catch (error) {
    // Only the message: some of these errors carry the claims, which are nobody's in a log.
    if (error instanceof errors.JOSEError) throw unauthenticated(error.message);
    throw error;
  }
}

/** The prefix `application/` may be left out, and case does not matter (RFC 7515, section 4.1.9). */
function isAccessTokenType(typ: unknown): boolean {
  if (typ === undefined) return true;
  const name = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : '';
  return accessTokenTypes.includes(name);
}

/** A key id that is not known may be a new key: the issuer is asked once, then it is unknown. */
function withRenewal(findKey: JWTVerifyGetKey, keys: IssuerKeys): JWTVerifyGetKey {
  return async (header, token) => {
    try {
      return await usable(async () => findKey(header, token));
    } catch (error) {
      const renewed = error instanceof errors.JWKSNoMatchingKey ? await keys.renewed() : null;
      if (!renewed) throw error;
      return usable(async () => renewed(header, token));
    }
  };
}

/** A key set may hold a key that no library can import; that is not a defect of ours. */
async function usable<Key>(find: () => Promise<Key>): Promise<Key> {
  try {
    return await find();
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof AppError) throw error;
    throw new errors.JWKSInvalid('the key of the token cannot be used', { cause: error });
  }
}

function toPerson(payload: JWTPayload, issuer: Issuer, now: number): VerifiedPerson {
  const { sub, iat, amr, acr } = payload;
  if (typeof sub !== 'string' || sub === '' || sub.length > maxSubjectLength) {
    throw unauthenticated('the token has no usable subject');
  }
  if (iat !== undefined && iat * 1_000 > now + skewSeconds * 1_000) {
    throw unauthenticated('the token was issued in the future');
  }
  const hasMfa =
    (Array.isArray(amr) && amr.includes('mfa')) ||
    (typeof acr === 'string' && issuer.mfaAcrValues.includes(acr));
  return { issuerId: issuer.issuerId, subject: sub, hasMfa };
}
