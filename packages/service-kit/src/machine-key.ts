import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** What a key is for, which its first letters tell: `vsk` a sensor's, `vak` an integration's. */
export type MachineKeyKind = 'vsk' | 'vak';

/** A key as its machine sends it, taken apart. */
export interface MachineKey {
  readonly kind: MachineKeyKind;
  /** Names the key in the database; not a secret. */
  readonly publicId: string;
  /** The whole key, `<kind>_<public id>_<secret>_<checksum>`. */
  readonly text: string;
}

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Enough base62 digits for 32 random bytes, 12 bytes and a CRC-32. */
const secretLength = 43;
const publicIdLength = 17;
const checksumLength = 6;

const shape = new RegExp(
  `^(vsk|vak)_([0-9A-Za-z]{${publicIdLength}})_[0-9A-Za-z]{${secretLength}}_([0-9A-Za-z]{${checksumLength}})$`,
);

/**
 * Makes a key of 32 random bytes. Base62 has no separator in it, and a double click selects it whole.
 * @param random as many random bytes as asked for
 */
export function createMachineKey(
  kind: MachineKeyKind,
  random: (bytes: number) => Buffer = randomBytes,
): MachineKey {
  const publicId = toBase62(random(12), publicIdLength);
  const body = `${kind}_${publicId}_${toBase62(random(32), secretLength)}`;
  return { kind, publicId, text: `${body}_${checksumOf(body)}` };
}

/**
 * Takes a key apart. The checksum tells a mistyped or cut key from a wrong one without a look-up, and
 * lets scanners for leaked secrets be sure; it proves nothing.
 */
export function parseMachineKey(kind: MachineKeyKind, text: string): MachineKey | null {
  const [, found, publicId, checksum] = shape.exec(text) ?? [];
  if (found !== kind || publicId === undefined || checksum === undefined) return null;
  if (checksumOf(text.slice(0, -checksumLength - 1)) !== checksum) return null;
  return { kind, publicId, text };
}

/** What is stored of a key. A slow hash would protect a password; this has 256 bits of its own. */
export function digestMachineKey(key: MachineKey): Buffer {
  return hash('sha256', key.text, 'buffer');
}

/** Whether a key is the one that a digest was made of, in constant time. */
export function isMachineKey(key: MachineKey, digest: Buffer): boolean {
  const own = digestMachineKey(key);
  return own.byteLength === digest.byteLength && timingSafeEqual(own, digest);
}

function checksumOf(body: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return toBase62(bytes, checksumLength);
}

function toBase62(bytes: Buffer, length: number): string {
  let rest = BigInt(`0x${bytes.toString('hex')}`);
  let text = '';
  for (let at = 0; at < length; at += 1) {
    text = `${digits[Number(rest % 62n)] ?? ''}${text}`;
    rest /= 62n;
  }
  return text;
}
