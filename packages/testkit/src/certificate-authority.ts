import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isIP } from 'node:net';

/** A certificate with its private key, both PEM. */
export interface IssuedCertificate {
  readonly cert: string;
  readonly key: string;
  /** SHA-256 of the certificate, as 64 hexadecimal digits. */
  readonly sha256: string;
}

/** Signs certificates for machines of one stack or one test. Nobody else has a reason to trust it. */
export interface CertificateAuthority extends IssuedCertificate {
  /** @param names DNS names and IP addresses; the first one is the certificate's subject as well */
  issue(names: readonly [string, ...string[]]): IssuedCertificate;
}

/**
 * Makes an authority with ECDSA keys (P-256), good for ten years. Node can read certificates but make none, so this
 * writes the few parts of X.509 (RFC 5280) that TLS needs.
 */
export function createCertificateAuthority(name: string): CertificateAuthority {
  const own = createKeys();
  const root = sealCertificate(name, own, { name, ...own }, [
    extension('2.5.29.19', sequence(der(0x01, [0xff])), true),
    // keyCertSign, cRLSign.
    extension('2.5.29.15', der(0x03, [0x01, 0x06]), true),
  ]);
  return {
    ...root,
    issue: (names) => {
      const keys = createKeys();
      return sealCertificate(names[0], keys, { name, ...own }, [
        extension('2.5.29.19', sequence()),
        extension('2.5.29.17', sequence(...names.map(alternativeName))),
        // serverAuth, clientAuth.
        extension(
          '2.5.29.37',
          sequence(objectId('1.3.6.1.5.5.7.3.1'), objectId('1.3.6.1.5.5.7.3.2')),
        ),
      ]);
    },
  };
}

interface Keys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function createKeys(): Keys {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
}

const dayMs = 86_400_000;
const lifeDays = 3_650;

function sealCertificate(
  subject: string,
  { publicKey, privateKey }: Keys,
  issuer: Keys & { readonly name: string },
  extensions: readonly Buffer[],
): IssuedCertificate {
  const ecdsaWithSha256 = sequence(objectId('1.2.840.10045.4.3.2'));
  // The first bit of a serial number is its sign.
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x01;
  // A day's room for clocks that are behind.
  const from = Date.now() - dayMs;
  const keyId = (key: KeyObject) =>
    createHash('sha1')
      .update(key.export({ type: 'spki', format: 'der' }))
      .digest();
  const body = sequence(
    der(0xa0, der(0x02, [2])),
    der(0x02, serial),
    ecdsaWithSha256,
    distinguishedName(issuer.name),
    sequence(utcTime(from), utcTime(from + lifeDays * dayMs)),
    distinguishedName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      sequence(
        ...extensions,
        extension('2.5.29.14', der(0x04, keyId(publicKey))),
        extension('2.5.29.35', sequence(der(0x80, keyId(issuer.publicKey)))),
      ),
    ),
  );
  const signature = sign('sha256', body, issuer.privateKey);
  const certificate = sequence(body, ecdsaWithSha256, der(0x03, [0, ...signature]));
  return {
    cert: toPem('CERTIFICATE', certificate),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    sha256: createHash('sha256').update(certificate).digest('hex'),
  };
}

/** One value of ASN.1 in DER: its tag, its length, itself. */
function der(tag: number, content: Uint8Array | readonly number[]): Buffer {
  const bytes = Buffer.from(content);
  const { length } = bytes;
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), bytes]);
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

/** The first two numbers share a byte, the others are written in base 128. */
function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = rest.flatMap((value) => {
    const digits = [value & 0x7f];
    for (let left = value >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
    return digits;
  });
  return der(0x06, [first * 40 + second, ...bytes]);
}

function distinguishedName(commonName: string): Buffer {
  return sequence(der(0x31, sequence(objectId('2.5.4.3'), der(0x0c, Buffer.from(commonName)))));
}

/** `YYMMDDHHMMSSZ`, for years until 2049. */
function utcTime(time: number): Buffer {
  const digits = new Date(time).toISOString().replace(/\D/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}

function alternativeName(name: string): Buffer {
  if (isIP(name) === 0) return der(0x82, Buffer.from(name));
  if (isIP(name) === 4) return der(0x87, name.split('.').map(Number));
  throw new Error(`certificates for IPv6 addresses are not made: ${name}`);
}

function extension(id: string, value: Uint8Array, isCritical = false): Buffer {
  const critical = isCritical ? [der(0x01, [0xff])] : [];
  return sequence(objectId(id), ...critical, der(0x04, value));
}

function toPem(label: string, content: Buffer): string {
  const lines = content.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
