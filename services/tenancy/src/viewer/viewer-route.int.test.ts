import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { identityHeader, newId } from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import type { TestService } from '@vedette/testkit';
import type { CustomerRow } from '../customer/customer-store.ts';
import type { ProviderRow } from '../provider/provider-store.ts';
import { connectTenancyTables, operatorAdmin, startTestTenancy } from '../testing/test-tenancy.ts';
import type { TenancyTables } from '../testing/test-tenancy.ts';

let tenancy: TestService;
let tables: TenancyTables;
let provider: ProviderRow;
let customers: readonly CustomerRow[];
let foreign: CustomerRow;

beforeAll(async () => {
  tenancy = await startTestTenancy();
  tables = await connectTenancyTables(tenancy.postgres.runtimeUrl);
  provider = await tables.aProvider();
  customers = [await tables.aCustomer(provider), await tables.aCustomer(provider)];
  foreign = await tables.aCustomer(await tables.aProvider());
});

afterAll(async () => {
  await tables.stop();
  await tenancy.stop();
});

const gateway: Viewer = { principalId: 'gateway', role: 'SERVICE', customerIds: [] };

async function post(body: string, token: string | undefined): Promise<Response> {
  return fetch(`${tenancy.origin}/internal/viewer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { [identityHeader]: token } : {}) },
    body,
  });
}

/** What the gateway is told about a principal. */
async function resolve(claims: object): Promise<Viewer> {
  const response = await post(JSON.stringify(claims), await tenancy.signIdentity(gateway));
  expect(response.status).toBe(200);
  return (await response.json()) as Viewer;
}

const sortedIds = ({ customerIds }: Viewer): readonly string[] =>
  customerIds === 'ALL' ? ['ALL'] : customerIds.toSorted();

const idsOf = (rows: readonly CustomerRow[]): string[] => rows.map(({ customerId }) => customerId);

describe('whom a principal reaches', () => {
  it("is everybody for the operator's people", async () => {
    expect(await resolve({ principalId: 'a', role: 'OPERATOR_ANALYST' })).toEqual({
      principalId: 'a',
      role: 'OPERATOR_ANALYST',
      customerIds: 'ALL',
    });
  });

  it("is all customers of the provider for its admin, own estate included, and nobody else's", async () => {
    const { providerId, ownEstateId } = provider;
    const viewer = await resolve({ principalId: 'a', role: 'PROVIDER_ADMIN', providerId });
    expect(sortedIds(viewer)).toEqual([ownEstateId, ...idsOf(customers)].toSorted());
  });

  it('is a customer that was onboarded a moment ago', async () => {
    const { providerId } = provider;
    const added = await tables.aCustomer(provider);
    const viewer = await resolve({ principalId: 'a', role: 'PROVIDER_ADMIN', providerId });
    expect(viewer.customerIds).toContain(added.customerId);
  });

  it('is what was granted for everybody else, and nothing without a grant', async () => {
    const { providerId } = provider;
    const [granted] = idsOf(customers);
    for (const role of [
      'PROVIDER_TECHNICIAN',
      'PROVIDER_VIEWER',
      'CUSTOMER_APPROVER',
      'INTEGRATION',
    ]) {
      const claims = { principalId: 'a', role, providerId };
      expect(await resolve({ ...claims, customerIds: [granted] })).toMatchObject({
        customerIds: [granted],
      });
      expect(await resolve(claims)).toMatchObject({ customerIds: [] });
    }
  });

  it('is no customer of another provider, whatever was granted once', async () => {
    const claims = {
      principalId: 'a',
      role: 'PROVIDER_TECHNICIAN',
      providerId: provider.providerId,
    };
    const customerIds = [foreign.customerId, newId(), ...idsOf(customers)];
    const viewer = await resolve({ ...claims, customerIds });
    expect(sortedIds(viewer)).toEqual(idsOf(customers).toSorted());
  });

  it('is nobody without a provider, or with one that does not exist', async () => {
    expect(await resolve({ principalId: 'a', role: 'PROVIDER_ADMIN' })).toMatchObject({
      customerIds: [],
    });
    const unknown = { principalId: 'a', role: 'PROVIDER_ADMIN', providerId: newId() };
    expect(await resolve(unknown)).toMatchObject({ customerIds: [] });
  });

  it('is told for as many grants as an identity token can name', async () => {
    const claims = {
      principalId: 'a',
      role: 'PROVIDER_TECHNICIAN',
      providerId: provider.providerId,
    };
    const customerIds = [...idsOf(customers), ...Array.from({ length: 4_998 }, () => newId())];
    expect((await resolve({ ...claims, customerIds })).customerIds).toHaveLength(2);
  });
});

describe('the question who a principal is', () => {
  const claims = JSON.stringify({ principalId: 'a', role: 'OPERATOR_ADMIN' });

  it('is answered to nobody without an identity, before the question is read', async () => {
    for (const body of [claims, '{ "principalId":']) {
      expect((await post(body, undefined)).status).toBe(401);
      expect((await post(body, await tenancy.signIdentity(gateway, { aud: 'cases' }))).status).toBe(
        401,
      );
    }
  });

  it('is answered to the gateway only, however much the asker may do', async () => {
    for (const asker of [operatorAdmin, { ...gateway, principalId: 'system:cases' }]) {
      expect((await post(claims, await tenancy.signIdentity(asker))).status).toBe(403);
    }
  });

  it('is refused when it is not one', async () => {
    const questions = [
      {},
      { principalId: 'a', role: 'SERVICE' },
      { principalId: '', role: 'OPERATOR_ADMIN' },
      { principalId: 'a', role: 'PROVIDER_ADMIN', providerId: 'no id' },
    ];
    for (const question of questions) {
      const response = await post(JSON.stringify(question), await tenancy.signIdentity(gateway));
      expect([response.status, await response.json()]).toEqual([400, { code: 'BAD_USER_INPUT' }]);
    }
  });

  it('tells nothing of a defect, which the log tells whole', async () => {
    const logged = jest.spyOn(tenancy.logger, 'error');
    const token = await tenancy.signIdentity(gateway);
    const { providerId } = provider;
    const question = JSON.stringify({ principalId: 'a', role: 'PROVIDER_ADMIN', providerId });
    await tenancy.select('alter table customers rename to customers_elsewhere');
    const response = await post(question, token);
    await tenancy.select('alter table customers_elsewhere rename to customers');
    expect([response.status, await response.json()]).toEqual([
      500,
      { code: 'INTERNAL_SERVER_ERROR' },
    ]);
    const err = expect.objectContaining({ message: expect.stringContaining('customers') });
    expect(logged.mock.calls).toEqual([[{ err }, 'unexpected error']]);
    logged.mockRestore();
    expect((await post(question, token)).status).toBe(200);
  });
});
