import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  newId,
  NotFoundError,
} from '@vedette/service-kit';
import { getCustomer, listCustomers } from '../customer/customer-operations.ts';
import { adminOf, operatorAdmin, startTenancyTables } from '../testing/test-tenancy.ts';
import type { TenancyTables } from '../testing/test-tenancy.ts';
import { getProvider, listProviders, onboardProvider } from './provider-operations.ts';

let tables: TenancyTables;

beforeAll(async () => {
  tables = await startTenancyTables();
});

afterAll(() => tables.stop());

const asOperator = () => tables.contextFor(operatorAdmin);

async function countRows(): Promise<unknown> {
  return asOperator().db.transaction({ kind: 'OPERATOR' }, (tx) =>
    tx.query(`select (select count(*)::int from providers) as providers,
      (select count(*)::int from customers) as customers, (select count(*)::int from outbox) as events`),
  );
}

describe('onboarding a provider', () => {
  it('makes its own estate with it, and tells of both', async () => {
    const provider = await tables.aProvider('Nordlicht IT');
    const { providerId, ownEstateId } = provider;
    expect(await getProvider(asOperator(), providerId)).toEqual(provider);
    expect(await getCustomer(asOperator(), ownEstateId)).toMatchObject({
      providerId,
      name: 'Nordlicht IT',
      isOwnEstate: true,
      plan: 'ADVANCED',
    });
    expect(await tables.toldOf(providerId, ownEstateId)).toEqual([
      `vedette.tenancy.provider_onboarded.${providerId}._`,
      `vedette.tenancy.customer_onboarded.${providerId}.${ownEstateId}`,
    ]);
  });

  it('is refused under a name that is taken, in whatever case, and leaves nothing behind', async () => {
    await tables.aProvider('Elbe Systems');
    const before = await countRows();
    await expect(tables.aProvider('ELBE systems')).rejects.toThrow(ConflictError);
    expect(await countRows()).toEqual(before);
  });

  it('makes one of two that come under the same name at the same moment', async () => {
    const attempts = await Promise.allSettled([
      tables.aProvider('Twice'),
      tables.aProvider('Twice'),
    ]);
    expect(attempts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('needs a name that people can read', async () => {
    for (const name of ['', '   ', 'x'.repeat(201), 'a\0b', 'half \ud83e of a fox']) {
      await expect(tables.aProvider(name)).rejects.toThrow(InvalidInputError);
    }
    expect(await tables.aProvider('  Spaced  ')).toMatchObject({ name: 'Spaced' });
  });

  it("is for the operator's admins", async () => {
    const provider = await tables.aProvider();
    for (const viewer of [
      adminOf(provider),
      { ...operatorAdmin, role: 'OPERATOR_LEAD' } as const,
    ]) {
      const onboarding = onboardProvider(tables.contextFor(viewer), { name: 'Another' });
      await expect(onboarding).rejects.toThrow(ForbiddenError);
    }
  });
});

describe('a provider', () => {
  it('is seen by its own people and by nobody of another provider', async () => {
    const [own, other] = [await tables.aProvider(), await tables.aProvider()];
    const viewer = tables.contextFor(adminOf(own));
    expect(await getProvider(viewer, own.providerId)).toEqual(own);
    await expect(getProvider(viewer, other.providerId)).rejects.toThrow(NotFoundError);
    expect((await listProviders(viewer, {})).nodes).toEqual([own]);
  });

  it('shows its technicians only the customers that they were granted', async () => {
    const provider = await tables.aProvider();
    const [granted] = [await tables.aCustomer(provider), await tables.aCustomer(provider)];
    const technician = {
      ...adminOf(provider),
      role: 'PROVIDER_TECHNICIAN',
      customerIds: [granted.customerId],
    } as const;
    const { providerId } = provider;
    const list = async (viewer: Parameters<typeof tables.contextFor>[0]) =>
      (await listCustomers(tables.contextFor(viewer), { filter: { providerId } })).nodes;
    expect(await list(technician)).toEqual([granted]);
    expect(await list({ ...technician, customerIds: [] })).toEqual([]);
  });
});

describe('the list of providers', () => {
  it('gives each provider once, by name', async () => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page = await listProviders(asOperator(), { first: 2, after });
      seen.push(...page.nodes.map(({ providerId }) => providerId));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after);
    const all = await listProviders(asOperator(), { first: 100 });
    expect(seen).toEqual(all.nodes.map(({ providerId }) => providerId));
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('refuses cursors that it did not make, and ids that are none', async () => {
    const cursor = (position: unknown) =>
      Buffer.from(JSON.stringify(position)).toString('base64url');
    for (const after of ['rubbish', cursor(['name']), cursor(['name', 'no id']), cursor([1, 2])]) {
      await expect(listProviders(asOperator(), { after })).rejects.toThrow(InvalidInputError);
      await expect(listCustomers(asOperator(), { after })).rejects.toThrow(InvalidInputError);
    }
    await expect(getProvider(asOperator(), 'no id')).rejects.toThrow(InvalidInputError);
    await expect(getProvider(asOperator(), newId())).rejects.toThrow(NotFoundError);
  });
});
