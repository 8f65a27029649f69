import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { CryptoKey, JSONWebKeySet, JWK, JWTHeaderParameters } from 'jose';

export interface SigningKey {
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly privateJwk: JWK;
  readonly publicJwk: JWK;
  readonly publicKeys: JSONWebKeySet;
}

export async function createSigningKey(alg = 'EdDSA', kid = 'key-1'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const publicJwk = { ...(await exportJWK(publicKey)), kid, alg };
  return {
    alg,
    privateKey,
    privateJwk: { ...(await exportJWK(privateKey)), kid },
    publicJwk,
    publicKeys: { keys: [publicJwk] },
  };
}

export interface AccessTokenOptions {
  readonly key: SigningKey;
  readonly issuer?: string;
  readonly audience?: string;
  /** Relative to now; negative for a token that has expired. */
  readonly lifeSeconds?: number;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Partial<JWTHeaderParameters>;
}

export const localIssuer = 'https://login.example.test';

/** An access token as an OpenID provider signs them; the operator's analyst's unless `claims` say so. */
export async function accessToken(options: AccessTokenOptions): Promise<string> {
  const { key } = options;
  const now = Math.floor(Date.now() / 1_000);
  const claims = {
    iss: options.issuer ?? localIssuer,
    aud: options.audience ?? 'vedette',
    sub: 'olga',
    iat: now,
    exp: now + (options.lifeSeconds ?? 60),
    ...options.claims,
  };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: key.alg, kid: key.publicJwk.kid ?? '', ...options.header })
    .sign(key.privateKey);
}

/** A token without a signature, as `alg: none` would have it. */
export function unsignedToken(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.`;
}
