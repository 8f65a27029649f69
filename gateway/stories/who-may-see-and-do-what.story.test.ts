import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, toError } from '@vedette/service-kit';
import { waitFor } from '@vedette/testkit';
import { startTestIssuers } from '../testing/test-issuers.ts';
import type { TestIssuers } from '../testing/test-issuers.ts';
import { startVedette } from '../testing/vedette-stack.ts';
import type { VedetteStack } from '../testing/vedette-stack.ts';

let stack: VedetteStack;
let issuers: TestIssuers;
let providerId: string;

beforeAll(async () => {
  stack = await startVedette(5300, '--no-demo');
  issuers = await startTestIssuers(
    ...['msp', 'rival', 'bank', 'leaving', 'frozen', 'frozen-customer'],
  );
  providerId = await onboardProvider();
});

afterAll(async () => {
  await issuers?.stop();
  await stack?.stop();
});

/** Does something as a principal of the local stack, or with a token; fails with the error's code. */
async function mutate<Payload>(
  name: string,
  input: object,
  selection: string,
  token = stack.endpoints.principals['operatorAdmin']?.token ?? '',
): Promise<Payload> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const { data, errors } = await stack.askWith<Record<string, Payload>>(
    token,
    `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} } }`,
    { input },
  );
  const payload = data?.[name];
  if (errors || payload === undefined) {
    throw new Error(errors?.map(({ extensions }) => extensions.code).join() ?? 'no data');
  }
  return payload;
}

async function onboardProvider(): Promise<string> {
  const { provider } = await mutate<{ provider: { id: string } }>(
    'onboardProvider',
    { name: `Provider ${newId()}` },
    'provider { id }',
  );
  return provider.id;
}

async function onboardCustomer(name = `Customer ${newId()}`): Promise<string> {
  const { customer } = await mutate<{ customer: { id: string } }>(
    'onboardCustomer',
    { providerId, name },
    'customer { id }',
  );
  return customer.id;
}

const issuerIds = new Map<string, Promise<string>>();

/** Registers an issuer of the test once. */
function issuerId(name: string, owner: object): Promise<string> {
  const known = issuerIds.get(name);
  if (known) return known;
  const registering = mutate<{ issuer: { id: string } }>(
    'registerIssuer',
    { ...owner, ...issuers.describe(name), algorithms: ['EdDSA'] },
    'issuer { id }',
  ).then(({ issuer }) => issuer.id);
  issuerIds.set(name, registering);
  return registering;
}

interface Person {
  readonly id: string;
  readonly subject: string;
  readonly token: string;
}

async function invite(role: string, issuer: string, owner: object): Promise<Person> {
  const subject = newId();
  const { user } = await mutate<{ user: { id: string } }>(
    'inviteUser',
    { ...owner, role, subject, name: role, issuerId: await issuerId(issuer, owner) },
    'user { id }',
  );
  const person = { id: user.id, subject, token: await issuers.token(issuer, subject) };
  // The gateway hears of a new issuer by event.
  await waitFor(() => isSomebody(person.token));
  return person;
}

async function isSomebody(token: string): Promise<boolean> {
  const { errors } = await stack.askWith(token, '{ viewer { role } }');
  return errors === undefined;
}

async function customersSeenWith(token: string): Promise<string[]> {
  const { data, errors } = await stack.askWith<{ customers: { nodes: { id: string }[] } }>(
    token,
    '{ customers(first: 100) { nodes { id } } }',
  );
  if (errors) throw new Error(errors.map(({ extensions }) => extensions.code).join());
  return data?.customers.nodes.map(({ id }) => id) ?? [];
}

describe('a technician', () => {
  it('sees nothing without a grant, what was granted with it, and nothing again without', async () => {
    const [granted] = [await onboardCustomer(), await onboardCustomer()];
    const technician = await invite('PROVIDER_TECHNICIAN', 'msp', { providerId });
    expect(await customersSeenWith(technician.token)).toEqual([]);
    const grant = { principalId: technician.id, customerId: granted };
    await mutate('grantCustomer', grant, 'grant { customerId }');
    await waitFor(async () => (await customersSeenWith(technician.token)).length === 1);
    expect(await customersSeenWith(technician.token)).toEqual([granted]);
    await mutate('revokeGrant', grant, 'principalId');
    await waitFor(async () => (await customersSeenWith(technician.token)).length === 0, {
      timeoutMs: 15_000,
    });
  });
});

describe('somebody who signs in', () => {
  it('is nobody without an invitation, whoever vouches for them', async () => {
    await invite('PROVIDER_ADMIN', 'msp', { providerId });
    await expect(customersSeenWith(await issuers.token('msp', 'stranger'))).rejects.toThrow(
      'UNAUTHENTICATED',
    );
  });

  it("is nobody when another MSP's OpenID provider names them", async () => {
    const admin = await invite('PROVIDER_ADMIN', 'msp', { providerId });
    const rival = await onboardProvider();
    await invite('PROVIDER_ADMIN', 'rival', { providerId: rival });
    expect(await customersSeenWith(admin.token)).not.toEqual([]);
    await expect(customersSeenWith(await issuers.token('rival', admin.subject))).rejects.toThrow(
      'UNAUTHENTICATED',
    );
  });

  it("is seen by a customer's own OpenID provider, and reaches that customer alone", async () => {
    const customerId = await onboardCustomer();
    const approver = await invite('CUSTOMER_APPROVER', 'bank', { customerId });
    expect(await customersSeenWith(approver.token)).toEqual([customerId]);
    const { data } = await stack.askWith<{ viewer: object }>(
      approver.token,
      '{ viewer { role hasMfa } }',
    );
    expect(data?.viewer).toEqual({ role: 'CUSTOMER_APPROVER', hasMfa: true });
  });
});

describe('what is taken away', () => {
  /** Waits until the principal is nobody any more, and tells how long that took. */
  async function secondsUntilOut(token: string, takeAway: () => Promise<unknown>): Promise<number> {
    expect(await customersSeenWith(token)).not.toEqual([]);
    const startedAt = performance.now();
    await takeAway();
    await waitFor(async () => !(await isSomebody(token)), { timeoutMs: 15_000 });
    return (performance.now() - startedAt) / 1_000;
  }

  it('is out of the API within fifteen seconds: a user, a key, an OpenID provider', async () => {
    const owner = await onboardProvider();
    const admin = await invite('PROVIDER_ADMIN', 'leaving', { providerId: owner });
    const { apiKey, secret } = await mutate<{ apiKey: { id: string }; secret: string }>(
      'createApiKey',
      { providerId: owner, name: 'PSA', reachesAllCustomers: true },
      'apiKey { id } secret',
    );
    const colleague = await invite('PROVIDER_ADMIN', 'leaving', { providerId: owner });
    const seconds = {
      user: await secondsUntilOut(colleague.token, () =>
        mutate(
          'updateUser',
          { userId: colleague.id, expectedVersion: 1, isActive: false },
          'user { id }',
        ),
      ),
      key: await secondsUntilOut(secret, () =>
        mutate('revokeApiKey', { apiKeyId: apiKey.id }, 'apiKey { id }'),
      ),
      issuer: await secondsUntilOut(admin.token, async () =>
        mutate(
          'updateIssuer',
          { issuerId: await issuerId('leaving', {}), expectedVersion: 1, isActive: false },
          'issuer { id }',
        ),
      ),
    };
    expect(Math.max(...Object.values(seconds))).toBeLessThan(15);
    process.stderr.write(`out of the API after (seconds): ${JSON.stringify(seconds)}\n`);
  });
});

describe('a provider that is frozen', () => {
  it('reads and changes nothing, until two of the operator lift it; its customer acts on', async () => {
    const owner = await onboardProvider();
    const { customer } = await mutate<{ customer: { id: string } }>(
      'onboardCustomer',
      { providerId: owner, name: 'Frozen Foods' },
      'customer { id }',
    );
    const admin = await invite('PROVIDER_ADMIN', 'frozen', { providerId: owner });
    const approver = await invite('CUSTOMER_APPROVER', 'frozen-customer', {
      customerId: customer.id,
    });
    const addContact = (token: string): Promise<string> =>
      mutate(
        'addContact',
        { customerId: customer.id, contact: { name: 'Jens', email: 'jens@frozen.example' } },
        'contact { id }',
        token,
      ).then(
        () => 'DONE',
        (error: unknown) => toError(error).message,
      );
    expect(await addContact(admin.token)).toBe('DONE');

    await mutate(
      'freezeProvider',
      { providerId: owner, reason: 'its RMM runs what it should not' },
      'provider { id }',
      stack.endpoints.principals['operatorAnalyst']?.token,
    );
    await waitFor(async () => (await addContact(admin.token)) === 'FORBIDDEN', {
      timeoutMs: 15_000,
    });
    expect(await customersSeenWith(admin.token)).toContain(customer.id);
    expect(await addContact(approver.token)).toBe('DONE');

    const lift = (principal: string) =>
      mutate<{ provider: { freeze: object | null } }>(
        'liftProviderFreeze',
        { providerId: owner },
        'provider { freeze { reason } }',
        stack.endpoints.principals[principal]?.token,
      );
    expect((await lift('operatorLead')).provider.freeze).not.toBeNull();
    expect((await lift('operatorLead')).provider.freeze).not.toBeNull();
    expect(await addContact(admin.token)).toBe('FORBIDDEN');
    expect((await lift('operatorAdmin')).provider.freeze).toBeNull();
    await waitFor(async () => (await addContact(admin.token)) === 'DONE', { timeoutMs: 15_000 });
  });
});

describe('a provider with a book of forty customers', () => {
  it('onboards it from CSV, first to look at, then for good, and sees what is still missing', async () => {
    const owner = await onboardProvider();
    const rows = Array.from({ length: 40 }, (_, n) => `K-${n},Kunde ${n},ADVANCED,RETAIL,SMALL,DE`);
    const csv = ['externalReference,name,plan,sector,size,region', ...rows].join('\r\n');
    const run = (dryRun: boolean) =>
      mutate<{ importCustomers: object; created: number; unchanged: number; rejected: number }>(
        'importCustomers',
        { providerId: owner, csv, dryRun },
        'created unchanged rejected',
      );
    expect(await run(true)).toEqual({ created: 40, unchanged: 0, rejected: 0 });
    expect(await run(false)).toEqual({ created: 40, unchanged: 0, rejected: 0 });
    expect(await run(false)).toEqual({ created: 0, unchanged: 40, rejected: 0 });
    const { data } = await stack.ask<{ customers: { nodes: object[] } }>(
      'operatorAdmin',
      `query ($id: ID!) { customers(first: 100, filter: { providerId: $id }) {
        nodes { isOwnEstate protectedSince readiness { condition state } } } }`,
      { id: owner },
    );
    expect(data?.customers.nodes).toHaveLength(41);
    expect(data?.customers.nodes[1]).toEqual({
      isOwnEstate: false,
      protectedSince: null,
      readiness: [
        { condition: 'MANDATE', state: 'MISSING' },
        { condition: 'REACHABLE_LADDER', state: 'MISSING' },
        { condition: 'CONNECTORS_REPORTING', state: 'MISSING' },
        { condition: 'COVERAGE', state: 'NOT_MEASURED' },
      ],
    });
  });
});
