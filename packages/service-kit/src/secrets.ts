import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { readJsonFile } from './config.ts';

const keyRing = z.object({
  /** The key that new secrets are sealed with. A dot ends it in what is sealed. */
  currentKeyId: z.string().regex(/^[^.]+$/),
  /** Key id to 32 bytes in base64. Old keys stay until nothing is sealed with them. */
  keys: z.record(
    z.string(),
    z.base64().transform((text) => Buffer.from(text, 'base64')),
  ),
});

/** Seals and opens secrets at rest. What is sealed names the key it was sealed with. */
export interface SecretBox {
  /** @param context binds the result to its place (such as `connector:<id>`); opening needs the same */
  seal(plaintext: string, context: string): string;
  /** @throws {Error} wrong context, unknown key id, or changed ciphertext */
  open(sealed: string, context: string): string;
}

/**
 * Seals with a key of one's own, of 32 bytes, such as one customer's: whoever destroys the key has
 * destroyed everything that was sealed with it.
 */
export function sealWithKey(key: Buffer, plaintext: string, context: string): string {
  return encrypt(key, Buffer.from(plaintext, 'utf8'), context).toString('base64url');
}

/** @throws {Error} another key, another context, or changed ciphertext */
export function openWithKey(key: Buffer, sealed: string, context: string): string {
  return decrypt(key, Buffer.from(sealed, 'base64url'), context).toString('utf8');
}

const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/**
 * Envelope encryption: a fresh data key for each secret, itself encrypted by the key-ring's current
 * key, both AES-256-GCM with the context as additional data. Rotation adds a key and makes it current.
 */
export function createSecretBox(file: string): SecretBox {
  const ring = keyRing.parse(readJsonFile('SECRETS_KEY_FILE', file));
  const keyFor = (keyId: string): Buffer => {
    const key = ring.keys[keyId];
    if (key?.length !== 32) throw new Error(`no 32-byte key '${keyId}' in the key ring`);
    return key;
  };
  keyFor(ring.currentKeyId);
  return {
    seal: (plaintext, context) => {
      const dataKey = randomBytes(32);
      const wrapped = encrypt(keyFor(ring.currentKeyId), dataKey, context);
      const sealed = encrypt(dataKey, Buffer.from(plaintext, 'utf8'), context);
      return [
        'v1',
        ring.currentKeyId,
        wrapped.toString('base64url'),
        sealed.toString('base64url'),
      ].join('.');
    },
    open: (sealed, context) => {
      const [version, keyId, wrapped, ciphertext] = sealed.split('.');
      if (version !== 'v1' || !keyId || !wrapped || !ciphertext)
        throw new Error('not a sealed secret');
      const dataKey = decrypt(keyFor(keyId), Buffer.from(wrapped, 'base64url'), context);
      return decrypt(dataKey, Buffer.from(ciphertext, 'base64url'), context).toString('utf8');
    },
  };
}

function encrypt(key: Buffer, plaintext: Buffer, context: string): Buffer {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv(algorithm, key, iv).setAAD(Buffer.from(context, 'utf8'));
  return Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, sealed: Buffer, context: string): Buffer {
  const iv = sealed.subarray(0, ivBytes);
  const tag = sealed.subarray(-tagBytes);
  const decipher = createDecipheriv(algorithm, key, iv, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(context, 'utf8'));
  decipher.setAuthTag(tag);
  return Buffer.concat([decipher.update(sealed.subarray(ivBytes, -tagBytes)), decipher.final()]);
}
