import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { ensureCertificates, type CertificateFiles } from './certificates.ts';
import { keepJson, writeJson } from './data-files.ts';

/** Where the keys of one local stack lie, absolute. */
export interface KeyFiles {
  /** A JWK with which the gateway signs what it shows to the services. */
  readonly identityPrivate: string;
  /** The JWKS that verifies it. */
  readonly identityPublic: string;
  /** The key ring that seals secrets at rest. */
  readonly secrets: string;
  /** Of the doors that speak TLS. */
  readonly tls: CertificateFiles;
}

function toKeyFiles(dataDir: string): Omit<KeyFiles, 'tls'> {
  const file = (name: string) => join(dataDir, 'keys', name);
  return {
    identityPrivate: file('identity.private.json'),
    identityPublic: file('identity.public.json'),
    secrets: file('secrets.json'),
  };
}

/** Makes the keys that are missing; those that exist stay, so that tokens and secrets stay valid. */
export async function ensureKeys(dataDir: string): Promise<KeyFiles> {
  const files = toKeyFiles(dataDir);
  await ensureKeyPair(files.identityPrivate, files.identityPublic);
  await keepJson(files.secrets, () => ({
    currentKeyId: 'local-1',
    keys: { 'local-1': randomBytes(32).toString('base64') },
  }));
  return { ...files, tls: await ensureCertificates(dataDir) };
}

async function ensureKeyPair(privateFile: string, publicFile: string): Promise<void> {
  const key = await keepJson<JWK>(privateFile, async () => {
    const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
    const jwk = await exportJWK(privateKey);
    return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'EdDSA', use: 'sig' };
  });
  // `d` is the secret part of an Ed25519 key (RFC 8037).
  const { d: _secret, ...publicKey } = key;
  await writeJson(publicFile, { keys: [publicKey] });
}
