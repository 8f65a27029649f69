import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  digestMachineKey,
  IllegalStateError,
  InvalidInputError,
  newId,
  NotFoundError,
  parseMachineKey,
} from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import { waitFor } from '@vedette/testkit';
import type { TestDatabase } from '@vedette/testkit';
import pg from 'pg';
import { listDeeds } from '../deed/deed-operations.ts';
import { loadGrants } from '../grant/grant-operations.ts';
import { buildPrincipals, twoProviders } from '../testing/principal-builders.ts';
import type { PrincipalBuilders, TwoProviders } from '../testing/principal-builders.ts';
import {
  adminOf,
  connectTenancyTables,
  createTenancyDatabase,
  operatorAdmin,
} from '../testing/test-tenancy.ts';
import type { TenancyTables } from '../testing/test-tenancy.ts';
import { resolveViewer } from '../viewer/resolve-viewer.ts';
import {
  createApiKey,
  getApiKey,
  listApiKeys,
  revokeApiKey,
  rotateApiKey,
} from './api-key-operations.ts';

let postgres: TestDatabase;
let owner: pg.Client;
let tables: TenancyTables;
let make: PrincipalBuilders;
let world: TwoProviders;

beforeAll(async () => {
  postgres = await createTenancyDatabase();
  owner = new pg.Client(postgres.ownerUrl);
  await owner.connect();
  tables = await connectTenancyTables(postgres.runtimeUrl);
  make = buildPrincipals(tables);
  world = await twoProviders(tables);
});

afterAll(async () => {
  await owner.end();
  await tables.stop();
  await postgres.drop();
});

const start = new Date('2026-03-01T08:00:00Z');
const hours = (n: number): Date => new Date(start.getTime() + n * 60 * 60 * 1_000);
const asOperator = (now = start) => make.contextFor(operatorAdmin, now);
const asAdmin = (now = start) => make.contextFor(adminOf(world.provider, world.customer), now);

/** As the gateway asks; null when nobody signs in with this key. */
async function signIn(secret: string, now = start): Promise<Viewer | null> {
  const key = parseMachineKey('vak', secret);
  if (!key) throw new Error('not a key');
  const { db: database, logger } = asOperator();
  const gateway: Viewer = { principalId: 'gateway', role: 'SERVICE', customerIds: [] };
  return resolveViewer(
    gateway,
    { database, logger, clock: () => now },
    {
      ...{ kind: 'API_KEY', publicId: key.publicId },
      sha256: digestMachineKey(key).toString('base64'),
    },
  ).catch(() => null);
}

const whoIs = async (secret: string, now?: Date) =>
  (await signIn(secret, now))?.principalId ?? null;

async function rows(sql: string, ...parameters: unknown[]): Promise<object[]> {
  return asOperator().db.transaction({ kind: 'OPERATOR' }, (tx) => tx.query(sql, parameters));
}

describe('one key', () => {
  it('is shown to whoever administers those that it belongs to', async () => {
    const { apiKey } = await make.aKey({ providerId: world.provider.providerId });
    expect(await getApiKey(asAdmin(), apiKey.apiKeyId)).toEqual(apiKey);
    const { apiKey: strange } = await make.aKey({ providerId: world.otherProvider.providerId });
    for (const apiKeyId of [strange.apiKeyId, newId()]) {
      const hidden = new NotFoundError('ApiKey', apiKeyId);
      await expect(getApiKey(asAdmin(), apiKeyId)).rejects.toThrow(hidden);
    }
  });
});

describe('a new key', () => {
  it('is shown once: what is stored of it is a digest, and no deed or event names it', async () => {
    const { providerId } = world.provider;
    const { customerId } = world.customer;
    const made = await createApiKey(asAdmin(), {
      providerId,
      name: 'PSA',
      customerIds: [customerId],
    });
    const { apiKey, secret } = made;
    expect(apiKey).toMatchObject({ providerId, customerId: null, name: 'PSA', version: 1 });
    expect(apiKey.expiresAt).toEqual(hours(90 * 24));
    expect(await loadGrants(asAdmin(), [apiKey.apiKeyId])).toMatchObject([[{ customerId }]]);
    expect(await whoIs(secret)).toBe(apiKey.apiKeyId);
    expect(await tables.toldOf(apiKey.apiKeyId)).toEqual([
      `vedette.tenancy.principal_changed.${providerId}._`,
    ]);
    const { nodes: deeds } = await listDeeds(asOperator(), { first: 100 });
    const ofKey = deeds.filter(({ targetId }) => targetId === apiKey.apiKeyId);
    expect(ofKey.map(({ kind }) => kind).toSorted()).toEqual(['api-key.create', 'grant.set']);
    const stored = await rows('select * from api_key_secrets join api_keys using (api_key_id)');
    const payloads = await rows('select payload::text from outbox');
    const secretPart = secret.split('_')[2] ?? secret;
    expect(JSON.stringify([stored, deeds, payloads])).not.toContain(secretPart);
  });

  it("is refused for what is not the viewer's, or means nothing", async () => {
    const { provider, customer, sibling, foreign, otherProvider } = world;
    const { providerId } = provider;
    const { customerId } = customer;
    const hidden = [
      { providerId: otherProvider.providerId },
      { providerId: newId() },
      { customerId: foreign.customerId },
      { customerId: newId() },
      { providerId, customerIds: [customerId, foreign.customerId] },
      { providerId, customerIds: [sibling.customerId] },
    ];
    for (const input of hidden) {
      const attempt = createApiKey(asAdmin(), { name: 'PSA', ...input });
      await expect(attempt).rejects.toThrow(NotFoundError);
    }
    const byOperator = createApiKey(asOperator(), {
      ...{ name: 'PSA', providerId, customerIds: [foreign.customerId] },
    });
    await expect(byOperator).rejects.toThrow(NotFoundError);
    const wrong = [
      ...[{}, { providerId, customerId }, { providerId, scopes: ['user:write'] }],
      ...[
        { customerId, customerIds: [customerId] },
        { customerId, reachesAllCustomers: true },
      ],
      ...[{ providerId, reachesAllCustomers: true, customerIds: [customerId] }],
      ...[
        { providerId, expiresAt: start },
        { providerId, name: ' ' },
      ],
      ...[{ providerId, customerIds: Array.from({ length: 1_001 }, () => newId()) }],
    ];
    for (const input of wrong) {
      const attempt = createApiKey(asAdmin(), { name: 'PSA', ...input });
      await expect(attempt).rejects.toThrow(InvalidInputError);
    }
  });
});

describe('the keys of one owner', () => {
  it('are at most a hundred that work, also when two make the last one at once', async () => {
    const { providerId } = await tables.aProvider();
    const { apiKey } = await make.aKey({ providerId }, start);
    await rows(
      `insert into api_keys
       select (jsonb_populate_record(k, jsonb_build_object('api_key_id', gen_random_uuid()))).*
       from api_keys k, generate_series(1, 98) where api_key_id = $1`,
      apiKey.apiKeyId,
    );
    const attempts = await Promise.allSettled([
      make.aKey({ providerId }, start),
      make.aKey({ providerId }, start),
    ]);
    expect(attempts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await expect(make.aKey({ providerId }, start)).rejects.toThrow(IllegalStateError);
    await revokeApiKey(asOperator(), { apiKeyId: apiKey.apiKeyId });
    expect(await make.aKey({ providerId }, start)).toBeDefined();
    await expect(make.aKey({ providerId }, start)).rejects.toThrow(IllegalStateError);
    expect(await make.aKey({ providerId }, apiKey.expiresAt)).toBeDefined();
  });
});

describe('a rotated key', () => {
  it('works with two secrets until the overlap ends, and never with three', async () => {
    const { providerId } = world.provider;
    const first = await make.aKey({ providerId }, start);
    const { apiKeyId } = first.apiKey;
    const second = await rotateApiKey(asAdmin(hours(1)), { apiKeyId, overlapHours: 2 });
    expect([await whoIs(first.secret, hours(2)), await whoIs(second.secret, hours(2))]).toEqual([
      apiKeyId,
      apiKeyId,
    ]);
    expect(await whoIs(first.secret, hours(3))).toBeNull();
    const third = await rotateApiKey(asAdmin(hours(2)), { apiKeyId });
    expect(await whoIs(first.secret, hours(2))).toBeNull();
    expect(await whoIs(second.secret, hours(25))).toBe(apiKeyId);
    expect(await whoIs(second.secret, hours(26))).toBeNull();
    expect(await whoIs(third.secret, hours(26))).toBe(apiKeyId);
    expect(third.apiKey).toMatchObject({ version: 3 });
    expect(await tables.toldOf(apiKeyId)).toHaveLength(3);
  });

  it('drops the old secret at once without an overlap', async () => {
    const { providerId } = world.provider;
    const { apiKey, secret } = await make.aKey({ providerId }, start);
    const { apiKeyId } = apiKey;
    await rotateApiKey(asAdmin(hours(1)), { apiKeyId, overlapHours: 0 });
    expect(await whoIs(secret, hours(1))).toBeNull();
  });

  it("is not one that has ended, nor somebody else's", async () => {
    const { providerId } = world.provider;
    const { apiKeyId } = (await make.aKey({ providerId, expiresAt: hours(1) }, start)).apiKey;
    await expect(rotateApiKey(asAdmin(hours(2)), { apiKeyId })).rejects.toThrow(IllegalStateError);
    const other = await make.aKey({ providerId: world.otherProvider.providerId });
    for (const id of [other.apiKey.apiKeyId, newId()]) {
      const input = { apiKeyId: id };
      await expect(rotateApiKey(asAdmin(), input)).rejects.toThrow(new NotFoundError('ApiKey', id));
      await expect(revokeApiKey(asAdmin(), input)).rejects.toThrow(new NotFoundError('ApiKey', id));
    }
  });
});

describe('a revoked key', () => {
  it('has ended at once, with all its secrets, for good', async () => {
    const { customerId } = world.customer;
    const { apiKey, secret } = await make.aKey({ customerId }, start);
    const { apiKeyId } = apiKey;
    const rotated = await rotateApiKey(asAdmin(), { apiKeyId });
    const revoked = await revokeApiKey(asAdmin(hours(1)), { apiKeyId });
    expect(revoked.revokedAt).toEqual(hours(1));
    expect(await revokeApiKey(asAdmin(hours(2)), { apiKeyId })).toEqual(revoked);
    for (const each of [secret, rotated.secret]) expect(await whoIs(each)).toBeNull();
    const left = 'select 1 from api_key_secrets where api_key_id = $1';
    expect(await rows(left, apiKeyId)).toEqual([]);
    await expect(rotateApiKey(asAdmin(), { apiKeyId })).rejects.toThrow(IllegalStateError);
    expect(await tables.toldOf(apiKeyId)).toHaveLength(3);
  });
});

describe('the last use of a key', () => {
  it('is noted to the minute, once a minute', async () => {
    const { providerId } = world.provider;
    const { apiKey, secret } = await make.aKey({ providerId }, start);
    const { apiKeyId } = apiKey;
    const lastUse = async () =>
      (await rows('select last_used_at from api_keys where api_key_id = $1', apiKeyId))[0];
    const looksAndNotes = jest.spyOn(asOperator().db, 'transaction');
    const use = async (at: string): Promise<number> => {
      looksAndNotes.mockClear();
      await signIn(secret, new Date(`2026-03-01T${at}Z`));
      return looksAndNotes.mock.calls.length;
    };
    expect(await use('08:05:17')).toBe(2);
    const noted = { last_used_at: new Date('2026-03-01T08:05:00Z') };
    await waitFor(async () => isDeepStrictEqual(await lastUse(), noted));
    expect(await use('08:05:59')).toBe(1);
    expect(await use('08:06:00')).toBe(2);
    looksAndNotes.mockRestore();
    const later = { last_used_at: new Date('2026-03-01T08:06:00Z') };
    await waitFor(async () => isDeepStrictEqual(await lastUse(), later));
  });

  it('need not be noted for the key to work', async () => {
    const { providerId } = world.provider;
    const { apiKey, secret } = await make.aKey({ providerId }, start);
    const warned = jest.spyOn(asOperator().logger, 'warn');
    await owner.query('revoke update on tenancy.api_keys from tenancy_runtime');
    expect(await whoIs(secret)).toBe(apiKey.apiKeyId);
    await waitFor(() => warned.mock.calls.length > 0);
    await owner.query('grant update on tenancy.api_keys to tenancy_runtime');
    expect(warned).toHaveBeenCalledWith(expect.anything(), 'the last use of a key was not noted');
  });
});

describe('the list of keys', () => {
  it("shows a provider's admin the keys of its own and of its customers", async () => {
    const { provider, customer, sibling, otherProvider } = world;
    const { providerId } = provider;
    const { customerId } = customer;
    await make.aKey({ customerId: sibling.customerId });
    await make.aKey({ providerId: otherProvider.providerId });
    const own = await make.aKey({ providerId });
    const customers = await make.aKey({ customerId });
    const { nodes } = await listApiKeys(asAdmin(), { first: 100 });
    expect(nodes).toEqual(expect.arrayContaining([customers.apiKey, own.apiKey]));
    expect(nodes.filter((key) => key.providerId !== providerId)).toEqual([]);
    expect(nodes.filter((key) => key.customerId === sibling.customerId)).toEqual([]);
  });
});
