import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { grantableScopes } from '../api-key/api-key-input.ts';
import { revokeApiKey } from '../api-key/api-key-operations.ts';
import { grantCustomer, revokeGrant } from '../grant/grant-operations.ts';
import { updateIssuer } from '../issuer/issuer-operations.ts';
import type { IssuerRow } from '../issuer/issuer-store.ts';
import { identityHeader, isReading, newId, parseMachineKey } from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import type { TestService } from '@vedette/testkit';
import { buildPrincipals, twoProviders } from '../testing/principal-builders.ts';
import type { PrincipalBuilders, TwoProviders } from '../testing/principal-builders.ts';
import { connectTenancyTables, operatorAdmin, startTestTenancy } from '../testing/test-tenancy.ts';
import type { TenancyTables } from '../testing/test-tenancy.ts';
import { updateUser } from '../user/user-operations.ts';
import type { UserRow } from '../user/user-store.ts';

let tenancy: TestService;
let tables: TenancyTables;
let make: PrincipalBuilders;
let world: TwoProviders;
let issuer: IssuerRow;

beforeAll(async () => {
  tenancy = await startTestTenancy();
  tables = await connectTenancyTables(tenancy.postgres.runtimeUrl);
  make = buildPrincipals(tables);
  world = await twoProviders(tables);
  issuer = await make.anIssuer({ providerId: world.provider.providerId });
});

afterAll(async () => {
  await tables.stop();
  await tenancy.stop();
});

const gateway: Viewer = { principalId: 'gateway', role: 'SERVICE', customerIds: [] };
const nobody = [401, { code: 'UNAUTHENTICATED' }];
const asOperator = (now?: Date) => make.contextFor(operatorAdmin, now);

async function send(path: string, token?: string, body?: string): Promise<Response> {
  return fetch(`${tenancy.origin}/internal/${path}`, {
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token ? { [identityHeader]: token } : {}),
    },
    ...(body === undefined ? {} : { method: 'POST', body }),
  });
}

async function ask(question: object): Promise<readonly [number, unknown]> {
  const token = await tenancy.signIdentity(gateway);
  const response = await send('viewer', token, JSON.stringify(question));
  return [response.status, await response.json()];
}

const claimsOf = ({ issuerId, subject }: UserRow, hasMfa = false) => ({
  ...{ kind: 'PERSON', issuerId, subject, hasMfa },
});

const keyClaims = (secret: string, presented = secret) => ({
  kind: 'API_KEY',
  publicId: parseMachineKey('vak', secret)?.publicId,
  sha256: createHash('sha256').update(presented).digest('base64'),
});

/** Ids in order, since the order in which they are told means nothing. */
async function reachOf(question: object): Promise<unknown> {
  const [status, viewer] = await ask(question);
  expect(status).toBe(200);
  const { customerIds } = viewer as Viewer;
  return customerIds === 'ALL' ? 'ALL' : customerIds.toSorted();
}

const idsOf = (...customers: readonly { readonly customerId: string }[]): string[] =>
  customers.map(({ customerId }) => customerId).toSorted();

describe('a person', () => {
  it('of the operator reaches everybody', async () => {
    const user = await make.aUser(await make.anIssuer(), 'OPERATOR_ANALYST');
    expect(await ask(claimsOf(user, true))).toEqual([
      200,
      {
        ...{ principalId: user.userId, role: 'OPERATOR_ANALYST' },
        ...{ customerIds: 'ALL', hasMfa: true },
      },
    ]);
  });

  it("who runs a provider reaches all its customers, own estate included, and nobody else's", async () => {
    const admin = await make.aUser(issuer, 'PROVIDER_ADMIN');
    const { provider, customer, sibling } = world;
    const ownEstate = { customerId: provider.ownEstateId };
    expect(await reachOf(claimsOf(admin))).toEqual(idsOf(ownEstate, customer, sibling));
    const added = await tables.aCustomer(provider);
    expect(await reachOf(claimsOf(admin))).toContain(added.customerId);
  });

  it('who works for a provider reaches what was granted, and nothing without a grant', async () => {
    const { customer, sibling } = world;
    for (const role of ['PROVIDER_TECHNICIAN', 'PROVIDER_VIEWER'] as const) {
      const user = await make.aUser(issuer, role);
      expect(await reachOf(claimsOf(user))).toEqual([]);
      for (const { customerId } of [customer, sibling]) {
        await grantCustomer(asOperator(), { principalId: user.userId, customerId });
      }
      expect(await reachOf(claimsOf(user))).toEqual(idsOf(customer, sibling));
      const { customerId } = sibling;
      await revokeGrant(asOperator(), { principalId: user.userId, customerId });
      expect(await reachOf(claimsOf(user))).toEqual(idsOf(customer));
    }
  });

  it('approves for the customers that say so in the grant', async () => {
    const { customer, sibling, provider } = world;
    const { userId: principalId, ...user } = await make.aUser(issuer, 'PROVIDER_TECHNICIAN');
    const grant = { principalId, customerId: customer.customerId };
    await grantCustomer(asOperator(), { ...grant, canApprove: true });
    await grantCustomer(asOperator(), { principalId, customerId: sibling.customerId });
    const [, viewer] = await ask(claimsOf({ ...user, userId: principalId }));
    expect(viewer).toEqual({
      ...{ principalId, role: 'PROVIDER_TECHNICIAN', providerId: provider.providerId },
      customerIds: expect.arrayContaining(idsOf(customer, sibling)),
      approvesFor: [customer.customerId],
    });
  });

  it("of a customer reaches this customer, by its own issuer's word or, while it has none, its provider's", async () => {
    const { provider } = world;
    const { customerId } = await tables.aCustomer(provider);
    const vouched = await make.aUser(issuer, 'CUSTOMER_APPROVER', { customerId });
    const viewerOf = ({ userId }: UserRow) => ({
      ...{ principalId: userId, role: 'CUSTOMER_APPROVER' },
      ...{ providerId: provider.providerId, customerIds: [customerId] },
    });
    expect(await ask(claimsOf(vouched))).toEqual([200, viewerOf(vouched)]);
    const ownIssuer = await make.anIssuer({ customerId });
    const own = await make.aUser(ownIssuer, 'CUSTOMER_APPROVER', { customerId });
    expect(await ask(claimsOf(own))).toEqual([200, viewerOf(own)]);
    expect(await ask(claimsOf(vouched))).toEqual(nobody);
    const { issuerId } = ownIssuer;
    await updateIssuer(asOperator(), { issuerId, expectedVersion: 1, isActive: false });
    expect(await ask(claimsOf(own))).toEqual(nobody);
    expect(await ask(claimsOf(vouched))).toEqual([200, viewerOf(vouched)]);
  });

  it('no longer reaches what another provider looks after, whatever was granted once', async () => {
    const moved = await tables.aCustomer(world.provider);
    const user = await make.aUser(issuer, 'PROVIDER_TECHNICIAN');
    const { customerId } = moved;
    await grantCustomer(asOperator(), { principalId: user.userId, customerId });
    const own = await make.aUser(issuer, 'CUSTOMER_VIEWER', { customerId });
    const moving = 'set provider_id = $1 where customer_id = $2';
    const to = [world.otherProvider.providerId, customerId];
    await tenancy.select(`update customers ${moving}`, to);
    expect(await reachOf(claimsOf(user))).toEqual([]);
    expect(await ask(claimsOf(own))).toEqual(nobody);
    // Also when the row itself had followed.
    await tenancy.select(`update users ${moving}`, to);
    expect(await ask(claimsOf(own))).toEqual(nobody);
  });

  it('reaches an off-boarded customer, and none that is being purged', async () => {
    const leaving = await tables.aCustomer(world.provider);
    const { customerId } = leaving;
    const admin = await make.aUser(issuer, 'PROVIDER_ADMIN');
    const own = await make.aUser(issuer, 'CUSTOMER_VIEWER', { customerId });
    const become = (status: string) =>
      tenancy.select('update customers set status = $1 where customer_id = $2', [
        status,
        customerId,
      ]);
    await become('OFFBOARDED');
    expect(await reachOf(claimsOf(admin))).toContain(customerId);
    expect(await reachOf(claimsOf(own))).toEqual([customerId]);
    for (const status of ['PURGING', 'PURGED']) {
      await become(status);
      expect(await reachOf(claimsOf(admin))).not.toContain(customerId);
      expect(await ask(claimsOf(own))).toEqual(nobody);
    }
  });

  it('is nobody when not invited, deactivated, or of an issuer that is no longer believed', async () => {
    const own = await make.anIssuer({ providerId: world.provider.providerId });
    const user = await make.aUser(own, 'PROVIDER_ADMIN');
    const { issuerId } = own;
    expect(await ask({ ...claimsOf(user), subject: user.subject.toUpperCase() })).toEqual(nobody);
    expect(await ask({ ...claimsOf(user), issuerId: issuer.issuerId })).toEqual(nobody);
    expect(await ask({ ...claimsOf(user), issuerId: newId() })).toEqual(nobody);
    for (const subject of ['', 'a\0b', '\ud83e', 'x'.repeat(10_000)]) {
      expect(await ask({ ...claimsOf(user), subject })).toEqual(nobody);
    }
    const { userId } = user;
    await updateUser(asOperator(), { userId, expectedVersion: 1, isActive: false });
    expect(await ask(claimsOf(user))).toEqual(nobody);
    await updateUser(asOperator(), { userId, expectedVersion: 2, isActive: true });
    expect((await ask(claimsOf(user)))[0]).toBe(200);
    await updateIssuer(asOperator(), { issuerId, expectedVersion: 1, isActive: false });
    expect(await ask(claimsOf(user))).toEqual(nobody);
  });
});

describe('a key', () => {
  // The service's own clock decides, so these keys begin now.
  const create: PrincipalBuilders['aKey'] = (input) => make.aKey(input, new Date());

  it('of a provider reaches what was granted or all, for what its scopes say', async () => {
    const { provider, customer, sibling } = world;
    const { providerId } = provider;
    const customerIds = idsOf(customer, sibling);
    const some = await create({ providerId, customerIds });
    expect(await ask(keyClaims(some.secret))).toEqual([
      200,
      {
        ...{ principalId: some.apiKey.apiKeyId, role: 'INTEGRATION', providerId },
        customerIds: expect.arrayContaining(customerIds),
        scopes: grantableScopes.filter(isReading),
      },
    ]);
    expect(await reachOf(keyClaims(some.secret))).toEqual(customerIds);
    const none = await create({ providerId, scopes: ['case:write'] });
    expect(await ask(keyClaims(none.secret))).toMatchObject([
      200,
      { customerIds: [], scopes: ['case:write'] },
    ]);
    const all = await create({ providerId, reachesAllCustomers: true });
    const added = await tables.aCustomer(provider);
    expect(await reachOf(keyClaims(all.secret))).toEqual(
      expect.arrayContaining([provider.ownEstateId, added.customerId, ...customerIds]),
    );
  });

  it('of a customer reaches this customer', async () => {
    const { customerId } = world.customer;
    const { secret } = await create({ customerId });
    expect(await reachOf(keyClaims(secret))).toEqual([customerId]);
  });

  it('is nobody with one character changed, unknown, expired or revoked', async () => {
    const { providerId } = world.provider;
    const { secret, apiKey } = await create({ providerId });
    const changed = `${secret.slice(0, 30)}${secret[30] === 'x' ? 'y' : 'x'}${secret.slice(31)}`;
    expect(await ask(keyClaims(secret, changed))).toEqual(nobody);
    expect(await ask({ ...keyClaims(secret), sha256: '' })).toEqual(nobody);
    expect(await ask({ ...keyClaims(secret), publicId: 'A'.repeat(17) })).toEqual(nobody);
    const expired = await make.aKey({ providerId }, new Date('2020-01-01T00:00:00Z'));
    expect(await ask(keyClaims(expired.secret))).toEqual(nobody);
    expect((await ask(keyClaims(secret)))[0]).toBe(200);
    await revokeApiKey(asOperator(), { apiKeyId: apiKey.apiKeyId });
    expect(await ask(keyClaims(secret))).toEqual(nobody);
  });
});

describe('the question whose tokens are believed', () => {
  it('is answered with the active issuers and how their tokens are checked', async () => {
    const off = await make.anIssuer();
    const change = { issuerId: off.issuerId, expectedVersion: 1, isActive: false };
    await updateIssuer(asOperator(), change);
    const response = await send('issuers', await tenancy.signIdentity(gateway));
    const { issuers } = (await response.json()) as { issuers: { issuerId: string }[] };
    expect(issuers).toContainEqual({
      ...{ issuerId: issuer.issuerId, issuer: issuer.issuer, jwksUrl: issuer.jwksUrl },
      ...{ audience: 'vedette', algorithms: ['RS256', 'ES256', 'EdDSA'], mfaAcrValues: [] },
    });
    expect(issuers.map(({ issuerId }) => issuerId)).not.toContain(off.issuerId);
  });
});

describe('what only the gateway asks', () => {
  const person = JSON.stringify({
    ...{ kind: 'PERSON', issuerId: newId(), subject: 'a', hasMfa: false },
  });

  it('is answered to nobody without an identity, before the question is read', async () => {
    const foreign = await tenancy.signIdentity(gateway, { aud: 'cases' });
    for (const token of [undefined, foreign]) {
      for (const body of [person, '{ "kind":']) {
        expect((await send('viewer', token, body)).status).toBe(401);
      }
      expect((await send('issuers', token)).status).toBe(401);
    }
  });

  it('is answered to the gateway only, however much the asker may do', async () => {
    for (const asker of [operatorAdmin, { ...gateway, principalId: 'system:cases' }]) {
      const token = await tenancy.signIdentity(asker);
      expect((await send('viewer', token, person)).status).toBe(403);
      expect((await send('issuers', token)).status).toBe(403);
    }
  });

  it('is refused when it is no question', async () => {
    const questions = [
      {},
      { kind: 'SERVICE', principalId: 'system:cases' },
      { kind: 'PERSON', issuerId: 'no id', subject: 'a', hasMfa: true },
      { kind: 'PERSON', issuerId: newId(), subject: 'a' },
      { kind: 'API_KEY', publicId: 'a\0b', sha256: '' },
      { kind: 'API_KEY', publicId: 'abc', sha256: '!' },
    ];
    for (const question of questions) {
      expect(await ask(question)).toEqual([400, { code: 'BAD_USER_INPUT' }]);
    }
  });

  it('tells nothing of a defect, which the log tells whole', async () => {
    const logged = jest.spyOn(tenancy.logger, 'error');
    await tenancy.select('alter table users rename to users_elsewhere');
    const answer = await ask(JSON.parse(person) as object);
    await tenancy.select('alter table users_elsewhere rename to users');
    expect(answer).toEqual([500, { code: 'INTERNAL_SERVER_ERROR' }]);
    const err = expect.objectContaining({ message: expect.stringContaining('users') });
    expect(logged.mock.calls).toEqual([[{ err }, 'unexpected error']]);
    logged.mockRestore();
    expect(await ask(JSON.parse(person) as object)).toEqual(nobody);
  });
});

describe('what somebody is told of themself', () => {
  const whole = '{ viewer { principalId role scopes hasMfa isReadOnly provider { id } } }';

  it('is how their token was understood', async () => {
    const { providerId } = world.provider;
    const key: Viewer = {
      ...{ principalId: newId(), role: 'INTEGRATION', providerId, customerIds: [] },
      ...{ scopes: ['provider:read'], isReadOnly: true },
    };
    expect((await tenancy.ask(key, whole)).data).toEqual({
      viewer: {
        ...{ principalId: key.principalId, role: 'INTEGRATION', scopes: ['provider:read'] },
        ...{ hasMfa: false, isReadOnly: true, provider: { id: providerId } },
      },
    });
    expect((await tenancy.ask({ ...operatorAdmin, hasMfa: true }, whole)).data).toMatchObject({
      viewer: { scopes: [], hasMfa: true, isReadOnly: false, provider: null },
    });
  });
});
