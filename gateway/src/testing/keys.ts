import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { CryptoKey, JSONWebKeySet, JWK } from 'jose';

export interface SigningKey {
  readonly privateKey: CryptoKey;
  readonly privateJwk: JWK;
  readonly publicKeys: JSONWebKeySet;
}

export async function createSigningKey(alg = 'EdDSA'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return {
    privateKey,
    privateJwk: await exportJWK(privateKey),
    publicKeys: { keys: [await exportJWK(publicKey)] },
  };
}

export interface AccessTokenOptions {
  readonly key: SigningKey;
  readonly alg?: string;
  readonly issuer?: string;
  readonly audience?: string;
  /** Relative to now; negative for a token that has expired. */
  readonly lifeSeconds?: number;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** An access token as the local stack signs them; an operator's unless `claims` say otherwise. */
export async function accessToken(options: AccessTokenOptions): Promise<string> {
  const expiresAt = Math.floor(Date.now() / 1000) + (options.lifeSeconds ?? 60);
  return new SignJWT({ sub: 'operator-1', role: 'OPERATOR_ANALYST', ...options.claims })
    .setProtectedHeader({ alg: options.alg ?? 'EdDSA' })
    .setIssuer(options.issuer ?? 'vedette-local')
    .setAudience(options.audience ?? 'vedette')
    .setExpirationTime(expiresAt)
    .sign(options.key.privateKey);
}

/** A token without a signature, as `alg: none` would have it. */
export function unsignedToken(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.`;
}
