import { beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger } from '@vedette/service-kit';
import type { JSONWebKeySet } from 'jose';
import { createIssuerKeys } from './issuer-keys.ts';
import { createSigningKey } from './testing/keys.ts';
import type { SigningKey } from './testing/keys.ts';

const logger = createLogger({ service: 'gateway', level: 'silent' });
const minute = 60_000;
let first: SigningKey;
let second: SigningKey;

beforeAll(async () => {
  first = await createSigningKey('EdDSA', 'first');
  second = await createSigningKey('EdDSA', 'second');
});

/** An OpenID provider that can be away, a clock that can be set, and the keys that we hold. */
function createCase() {
  const clock = { now: 1_000_000_000 };
  const provider = {
    keys: first.publicKeys,
    isAway: false,
    asked: [] as string[],
  };
  const keys = createIssuerKeys({
    jwksUrl: 'https://login.example.test/jwks',
    fetchKeySet: async (url) => {
      provider.asked.push(url);
      if (provider.isAway) throw new Error('connection refused');
      return structuredClone(provider.keys);
    },
    logger,
    now: () => clock.now,
  });
  return { clock, provider, keys };
}

/** Lets what runs in the background come to its end. */
const settle = () => new Promise((resolve) => setImmediate(resolve));
const unavailable = {
  code: 'UNAVAILABLE',
  message: "'identity provider' does not answer at the moment.",
};

describe('the keys of an issuer', () => {
  it('are fetched from the registered URL, once for all that wait, when first asked for', async () => {
    const { keys, provider } = createCase();
    expect(provider.asked).toEqual([]);
    const [one, other] = await Promise.all([keys.current(), keys.current()]);
    expect(one).toBe(other);
    expect(provider.asked).toEqual(['https://login.example.test/jwks']);
  });

  it('are read again after ten minutes, and nobody waits for it', async () => {
    const { keys, provider, clock } = createCase();
    const before = await keys.current();
    provider.keys = second.publicKeys;
    clock.now += 9 * minute;
    expect(await keys.current()).toBe(before);
    await settle();
    expect(provider.asked).toHaveLength(1);
    clock.now += minute;
    expect(await keys.current()).toBe(before);
    await settle();
    expect(await keys.current()).not.toBe(before);
  });

  it('are the same function as long as they are the same keys', async () => {
    const { keys, clock } = createCase();
    const before = await keys.current();
    clock.now += minute;
    expect(await keys.renewed()).toBe(before);
  });

  it('are read anew for an unknown key id at most every thirty seconds', async () => {
    const { keys, provider, clock } = createCase();
    await keys.current();
    provider.keys = second.publicKeys;
    clock.now += 29_000;
    expect(await keys.renewed()).toBeNull();
    clock.now += 1_000;
    expect(await keys.renewed()).not.toBeNull();
    expect(await keys.renewed()).toBeNull();
    expect(provider.asked).toHaveLength(2);
  });
});

describe('an OpenID provider that is away', () => {
  it('leaves its people unavailable when it never was there, and is asked every five seconds', async () => {
    const { keys, provider, clock } = createCase();
    provider.isAway = true;
    for (let second = 0; second < 10; second += 1) {
      await expect(keys.current()).rejects.toMatchObject(unavailable);
      clock.now += 1_000;
    }
    expect(provider.asked).toHaveLength(2);
    provider.isAway = false;
    await expect(keys.current()).resolves.toBeDefined();
  });

  it('is believed for an hour, then no longer, until it is back', async () => {
    const { keys, provider, clock } = createCase();
    const before = await keys.current();
    provider.isAway = true;
    for (let minutes = 1; minutes < 60; minutes += 1) {
      clock.now += minute;
      expect(await keys.current()).toBe(before);
      await settle();
    }
    expect(await keys.renewed()).toBeNull();
    clock.now += minute;
    await expect(keys.current()).rejects.toMatchObject(unavailable);
    provider.isAway = false;
    clock.now += minute;
    expect(await keys.current()).toBe(before);
  });

  it('is away as well when its answer is no key set', async () => {
    const { keys, provider } = createCase();
    provider.keys = { keys: 'none' } as unknown as JSONWebKeySet;
    await expect(keys.current()).rejects.toMatchObject(unavailable);
  });
});
