import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { keepJson, readJson } from '../data-files.ts';
import type { IssuerName } from '../people.ts';

/** What the local OpenID provider keeps from one start to the next. */
export interface OpenidSecrets {
  /** One for all demonstration users, who have nothing to hide from each other. */
  readonly password: string;
  /** Signs the cookies of a sign-in under way. */
  readonly cookieKey: string;
}

/** A key of its own for each issuer: none can vouch for another's people. */
export const signatureAlgorithm = 'ES256';

const secretsFile = (dataDir: string) => join(dataDir, 'keys', 'openid-provider.json');

export function keepOpenidSecrets(dataDir: string): Promise<OpenidSecrets> {
  const make = () => randomBytes(24).toString('base64url');
  return keepJson(secretsFile(dataDir), () => ({ password: make(), cookieKey: make() }));
}

/** Null before the provider's first start. */
export async function readPassword(dataDir: string): Promise<string | null> {
  return (await readJson<OpenidSecrets>(secretsFile(dataDir)))?.password ?? null;
}

/** The private key with which an issuer signs. */
export function keepSigningKey(dataDir: string, issuer: IssuerName): Promise<JWK> {
  return keepJson(join(dataDir, 'keys', `issuer-${issuer}.private.json`), async () => {
    const { privateKey } = await generateKeyPair(signatureAlgorithm, { extractable: true });
    const jwk = await exportJWK(privateKey);
    return {
      ...jwk,
      ...{ kid: await calculateJwkThumbprint(jwk), alg: signatureAlgorithm, use: 'sig' },
    };
  });
}
