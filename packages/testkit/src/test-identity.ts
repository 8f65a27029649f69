import { generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createIdentitySigner } from '@vedette/service-kit';
import type { IdentityKeys, Viewer } from '@vedette/service-kit';

/** A key pair for identity tokens; the public half belongs in a service's configuration. */
export interface TestIdentity {
  readonly identityKeys: IdentityKeys;
  /** Signs as the gateway does; `claims` replace those of the token, such as its times. */
  readonly sign: (viewer: Viewer, audience: string, claims?: Claims) => Promise<string>;
}

type Claims = Readonly<Record<string, unknown>>;

export async function createTestIdentity(): Promise<TestIdentity> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const signAsGateway = await createIdentitySigner(toJwk(privateKey));
  return {
    identityKeys: { keys: [toJwk(publicKey)] },
    sign: async (viewer, audience, claims) => {
      const token = await signAsGateway(viewer, audience);
      return claims ? signAgain(token, claims, privateKey) : token;
    },
  };
}

function toJwk(key: KeyObject): { kty: string; kid: string } {
  return { ...key.export({ format: 'jwk' }), kty: 'OKP', kid: 'test' };
}

function signAgain(token: string, claims: Claims, key: KeyObject): string {
  const [header = '', payload = ''] = token.split('.');
  const before = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Claims;
  const after = Buffer.from(JSON.stringify({ ...before, ...claims })).toString('base64url');
  const signature = sign(null, Buffer.from(`${header}.${after}`), key).toString('base64url');
  return `${header}.${after}.${signature}`;
}
