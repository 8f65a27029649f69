import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** A key as its sensor sends it, taken apart. */
export interface SensorKey {
  /** Names the key in the database; not a secret. */
  readonly publicId: string;
  /** The whole key, `vsk_<public id>_<secret>_<checksum>`. */
  readonly text: string;
}

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Enough base62 digits for 32 random bytes, 12 bytes and a CRC-32. */
const secretLength = 43;
const publicIdLength = 17;
const checksumLength = 6;

const shape = new RegExp(
  `^vsk_([0-9A-Za-z]{${publicIdLength}})_[0-9A-Za-z]{${secretLength}}_([0-9A-Za-z]{${checksumLength}})$`,
);

/**
 * Makes a key of 32 random bytes. Base62 has no separator in it, and a double click selects it whole.
 * @param random as many random bytes as asked for
 */
export function createSensorKey(random: (bytes: number) => Buffer = randomBytes): SensorKey {
  const publicId = toBase62(random(12), publicIdLength);
  const body = `vsk_${publicId}_${toBase62(random(32), secretLength)}`;
  return { publicId, text: `${body}_${checksumOf(body)}` };
}

/**
 * Takes a key apart. The checksum tells a mistyped or cut key from a wrong one without a look-up, and
 * lets scanners for leaked secrets be sure; it proves nothing.
 */
export function parseSensorKey(text: string): SensorKey | null {
  const [, publicId, checksum] = shape.exec(text) ?? [];
  if (publicId === undefined || checksum === undefined) return null;
  if (checksumOf(text.slice(0, -checksumLength - 1)) !== checksum) return null;
  return { publicId, text };
}

/** What is stored of a key. A slow hash would protect a password; this has 256 bits of its own. */
export function digestSensorKey(key: SensorKey): Buffer {
  return hash('sha256', key.text, 'buffer');
}

/** Whether a key is the one that a digest was made of, in constant time. */
export function isSensorKey(key: SensorKey, digest: Buffer): boolean {
  const own = digestSensorKey(key);
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
