import { createHmac } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { UnavailableError } from '@vedette/service-kit';
import { createLocalJWKSet, exportSPKI, importJWK } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import type { IssuerKeys } from './issuer-keys.ts';
import { accessToken, createSigningKey, localIssuer, unsignedToken } from './testing/keys.ts';
import type { AccessTokenOptions, SigningKey } from './testing/keys.ts';
import { createTokenVerifier } from './token-verifier.ts';
import type { Issuer } from './token-verifier.ts';

const issuer: Issuer = {
  issuerId: '01900000-0000-7000-8000-0000000000e1',
  issuer: localIssuer,
  jwksUrl: 'https://login.example.test/jwks',
  audience: 'vedette',
  algorithms: ['EdDSA', 'ES256', 'RS256', 'PS256', 'HS256', 'none'],
  mfaAcrValues: ['urn:example:gold'],
};

let key: SigningKey;
let rsa: SigningKey;

beforeAll(async () => {
  key = await createSigningKey();
  rsa = await createSigningKey('RS256');
});

const keysOf = (...jwks: JWK[]): IssuerKeys => {
  const find = createLocalJWKSet({ keys: jwks });
  return { current: async () => find, renewed: async () => null };
};

const sign = (options: Partial<AccessTokenOptions> = {}) => accessToken({ key, ...options });

function verify(token: string, known: Partial<Issuer> = {}, keys = keysOf(key.publicJwk)) {
  return createTokenVerifier({ ...issuer, ...known }, keys)(token, token);
}

const secondsFromNow = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds;

/** What is refused is refused in the same words, whatever is wrong. */
const refused = {
  code: 'UNAUTHENTICATED',
  message: 'A valid access token is needed.',
  details: {},
};

describe('a token', () => {
  it('proves whose it is', async () => {
    expect(await verify(await sign({ claims: { sub: 'tim' } }))).toEqual({
      issuerId: issuer.issuerId,
      subject: 'tim',
      hasMfa: false,
    });
  });

  it.each(['EdDSA', 'ES256', 'RS256', 'PS256'])('may be signed with %s', async (alg) => {
    const signer = await createSigningKey(alg);
    const token = await accessToken({ key: signer });
    await expect(verify(token, {}, keysOf(signer.publicJwk))).resolves.toBeDefined();
  });

  it('may not be signed with what the issuer was not registered with', async () => {
    const token = await sign({ key: rsa });
    const keys = keysOf(rsa.publicJwk);
    await expect(verify(token, { algorithms: ['ES256'] }, keys)).rejects.toMatchObject(refused);
    await expect(verify(token, { algorithms: [] }, keys)).rejects.toMatchObject(refused);
  });

  it('may not be signed with what is not on our list, though it was registered', async () => {
    const signer = await createSigningKey('ML-DSA-44');
    const token = await accessToken({ key: signer });
    const known = { algorithms: ['ML-DSA-44'] };
    await expect(verify(token, known, keysOf(signer.publicJwk))).rejects.toMatchObject(refused);
  });

  it.each([
    ['amr names it among others', { amr: ['pwd', 'mfa'] }, true],
    ['acr is what the issuer calls it', { acr: 'urn:example:gold' }, true],
    ['acr is something else', { acr: 'urn:example:silver' }, false],
    ['amr does not name it', { amr: ['pwd'] }, false],
    ['amr is not a list', { amr: 'mfa' }, false],
  ])('says whether there was a second factor: %s', async (_, claims, hasMfa) => {
    expect(await verify(await sign({ claims }))).toMatchObject({ hasMfa });
  });

  it.each([
    ['expired', { exp: -25 }, { exp: -35 }],
    ['begun', { nbf: 25 }, { nbf: 35 }],
    ['been issued', { iat: 25 }, { iat: 35 }],
  ])('is forgiven thirty seconds of skew about when it has %s', async (_, near, far) => {
    const at = (claims: Record<string, number>) =>
      sign({
        claims: Object.fromEntries(
          Object.entries(claims).map(([name, seconds]) => [name, secondsFromNow(seconds)]),
        ),
      });
    await expect(verify(await at(near))).resolves.toBeDefined();
    await expect(verify(await at(far))).rejects.toMatchObject(refused);
  });

  it.each([undefined, 'JWT', 'jwt', 'at+jwt', 'application/at+jwt'])(
    'may call itself %s',
    async (typ) => {
      const token = await sign({ header: typ === undefined ? {} : { typ } });
      await expect(verify(token)).resolves.toBeDefined();
    },
  );

  it.each(['logout+jwt', 'application/logout+jwt', 'dpop+jwt', 'id+jwt', 'secevent+jwt', ''])(
    "is refused when it calls itself '%s'",
    async (typ) => {
      await expect(verify(await sign({ header: { typ } }))).rejects.toMatchObject(refused);
    },
  );

  it.each<[string, () => Promise<string>]>([
    ['is no token', async () => 'abc.def.ghi'],
    ['is not signed', async () => unsignedToken({ iss: localIssuer, aud: 'vedette', exp: 9e9 })],
    [
      'is signed by another key of the same id',
      async () => sign({ key: await createSigningKey() }),
    ],
    ['has been changed', async () => changeSubject(await sign())],
    ['is for another audience', () => sign({ audience: 'another' })],
    ['comes from another issuer', () => sign({ issuer: 'https://other.example.test' })],
    ['never expires', () => sign({ claims: { exp: undefined } })],
    ['has no subject', () => sign({ claims: { sub: undefined } })],
    ['has an empty subject', () => sign({ claims: { sub: '' } })],
    ['has a subject without end', () => sign({ claims: { sub: 'x'.repeat(256) } })],
    ['has a subject that is no text', () => sign({ claims: { sub: 7 } })],
    ['names a key that is not there', () => sign({ header: { kid: 'key-2' } })],
  ])('is refused when it %s', async (_, make) => {
    await expect(verify(await make())).rejects.toMatchObject(refused);
  });

  it('is refused when the public key was used as a shared secret, whatever is registered', async () => {
    const publicKey = (await importJWK(rsa.publicJwk, 'RS256')) as CryptoKey;
    const [, payload = ''] = (await sign({ key: rsa })).split('.');
    for (const secret of [await exportSPKI(publicKey), JSON.stringify(rsa.publicJwk)]) {
      const header = Buffer.from('{"alg":"HS256","kid":"key-1"}').toString('base64url');
      const signed = `${header}.${payload}`;
      const signature = createHmac('sha256', secret).update(signed).digest('base64url');
      const token = `${signed}.${signature}`;
      await expect(verify(token, {}, keysOf(rsa.publicJwk))).rejects.toMatchObject(refused);
    }
  });

  it('is refused when it brings its own key along', async () => {
    const own = await createSigningKey('EdDSA', 'own');
    for (const header of [
      { jwk: own.publicJwk },
      { jku: 'https://evil.example.test/jwks', kid: 'own' },
      { x5u: 'https://evil.example.test/cert', kid: 'own' },
    ]) {
      const token = await sign({ key: own, header });
      await expect(verify(token)).rejects.toMatchObject(refused);
    }
  });

  it('says inside why it was refused, and nothing of what it held', async () => {
    const token = await sign({ audience: 'another', claims: { sub: 'secret-subject' } });
    const error: unknown = await verify(token).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ cause: 'unexpected "aud" claim value' });
    expect(JSON.stringify(error)).not.toContain('secret-subject');
  });

  it('is refused and no defect when its key cannot be used', async () => {
    const broken = { ...key.publicJwk, x: 'AAAA' };
    await expect(verify(await sign(), {}, keysOf(broken))).rejects.toMatchObject(refused);
  });
});

describe('what was verified', () => {
  function createCase() {
    const clock = { now: Date.now() };
    const state = { find: createLocalJWKSet(key.publicKeys), isAway: false };
    const keys: IssuerKeys = {
      current: async () => {
        if (state.isAway) throw new UnavailableError('identity provider');
        return state.find;
      },
      renewed: async () => null,
    };
    return { clock, state, verify: createTokenVerifier(issuer, keys, () => clock.now) };
  }

  it('is not verified again', async () => {
    const { verify } = createCase();
    const first = await verify(await sign(), 'digest');
    expect(await verify('', 'digest')).toBe(first);
  });

  it('is forgotten when the token expires', async () => {
    const { verify, clock } = createCase();
    const token = await sign({ lifeSeconds: 60 });
    await verify(token, 'digest');
    clock.now += 91_000;
    await expect(verify(token, 'digest')).rejects.toMatchObject(refused);
  });

  it('is forgotten when the keys change', async () => {
    const { verify, state } = createCase();
    const token = await sign();
    await verify(token, 'digest');
    state.find = createLocalJWKSet((await createSigningKey()).publicKeys);
    await expect(verify(token, 'digest')).rejects.toMatchObject(refused);
  });

  it('is not remembered when the keys have changed while it was verified', async () => {
    const { verify, state } = createCase();
    const [slow, other] = [await sign(), await sign({ claims: { jti: 'other' } })];
    const former = state.find;
    const found = Promise.withResolvers<void>();
    // Verification by the former keys begins, and goes on only when the new ones are in use.
    state.find = Object.assign(
      async (...args: Parameters<typeof former>) => {
        await found.promise;
        return former(...args);
      },
      { coolingDown: false },
    ) as never;
    const underWay = verify(slow, 'slow');
    await new Promise((resolve) => setImmediate(resolve));
    state.find = createLocalJWKSet((await createSigningKey()).publicKeys);
    await expect(verify(other, 'other')).rejects.toMatchObject(refused);
    found.resolve();
    await underWay;
    await expect(verify(slow, 'slow')).rejects.toMatchObject(refused);
  });

  it('does not count while there are no keys to be had', async () => {
    const { verify, state } = createCase();
    const token = await sign();
    await verify(token, 'digest');
    state.isAway = true;
    await expect(verify(token, 'digest')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('a key id that is not known', () => {
  it('makes the keys be read anew, once', async () => {
    const rotated = await createSigningKey('EdDSA', 'key-2');
    let renewals = 0;
    const keys: IssuerKeys = {
      current: async () => createLocalJWKSet(key.publicKeys),
      renewed: async () => {
        renewals += 1;
        return createLocalJWKSet({ keys: [key.publicJwk, rotated.publicJwk] });
      },
    };
    await expect(verify(await sign({ key: rotated }), {}, keys)).resolves.toBeDefined();
    const unknown = await sign({ header: { kid: 'key-3' } });
    await expect(verify(unknown, {}, keys)).rejects.toMatchObject(refused);
    expect(renewals).toBe(2);
  });
});

function changeSubject(token: string): string {
  const [header, payload = '', signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  const changed = Buffer.from(JSON.stringify({ ...claims, sub: 'somebody-else' }));
  return [header, changed.toString('base64url'), signature].join('.');
}
