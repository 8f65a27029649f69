import { hash } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createMachineKey, UnavailableError } from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import { createLocalJWKSet } from 'jose';
import { createAuthenticator } from './authenticate.ts';
import type { Authenticate } from './authenticate.ts';
import { createRateLimits } from './rate-limits.ts';
import { accessToken, createSigningKey, localIssuer } from './testing/keys.ts';
import type { AccessTokenOptions, SigningKey } from './testing/keys.ts';
import { createTokenVerifier, unauthenticated } from './token-verifier.ts';
import { createViewers } from './viewers.ts';
import type { Proof } from './viewers.ts';

const customerId = '01900000-0000-7000-8000-00000000000a';
const issuerId = '01900000-0000-7000-8000-0000000000e1';
const address = '192.0.2.1';

let key: SigningKey;

beforeAll(async () => {
  key = await createSigningKey();
});

const viewerOf = (principalId: string): Viewer => ({
  ...{ principalId, role: 'CUSTOMER_VIEWER', customerIds: [customerId] },
});

/** A gateway's front door: tenancy knows everybody unless `answer` says otherwise. */
function createCase(answer: (proof: Proof) => Promise<Viewer> = async () => viewerOf('anna')) {
  const asked: Proof[] = [];
  const keys = createLocalJWKSet(key.publicKeys);
  const issuer = {
    ...{ issuerId, issuer: localIssuer, jwksUrl: '', audience: 'vedette' },
    ...{ algorithms: ['EdDSA'], mfaAcrValues: [] },
  };
  const viewers = createViewers(async (proof) => {
    asked.push(proof);
    return answer(proof);
  });
  const { strangers } = createRateLimits({
    ...{ perSecond: 50, burst: 50, maxConcurrent: 5, maxRefusals: 3 },
  });
  const verifyToken = createTokenVerifier(issuer, {
    current: async () => keys,
    renewed: async () => null,
  });
  return { asked, viewers, authenticate: createAuthenticator({ verifyToken, viewers, strangers }) };
}

const bearer = async (options: Partial<AccessTokenOptions> = {}): Promise<string> =>
  `Bearer ${await accessToken({ key, ...options })}`;

const refused = {
  code: 'UNAUTHENTICATED',
  message: 'A valid access token is needed.',
  details: {},
};
const refusal = async (
  authenticate: Authenticate,
  authorization: string | undefined,
  from = address,
) => expect(authenticate(authorization, from)).rejects.toMatchObject(refused);

describe("a person's token", () => {
  it('stands for whom tenancy knows by issuer, subject and second factor', async () => {
    const { authenticate, asked } = createCase();
    const claims = { sub: 'tim', amr: ['mfa'], role: 'OPERATOR_ADMIN', customer_ids: ['*'] };
    expect(await authenticate(await bearer({ claims }), address)).toEqual(viewerOf('anna'));
    expect(asked).toEqual([{ kind: 'PERSON', issuerId, subject: 'tim', hasMfa: true }]);
  });

  it('is asked about once in five seconds, and apart with and without the second factor', async () => {
    const { authenticate, asked } = createCase();
    for (const claims of [{}, {}, { jti: 'another token' }, { amr: ['mfa'] }, { sub: 'eva' }]) {
      await authenticate(await bearer({ claims }), address);
    }
    expect(asked).toHaveLength(3);
  });

  it('never counts longer than it says, whatever is remembered of its viewer', async () => {
    const { authenticate } = createCase();
    await authenticate(await bearer(), address);
    await refusal(authenticate, await bearer({ lifeSeconds: -60 }));
  });

  it('of somebody who is not invited is refused like a forged one', async () => {
    const { authenticate } = createCase(() => Promise.reject(unauthenticated('not invited')));
    await refusal(authenticate, await bearer());
  });

  it('is not refused but answered as unavailable while tenancy is away', async () => {
    const { authenticate } = createCase(() => Promise.reject(new UnavailableError('tenancy')));
    const answer = authenticate(await bearer(), address);
    await expect(answer).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('an API key', () => {
  it('stands for whom tenancy knows by its public id and digest', async () => {
    const { authenticate, asked } = createCase();
    const { text, publicId } = createMachineKey('vak');
    expect(await authenticate(`Bearer ${text}`, address)).toEqual(viewerOf('anna'));
    const sha256 = hash('sha256', text, 'base64');
    expect(asked).toEqual([{ kind: 'API_KEY', publicId, sha256 }]);
    expect(JSON.stringify(asked)).not.toContain(text);
  });

  it('is refused without asking when one character is wrong, wherever it stands', async () => {
    const { text } = createMachineKey('vak');
    for (let at = 'vak_'.length; at < text.length; at += 7) {
      const { authenticate, asked } = createCase();
      const other = text[at] === 'x' ? 'y' : 'x';
      await refusal(authenticate, `Bearer ${text.slice(0, at)}${other}${text.slice(at + 1)}`);
      expect(asked).toEqual([]);
    }
  });

  it('of the same public id and another secret is asked about by itself', async () => {
    const { authenticate, asked } = createCase();
    const [one, other] = [1, 2].map(
      (fill) =>
        createMachineKey('vak', (bytes) => Buffer.alloc(bytes, bytes === 12 ? 9 : fill)).text,
    );
    await authenticate(`Bearer ${one}`, address);
    await authenticate(`Bearer ${other}`, address);
    expect(new Set(asked.map((proof) => proof.kind === 'API_KEY' && proof.publicId)).size).toBe(1);
    expect(asked).toHaveLength(2);
  });
});

describe('a request', () => {
  it.each<[string, () => string | undefined]>([
    ['there is no header', () => undefined],
    ['there is no credential', () => 'Bearer '],
    ['it comes by another scheme', () => 'Basic dXNlcjpwYXNz'],
    ['it is no token', () => 'Bearer abc'],
    ['it is longer than any token', () => `Bearer ${'x'.repeat(20_000)}`],
    ["it is a sensor's key", () => `Bearer ${createMachineKey('vsk').text}`],
  ])('is refused when %s', async (_, authorization) => {
    const { authenticate, asked } = createCase();
    await refusal(authenticate, authorization());
    expect(asked).toEqual([]);
  });

  const limited = { code: 'RATE_LIMITED', details: { retryAfterSeconds: 1 } };

  it('is held back where others were refused too often, unless it proves something', async () => {
    const { authenticate, asked } = createCase();
    for (let n = 0; n < 3; n += 1) await refusal(authenticate, `Bearer abc${n}`);
    await expect(authenticate('Bearer abc3', address)).rejects.toMatchObject(limited);
    const forged = await bearer({ key: await createSigningKey() });
    await expect(authenticate(forged, address)).rejects.toMatchObject(limited);
    expect(asked).toEqual([]);
    await refusal(authenticate, 'Bearer abc3', '192.0.2.2');
    // Nobody who has a valid token or key is locked out, though it is seen for the first time.
    await expect(authenticate(await bearer(), address)).resolves.toBeDefined();
    const key = `Bearer ${createMachineKey('vak').text}`;
    await expect(authenticate(key, address)).resolves.toBeDefined();
  });

  it('with a key is held back where unknown keys were sent too often, unless it was accepted before', async () => {
    const known = createMachineKey('vak');
    const { authenticate } = createCase(async (proof) => {
      if (proof.kind === 'API_KEY' && proof.publicId !== known.publicId)
        throw unauthenticated('no');
      return viewerOf('anna');
    });
    const send = (text: string, from = address) => authenticate(`Bearer ${text}`, from);
    await send(known.text);
    for (let n = 0; n < 3; n += 1)
      await refusal(authenticate, `Bearer ${createMachineKey('vak').text}`);
    await expect(send(createMachineKey('vak').text)).rejects.toMatchObject(limited);
    await expect(send(known.text)).resolves.toBeDefined();
    await expect(authenticate(await bearer(), address)).resolves.toBeDefined();
  });

  it('of a person who is not invited is held back by itself', async () => {
    const { authenticate, asked } = createCase(async (proof) => {
      if (proof.kind === 'PERSON' && proof.subject === 'mallory') throw unauthenticated('no');
      return viewerOf('anna');
    });
    const mallory = () => bearer({ claims: { sub: 'mallory' } });
    for (let n = 0; n < 3; n += 1) await refusal(authenticate, await mallory());
    await expect(authenticate(await mallory(), '192.0.2.2')).rejects.toMatchObject(limited);
    expect(asked).toHaveLength(3);
    await expect(authenticate(await bearer(), address)).resolves.toBeDefined();
  });

  it('that is forged costs a signature and no more', async () => {
    const { authenticate } = createCase();
    const forged = await bearer({ key: await createSigningKey() });
    const rounds = 500;
    const start = performance.now();
    for (let n = 0; n < rounds; n += 1) await authenticate(forged, address).catch(() => undefined);
    expect((performance.now() - start) / rounds).toBeLessThan(3);
  });

  it('is attributed in less than fifty microseconds when its sender is known', async () => {
    const { authenticate } = createCase();
    const known = await bearer();
    const rounds = 20_000;
    const attribute = async (): Promise<number> => {
      const start = performance.now();
      for (let n = 0; n < rounds; n += 1) await authenticate(known, address);
      return ((performance.now() - start) / rounds) * 1_000;
    };
    const microseconds = Math.min(await attribute(), await attribute(), await attribute());
    expect(microseconds).toBeLessThan(50);
  });
});
