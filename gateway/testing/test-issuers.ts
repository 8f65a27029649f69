import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { CryptoKey, JWK } from 'jose';

/** OpenID providers of a test: as many issuers as it names, each with a key of its own. */
export interface TestIssuers {
  /** What `registerIssuer` needs of the issuer with this name. */
  describe(name: string): {
    readonly issuer: string;
    readonly jwksUrl: string;
    readonly audience: string;
  };
  /** A token for a subject, signed in with a second factor unless the claims say otherwise. */
  token(name: string, subject: string, claims?: Readonly<Record<string, unknown>>): Promise<string>;
  stop(): Promise<void>;
}

const audience = 'vedette';

export async function startTestIssuers(...names: readonly string[]): Promise<TestIssuers> {
  const keys = new Map<string, { readonly privateKey: CryptoKey; readonly publicKey: JWK }>();
  for (const name of names) {
    const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    const publicKey = { ...(await exportJWK(pair.publicKey)), kid: name, alg: 'EdDSA', use: 'sig' };
    keys.set(name, { privateKey: pair.privateKey, publicKey });
  }
  const server = createServer((request, response) => {
    const key = keys.get(request.url?.split('/')[1] ?? '');
    response.writeHead(key ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys: key ? [key.publicKey] : [] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    describe: (name) => ({
      issuer: `${origin}/${name}`,
      jwksUrl: `${origin}/${name}/jwks`,
      audience,
    }),
    token: async (name, subject, claims = {}) => {
      const key = keys.get(name);
      if (!key) throw new Error(`there is no test issuer '${name}'`);
      return new SignJWT({ amr: ['pwd', 'mfa'], ...claims })
        .setProtectedHeader({ alg: 'EdDSA', kid: name })
        .setIssuer(`${origin}/${name}`)
        .setAudience(audience)
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(key.privateKey);
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
