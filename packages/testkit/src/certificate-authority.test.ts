import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createCertificateAuthority } from './certificate-authority.ts';

const authority = createCertificateAuthority('Test stack');
const server = authority.issue(['server.example', '127.0.0.1']);

describe('a certificate authority', () => {
  it('signs itself and others', () => {
    const root = new X509Certificate(authority.cert);
    const issued = new X509Certificate(server.cert);
    expect(root.ca).toBe(true);
    expect(issued.ca).toBe(false);
    expect(root.verify(root.publicKey)).toBe(true);
    expect(issued.verify(root.publicKey)).toBe(true);
    expect(issued.checkIssued(root)).toBe(true);
    expect(issued.checkHost('server.example')).toBe('server.example');
    expect(issued.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(issued.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(server.sha256);
    expect(new Date(issued.validFrom) < new Date() && new Date() < new Date(issued.validTo)).toBe(
      true,
    );
  });
});
