import { createHmac, createPublicKey } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { connectBus, domainSubject, ensureStream } from '@vedette/event-bus';
import type { Bus } from '@vedette/event-bus';
import { TenancyEventSchema } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import { createLogger, createMachineKey, digestMachineKey, newId } from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import { startTestNats, waitFor } from '@vedette/testkit';
import type { TestNats } from '@vedette/testkit';
import { accessToken, createSigningKey, localIssuer, unsignedToken } from './testing/keys.ts';
import type { AccessTokenOptions } from './testing/keys.ts';
import { alpineBank, birchFoods, providerId, startProduct } from './testing/product.ts';
import type { Product } from './testing/product.ts';
import { startTestGateway } from './testing/test-gateway.ts';
import type { TestGateway } from './testing/test-gateway.ts';

const logger = createLogger({ service: 'tenancy', level: 'silent' });
let nats: TestNats;
let bus: Bus;
let product: Product;
let gateway: TestGateway;

beforeAll(async () => {
  nats = await startTestNats();
  bus = await connectBus({ url: nats.url, name: 'tenancy', logger });
  await ensureStream(bus.manager, 'TENANCY');
});
beforeEach(async () => {
  product = await startProduct();
  gateway = await startTestGateway(product, nats.url);
});
afterEach(async () => {
  await gateway.stop();
  await product.stop();
  // So that the next test waits for its own gateway's.
  for await (const { name } of bus.manager.consumers.list('TENANCY')) {
    await bus.manager.consumers.delete('TENANCY', name);
  }
});
afterAll(async () => {
  await bus.close();
  await nats.stop();
});

const sign = (options: Partial<AccessTokenOptions> = {}) =>
  accessToken({ key: product.accessKey, ...options });
const annas = () => sign({ claims: { sub: 'anna' } });
const namesFor = async (token: string) => {
  const { status, body } = await gateway.ask('{ customers { name } }', { token });
  return status === 200 ? body.data : status;
};
const alpineOnly = { customers: [{ name: 'Alpine Bank' }] };
const both = { customers: [{ name: 'Alpine Bank' }, { name: 'Birch Foods' }] };

async function publish(
  event: NonNullable<MessageInitShape<typeof TenancyEventSchema>['event']>,
): Promise<void> {
  const meta = { eventId: newId(), providerId };
  const bytes = toBinary(TenancyEventSchema, create(TenancyEventSchema, { meta, event }));
  await bus.client.publish(domainSubject('tenancy', 'changed', { providerId }), bytes);
}

/** The gateway follows tenancy's events once its consumer is there. */
const untilFollowing = (on = bus) =>
  waitFor(
    async () => {
      const { state } = await on.manager.streams.info('TENANCY');
      return state.consumer_count > 0;
    },
    { timeoutMs: 20_000 },
  );

function anna(customerIds: readonly string[]): void {
  product.people.set('anna', {
    ...{ principalId: 'anna', role: 'CUSTOMER_VIEWER', providerId, customerIds },
  });
}

describe("a person's token", () => {
  it('reaches what tenancy says, whatever the token claims', async () => {
    const claims = { sub: 'anna', role: 'OPERATOR_ADMIN', customer_ids: [alpineBank, birchFoods] };
    expect(await namesFor(await sign({ claims }))).toEqual(alpineOnly);
    expect(product.proofsAsked).toEqual([
      {
        asker: { principalId: 'gateway', role: 'SERVICE', customerIds: [] },
        proof: {
          kind: 'PERSON',
          issuerId: product.issuers[0]?.issuerId,
          subject: 'anna',
          hasMfa: false,
        },
      },
    ]);
  });

  it('is asked about once for requests at the same time', async () => {
    const token = await annas();
    await Promise.all(Array.from({ length: 20 }, () => namesFor(token)));
    expect(product.proofsAsked).toHaveLength(1);
  });

  it('carries all that tenancy says about the viewer to the subgraphs', async () => {
    const viewer: Viewer = {
      ...{ principalId: 'tim', role: 'PROVIDER_TECHNICIAN', providerId },
      ...{ customerIds: [alpineBank], approvesFor: [alpineBank], hasMfa: true, isReadOnly: true },
    };
    product.people.set('tim', viewer);
    const token = await sign({ claims: { sub: 'tim', amr: ['pwd', 'mfa'] } });
    await gateway.ask('{ cases { id } }', { token });
    expect(product.seenByCases.at(-1)?.viewer).toEqual(viewer);
    expect(product.proofsAsked.at(-1)?.proof).toMatchObject({ hasMfa: true });
  });
});

describe('an API key', () => {
  it('reaches what tenancy says of it, and is sent nowhere', async () => {
    const key = createMachineKey('vak');
    const viewer: Viewer = {
      ...{ principalId: 'integration', role: 'INTEGRATION', providerId },
      ...{ customerIds: [birchFoods], scopes: ['case:read'] },
    };
    product.people.set(key.publicId, viewer);
    expect(await namesFor(key.text)).toEqual({ customers: [{ name: 'Birch Foods' }] });
    const sha256 = digestMachineKey(key).toString('base64');
    expect(product.proofsAsked.at(-1)?.proof).toEqual({
      ...{ kind: 'API_KEY', publicId: key.publicId, sha256 },
    });
  });
});

describe('whatever proves nothing', () => {
  it.each<[string, () => Promise<string>]>([
    ['a token signed by another key', async () => sign({ key: await createSigningKey() })],
    ['an expired token', () => sign({ lifeSeconds: -60 })],
    ['a token of the future', () => sign({ claims: { iat: Math.floor(Date.now() / 1e3) + 90 } })],
    ['a token for another audience', () => sign({ audience: 'another' })],
    ['a token without a signature', async () => unsignedToken(operatorClaims())],
    ['a token signed with our public key as a secret', async () => signedWithPublicKey()],
    ['a token with an unknown key id', () => sign({ header: { kid: 'unknown' } })],
    ['a token of an issuer that is not registered', () => sign({ issuer: 'https://evil.test' })],
    ["a person who is not invited's", () => sign({ claims: { sub: 'mallory' } })],
    ['a key that nobody has', async () => createMachineKey('vak').text],
    ["a sensor's key", async () => createMachineKey('vsk').text],
  ])('is refused in the same words: %s', async (_, token) => {
    const { status, headers, body } = await gateway.ask('{ cases { id } }', {
      token: await token(),
    });
    expect([status, headers.get('www-authenticate'), body]).toEqual([
      401,
      'Bearer',
      {
        errors: [
          {
            message: 'A valid access token is needed.',
            extensions: { code: 'UNAUTHENTICATED', traceId: expect.any(String) },
          },
        ],
      },
    ]);
    expect(product.seenByCases).toEqual([]);
  });

  it("does not become somebody by another issuer's word about the same subject", async () => {
    const theirs = await createSigningKey('EdDSA', 'theirs');
    product.identityProvider.keys = { keys: [theirs.publicJwk, product.accessKey.publicJwk] };
    product.issuers.push({
      ...{ issuerId: '01900000-0000-7000-8000-0000000000e2', issuer: 'https://theirs.test' },
      ...{ jwksUrl: `${product.identityProvider.url}/jwks`, audience: 'vedette' },
      ...{ algorithms: ['EdDSA'], mfaAcrValues: [] },
    });
    await gateway.stop();
    gateway = await startTestGateway(product, nats.url);
    await namesFor(await sign({ key: theirs, issuer: 'https://theirs.test' }));
    expect(product.proofsAsked.at(-1)?.proof).toMatchObject({
      ...{ issuerId: '01900000-0000-7000-8000-0000000000e2', subject: 'olga' },
    });
  });
});

describe('what was remembered of a viewer', () => {
  it('is asked again when tenancy says that the principal has changed', async () => {
    await untilFollowing();
    const token = await annas();
    const start = performance.now();
    expect(await namesFor(token)).toEqual(alpineOnly);
    anna([alpineBank, birchFoods]);
    await publish({ case: 'principalChanged', value: { principalId: 'anna' } });
    await waitFor(async () => JSON.stringify(await namesFor(token)) === JSON.stringify(both));
    // Sooner than what is remembered would have expired.
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  it('is gone at once when the person is deactivated', async () => {
    await untilFollowing();
    const token = await annas();
    await namesFor(token);
    product.people.delete('anna');
    await publish({ case: 'principalChanged', value: { principalId: 'anna' } });
    await waitFor(async () => (await namesFor(token)) === 401, { timeoutMs: 3_000 });
  });

  it('is gone with the issuer, and with it what its tokens proved', async () => {
    await untilFollowing();
    const token = await annas();
    await namesFor(token);
    const [issuer] = product.issuers.splice(0);
    await publish({ case: 'issuerChanged', value: { issuerId: issuer?.issuerId ?? '' } });
    await waitFor(async () => (await namesFor(token)) === 401, { timeoutMs: 3_000 });
  });

  it('is asked again within fifteen seconds when nobody tells, since the broker is away', async () => {
    const lonely = await startTestNats();
    await gateway.stop();
    gateway = await startTestGateway(product, lonely.url);
    lonely.kill('SIGKILL');
    const token = await annas();
    expect(await namesFor(token)).toEqual(alpineOnly);
    anna([alpineBank, birchFoods]);
    const start = performance.now();
    await waitFor(async () => JSON.stringify(await namesFor(token)) === JSON.stringify(both), {
      timeoutMs: 20_000,
    });
    expect(performance.now() - start).toBeLessThan(15_000);
    // Nor does it take the broker to stop.
    await gateway.stop();
    await lonely.restart();
    await lonely.stop();
    gateway = await startTestGateway(product, nats.url);
  }, 60_000);

  it('does not need a broker to start, and is followed up once there is one', async () => {
    const late = await startTestNats();
    late.kill('SIGKILL');
    await gateway.stop();
    gateway = await startTestGateway(product, late.url);
    expect(await namesFor(await annas())).toEqual(alpineOnly);
    expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(200);
    await late.restart();
    const lateBus = await connectBus({ url: late.url, name: 'tenancy', logger });
    await ensureStream(lateBus.manager, 'TENANCY');
    await untilFollowing(lateBus);
    await gateway.stop();
    await lateBus.close();
    await late.stop();
    gateway = await startTestGateway(product, nats.url);
  }, 60_000);
});

describe('a person while something is away', () => {
  it('is told 503 and when to come back while tenancy is', async () => {
    await product.stopTenancy();
    const { status, headers, body } = await gateway.ask('{ cases { id } }', {
      token: await annas(),
    });
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
    expect(body).toEqual({
      errors: [
        {
          message: "'tenancy' does not answer at the moment.",
          extensions: {
            ...{ code: 'UNAVAILABLE', dependency: 'tenancy', retryAfterSeconds: 5 },
            traceId: expect.any(String),
          },
        },
      ],
    });
  });

  it('is told so while the OpenID provider is and its keys were never read', async () => {
    product.identityProvider.isAway = true;
    const { status, headers, body } = await gateway.ask('{ cases { id } }', {
      token: await annas(),
    });
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
    expect(body.errors?.[0]).toMatchObject({
      message: "'identity provider' does not answer at the moment.",
      extensions: { code: 'UNAVAILABLE' },
    });
    expect(JSON.stringify(body)).not.toContain('127.0.0.1');
  });

  it('signs in all the same once the keys were read', async () => {
    await namesFor(await annas());
    product.identityProvider.isAway = true;
    expect(await namesFor(await sign({ claims: { sub: 'anna', jti: 'new' } }))).toEqual(alpineOnly);
  });

  it('is not signed in by keys from this machine unless that is allowed', async () => {
    await gateway.stop();
    gateway = await startTestGateway(product, nats.url, { JWKS_ALLOW_LOOPBACK: false });
    expect(await namesFor(await annas())).toBe(503);
  });
});

function operatorClaims() {
  const exp = Math.floor(Date.now() / 1_000) + 60;
  return { iss: localIssuer, aud: 'vedette', sub: 'olga', exp };
}

function signedWithPublicKey(): string {
  const key = createPublicKey({ key: product.accessKey.publicJwk, format: 'jwk' });
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', kid: 'key-1' })}.${part(operatorClaims())}`;
  const secret = key.export({ type: 'spki', format: 'pem' });
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
