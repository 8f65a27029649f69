import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { createCertificateAuthority } from '@vedette/testkit/servers';

/** Where the certificate of one local stack's doors lies, absolute; PEM. */
export interface CertificateFiles {
  /** What senders are given to trust the doors. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

export function toCertificateFiles(dataDir: string): CertificateFiles {
  const file = (name: string) => join(dataDir, 'keys', name);
  return {
    authority: file('tls-ca.pem'),
    certificate: file('tls-server.pem'),
    key: file('tls-server.key.pem'),
  };
}

/**
 * Makes a certificate for the loopback address and an authority of its own, unless they are there. The authority's key
 * is thrown away: it signs nothing else.
 */
export async function ensureCertificates(dataDir: string): Promise<CertificateFiles> {
  const files = toCertificateFiles(dataDir);
  if (Object.values(files).every(existsSync)) return files;
  const authority = createCertificateAuthority('Vedette local stack');
  const server = authority.issue(['localhost', '127.0.0.1']);
  await mkdir(join(dataDir, 'keys'), { recursive: true, mode: 0o700 });
  await replace(files.key, server.key);
  await replace(files.certificate, server.cert);
  await replace(files.authority, authority.cert);
  return files;
}

async function replace(file: string, content: string): Promise<void> {
  const unfinished = `${file}.${process.pid}.new`;
  await writeFile(unfinished, content, { mode: 0o600 });
  await rename(unfinished, file);
}
