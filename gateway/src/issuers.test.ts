import { beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger } from '@vedette/service-kit';
import { createIssuers } from './issuers.ts';
import { accessToken, createSigningKey, localIssuer } from './testing/keys.ts';
import type { Issuer } from './token-verifier.ts';

const logger = createLogger({ service: 'gateway', level: 'silent' });

const anIssuer = (changes: Partial<Issuer> = {}): Issuer => ({
  issuerId: '01900000-0000-7000-8000-0000000000e1',
  issuer: localIssuer,
  jwksUrl: 'https://login.example.test/jwks',
  audience: 'vedette',
  algorithms: ['EdDSA'],
  mfaAcrValues: [],
  ...changes,
});

let token: string;

beforeEach(async () => {
  token = await accessToken({ key: await createSigningKey() });
});

function createCase() {
  const tenancy = { answer: { issuers: [anIssuer()] } as unknown, isAway: false };
  const verifiersOf: Issuer[] = [];
  const issuers = createIssuers({
    load: async () => {
      if (tenancy.isAway) throw new Error('connection refused');
      return tenancy.answer;
    },
    createVerifier: (issuer) => {
      verifiersOf.push(issuer);
      return async () => ({ issuerId: issuer.issuerId, subject: 'olga', hasMfa: false });
    },
    logger,
  });
  return { tenancy, issuers, verifiersOf };
}

const refused = { code: 'UNAUTHENTICATED', message: 'A valid access token is needed.' };

describe('the registered issuers', () => {
  it('cannot be told from others before they were loaded once', async () => {
    const { tenancy, issuers } = createCase();
    tenancy.isAway = true;
    await issuers.reload();
    expect(issuers.isLoaded()).toBe(false);
    await expect(issuers.verify(token, '')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('each verify their own tokens, and nobody verifies those of another', async () => {
    const { issuers } = createCase();
    await issuers.reload();
    expect(issuers.isLoaded()).toBe(true);
    expect(await issuers.verify(token, '')).toMatchObject({ subject: 'olga' });
    for (const issuer of ['https://other.example.test', '__proto__', '']) {
      const foreign = await accessToken({ key: await createSigningKey(), issuer });
      await expect(issuers.verify(foreign, '')).rejects.toMatchObject(refused);
    }
    await expect(issuers.verify('not.a.token', '')).rejects.toMatchObject(refused);
  });

  it('are kept while tenancy is away or makes no sense', async () => {
    const { tenancy, issuers } = createCase();
    await issuers.reload();
    tenancy.isAway = true;
    await issuers.reload();
    tenancy.isAway = false;
    tenancy.answer = { issuers: [{ issuer: localIssuer }] };
    await issuers.reload();
    expect(await issuers.verify(token, '')).toMatchObject({ subject: 'olga' });
  });

  it('keep what they know unless they have changed', async () => {
    const { tenancy, issuers, verifiersOf } = createCase();
    await issuers.reload();
    await issuers.reload();
    expect(verifiersOf).toHaveLength(1);
    tenancy.answer = { issuers: [anIssuer({ audience: 'another' })] };
    await issuers.reload();
    expect(verifiersOf.map(({ audience }) => audience)).toEqual(['vedette', 'another']);
  });

  it('are none any more once they are gone', async () => {
    const { tenancy, issuers } = createCase();
    await issuers.reload();
    tenancy.answer = { issuers: [] };
    await issuers.reload();
    await expect(issuers.verify(token, '')).rejects.toMatchObject(refused);
  });

  it('are those of the question that was asked last', async () => {
    const answers: ((answer: unknown) => void)[] = [];
    const issuers = createIssuers({
      load: () => new Promise((resolve) => answers.push(resolve)),
      createVerifier:
        ({ issuerId }) =>
        async () => ({ issuerId, subject: '', hasMfa: false }),
      logger,
    });
    const reloads = [issuers.reload(), issuers.reload()];
    answers[1]?.({ issuers: [] });
    answers[0]?.({ issuers: [anIssuer()] });
    await Promise.all(reloads);
    await expect(issuers.verify(token, '')).rejects.toMatchObject(refused);
  });
});
