import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConflictError, ForbiddenError, newId, NotFoundError } from '@vedette/service-kit';
import type { OperationContext } from '@vedette/service-kit';
import type { ProviderRow } from '../provider/provider-store.ts';
import { adminOf, operatorAdmin, startTenancyTables } from '../testing/test-tenancy.ts';
import type { TenancyTables } from '../testing/test-tenancy.ts';
import {
  getCustomer,
  listCustomers,
  loadCustomers,
  onboardCustomer,
} from './customer-operations.ts';
import type { ListCustomersArguments } from './customer-operations.ts';

let tables: TenancyTables;
let provider: ProviderRow;
let otherProvider: ProviderRow;

beforeAll(async () => {
  tables = await startTenancyTables();
  provider = await tables.aProvider('Nordlicht IT');
  otherProvider = await tables.aProvider('Elbe Systems');
});

afterAll(() => tables.stop());

const asOperator = (): OperationContext => tables.contextFor(operatorAdmin);
const asAdmin = (): OperationContext => tables.contextFor(adminOf(provider));

describe('onboarding a customer', () => {
  it('keeps it and tells of it, in its provider', async () => {
    const { providerId } = provider;
    const customer = await onboardCustomer(asAdmin(), { providerId, name: 'Möller & Söhne' });
    expect(customer).toMatchObject({
      providerId,
      isOwnEstate: false,
      plan: 'STANDARD',
      version: 1,
    });
    expect(await getCustomer(asOperator(), customer.customerId)).toEqual(customer);
    expect(await tables.toldOf(customer.customerId)).toEqual([
      `vedette.tenancy.customer_onboarded.${providerId}.${customer.customerId}`,
    ]);
  });

  it("is for a provider's admin under its own provider only: another one's answers like none", async () => {
    const attempt = (providerId: string) =>
      onboardCustomer(asAdmin(), { providerId, name: 'Somebody' });
    await expect(attempt(otherProvider.providerId)).rejects.toThrow(
      new NotFoundError('Provider', otherProvider.providerId),
    );
    await expect(attempt(newId())).rejects.toThrow('No such Provider.');
  });

  it('is refused under a name that another customer of the provider has', async () => {
    await tables.aCustomer(provider, { name: 'Bakery' });
    await expect(tables.aCustomer(provider, { name: 'BAKERY' })).rejects.toThrow(ConflictError);
    expect(await tables.aCustomer(otherProvider, { name: 'Bakery' })).toMatchObject({
      name: 'Bakery',
    });
  });

  it('is not for technicians', async () => {
    const technician = { ...adminOf(provider), role: 'PROVIDER_TECHNICIAN' } as const;
    const { providerId } = provider;
    const attempt = onboardCustomer(tables.contextFor(technician), {
      providerId,
      name: 'Somebody',
    });
    await expect(attempt).rejects.toThrow(ForbiddenError);
  });
});

describe('a customer', () => {
  it('is null to a reference from somebody who does not reach it, like one that does not exist', async () => {
    const customer = await tables.aCustomer(provider);
    const ids = [customer.customerId, newId()];
    expect(await loadCustomers(asAdmin(), ids)).toEqual([null, null]);
    expect(await loadCustomers(tables.contextFor(adminOf(provider, customer)), ids)).toEqual([
      customer,
      null,
    ]);
  });
});

describe('the list of customers', () => {
  const list = async (
    args: ListCustomersArguments,
    ctx: OperationContext = asOperator(),
  ): Promise<string[]> =>
    (await listCustomers(ctx, args)).nodes.map(({ customerId }) => customerId);

  it('gives each customer once, also when several have the same name', async () => {
    const providers = await Promise.all(Array.from({ length: 5 }, () => tables.aProvider()));
    const at = new Date('2026-04-01T08:00:00Z');
    const added = [];
    for (const each of providers)
      added.push(await tables.aCustomer(each, { name: 'Same name' }, at));
    const filter = { from: at, to: new Date(at.getTime() + 1) };
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page = await listCustomers(asOperator(), { first: 2, after, filter });
      seen.push(...page.nodes.map(({ customerId }) => customerId));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after);
    expect(seen).toEqual(added.map(({ customerId }) => customerId).toSorted());
  });

  it('is narrowed by customer, provider and time', async () => {
    const at = new Date('2026-05-01T08:00:00Z');
    const customer = await tables.aCustomer(otherProvider, {}, at);
    const { customerId } = customer;
    expect(await list({ filter: { customerId } })).toEqual([customerId]);
    expect(await list({ filter: { from: at } })).toEqual([customerId]);
    expect(await list({ filter: { providerId: otherProvider.providerId } })).toContain(customerId);
    expect(await list({ filter: { providerId: provider.providerId } })).not.toContain(customerId);
    expect(await list({ filter: { customerId, to: at } })).toEqual([]);
  });

  it('fails on a customer or provider that the viewer does not reach, or that is none', async () => {
    const customer = await tables.aCustomer(otherProvider);
    const { customerId, providerId } = customer;
    for (const filter of [
      { customerId },
      { customerId: newId() },
      { providerId },
      { providerId: newId() },
    ]) {
      await expect(list({ filter }, asAdmin())).rejects.toThrow(NotFoundError);
    }
    await expect(list({ filter: { customerId: newId() } })).rejects.toThrow(NotFoundError);
  });
});
