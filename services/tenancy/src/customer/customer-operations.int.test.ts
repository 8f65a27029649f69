import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  newId,
  NotFoundError,
} from '@vedette/service-kit';
import type { AccountableContext } from '../deed/deed-book.ts';
import { listDeeds } from '../deed/deed-operations.ts';
import type { ProviderRow } from '../provider/provider-store.ts';
import { loadReadiness } from '../readiness/readiness-operations.ts';
import { adminOf, operatorAdmin, startTenancyTables } from '../testing/test-tenancy.ts';
import type { TenancyTables } from '../testing/test-tenancy.ts';
import {
  getCustomer,
  listCustomers,
  loadCustomers,
  onboardCustomer,
  updateCustomer,
} from './customer-operations.ts';
import type {
  ListCustomersArguments,
  OnboardCustomerInput,
  UpdateCustomerInput,
} from './customer-operations.ts';

let tables: TenancyTables;
let provider: ProviderRow;
let otherProvider: ProviderRow;

beforeAll(async () => {
  tables = await startTenancyTables();
  provider = await tables.aProvider('Nordlicht IT');
  otherProvider = await tables.aProvider('Elbe Systems');
});

afterAll(() => tables.stop());

const asOperator = (): AccountableContext => tables.contextFor(operatorAdmin);
const asAdmin = (): AccountableContext => tables.contextFor(adminOf(provider));
const asAdminOf = (customerId: string): AccountableContext => {
  const { providerId } = provider;
  const principal = { principalId: newId(), role: 'PROVIDER_ADMIN', providerId } as const;
  return tables.contextFor({ ...principal, customerIds: [customerId] });
};

/** Kinds of all deeds about a customer. */
async function deedsOf(customerId: string): Promise<string[]> {
  const { nodes } = await listDeeds(asOperator(), { filter: { customerId } });
  return nodes.map(({ kind }) => kind).toSorted();
}

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

  it('is refused under a name or reference that is another thing than it looks', async () => {
    for (const changes of [
      ...[{ name: '=HYPERLINK("https://x.example")' }, { name: 'Hafen\u202egreb' }],
      ...[{ externalReference: '@x' }, { profile: { technologies: ['+cmd'] } }],
    ]) {
      await expect(tables.aCustomer(provider, changes)).rejects.toThrow(InvalidInputError);
    }
    await tables.aCustomer(provider, { name: 'Mu\u0308ller' });
    await expect(tables.aCustomer(provider, { name: 'M\u00fcller' })).rejects.toThrow(
      ConflictError,
    );
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

describe('onboarding a customer with all that is known about it', () => {
  const signed = { signatory: { name: 'Inken Thomsen' }, documentSha256: 'ab'.repeat(32) };
  const whole = (): OnboardCustomerInput => ({
    ...{ providerId: provider.providerId, name: `Customer ${newId()}` },
    ...{ plan: 'ADVANCED', externalReference: newId() },
    profile: {
      ...{ sector: 'HOSPITALITY', size: 'SMALL', region: 'de' },
      ...{ technologies: ['Sage', 'Sage'], exposure: ['REMOTE_ACCESS', 'PUBLIC_CLOUD'] },
    },
    mandate: { ...signed, highestMode: 'COLLABORATE' },
    responsePolicy: { mode: 'COLLABORATE' },
    ladder: [{ contact: { name: 'Jens', email: 'jens@hafen.example' }, channel: 'EMAIL' }],
  });

  it('keeps and tells all of it', async () => {
    const input = whole();
    const customer = await onboardCustomer(asAdmin(), input);
    const { customerId } = customer;
    expect(await getCustomer(asOperator(), customerId)).toEqual(customer);
    expect(customer).toMatchObject({
      ...{ plan: 'ADVANCED', externalReference: input.externalReference, status: 'ACTIVE' },
      ...{ sector: 'HOSPITALITY', size: 'SMALL', region: 'DE', technologies: ['Sage'] },
      exposure: ['REMOTE_ACCESS', 'PUBLIC_CLOUD'],
    });
    const told = await tables.toldUnder(customerId);
    expect(told).toEqual([
      ...['customer_onboarded', 'contact_ladder_changed', 'effective_policy_changed'],
    ]);
    expect(await deedsOf(customerId)).toEqual([
      ...['contact.add', 'customer.onboard', 'ladder.set', 'mandate.record', 'policy.set'],
    ]);
    expect(await loadReadiness(asOperator(), [customerId])).toMatchObject([
      [
        { condition: 'MANDATE', state: 'MET' },
        { condition: 'REACHABLE_LADDER', state: 'NOT_MEASURED' },
        { condition: 'CONNECTORS_REPORTING', state: 'MISSING' },
        { condition: 'COVERAGE', state: 'NOT_MEASURED' },
      ],
    ]);
  });

  it.each<readonly [string, Partial<OnboardCustomerInput>, string]>([
    ['a policy above the mandate', { responsePolicy: { mode: 'AUTHORIZE' } }, 'responsePolicy'],
    [
      'a ladder with somebody who has no such address',
      { ladder: [{ contact: { name: 'Jens', email: 'jens@hafen.example' }, channel: 'VOICE' }] },
      'ladder',
    ],
    ['a country that there is none', { profile: { region: 'XX' } }, 'profile.region'],
    ['51 technologies', { profile: { technologies: Array(51).fill('Sage') } }, 'technologies'],
    [
      'a technology that is a novel',
      { profile: { technologies: ['x'.repeat(101)] } },
      'technologies',
    ],
    ['an empty reference', { externalReference: ' ' }, 'externalReference'],
  ])('is refused with %s, and leaves nothing behind', async (_, part, path) => {
    const input = { ...whole(), ...part };
    const refusal = await onboardCustomer(asAdmin(), input).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(InvalidInputError);
    expect(JSON.stringify((refusal as InvalidInputError).details)).toContain(path);
    const { nodes } = await listCustomers(asOperator(), { first: 100 });
    expect(nodes.map(({ name }) => name)).not.toContain(input.name);
  });

  it('is refused with an external reference that another customer of the provider has', async () => {
    const { externalReference = null } = whole();
    await tables.aCustomer(provider, { externalReference });
    await expect(tables.aCustomer(provider, { externalReference })).rejects.toThrow(
      new ConflictError('The provider has a customer with that external reference already.'),
    );
    expect(await tables.aCustomer(otherProvider, { externalReference })).toMatchObject({
      externalReference,
    });
  });
});

describe('changing a customer', () => {
  it('changes what is given, clears what is null, and leaves the rest', async () => {
    const externalReference = newId();
    const { customerId } = await tables.aCustomer(provider, {
      ...{ externalReference, profile: { region: 'DE', size: 'SMALL' } },
    });
    const ctx = asAdminOf(customerId);
    const renamed = { customerId, expectedVersion: 1, name: `Renamed ${customerId}` };
    const first = await updateCustomer(ctx, renamed);
    expect(first).toMatchObject({ name: renamed.name, plan: 'STANDARD', region: 'DE', version: 2 });
    const second = await updateCustomer(ctx, {
      ...{ customerId, expectedVersion: 2, plan: 'ADVANCED', externalReference: null },
      profile: { region: 'AT' },
    });
    expect(second).toMatchObject({
      ...{ name: renamed.name, plan: 'ADVANCED', externalReference: null },
      ...{ region: 'AT', size: null, version: 3 },
    });
    expect(await getCustomer(asOperator(), customerId)).toEqual(second);
    expect(await tables.toldUnder(customerId)).toEqual([
      ...['customer_onboarded', 'customer_changed', 'customer_changed'],
    ]);
    const { nodes } = await listDeeds(asOperator(), { filter: { customerId } });
    expect(nodes.filter(({ kind }) => kind === 'customer.update')).toContainEqual(
      expect.objectContaining({
        change: {
          before: { plan: 'STANDARD', externalReference, region: 'DE', size: 'SMALL' },
          after: { plan: 'ADVANCED', externalReference: null, region: 'AT', size: null },
        },
      }),
    );
  });

  it('to what it is already changes nothing', async () => {
    const customer = await tables.aCustomer(provider);
    const { customerId, name } = customer;
    const same = { customerId, expectedVersion: 1, name: ` ${name} `, plan: 'STANDARD' } as const;
    expect(await updateCustomer(asAdminOf(customerId), same)).toEqual(customer);
    expect(await tables.toldUnder(customerId)).toEqual(['customer_onboarded']);
  });

  it('by two people at the same moment is done by one, and the other reads again', async () => {
    const { customerId } = await tables.aCustomer(provider);
    const attempts = await Promise.allSettled(
      ['ADVANCED', 'STANDARD', 'ADVANCED'].map((plan, n) =>
        updateCustomer(asAdminOf(customerId), {
          ...{ customerId, expectedVersion: 1, name: `By ${n} of ${customerId}` },
          plan: plan === 'ADVANCED' ? 'ADVANCED' : 'STANDARD',
        }),
      ),
    );
    const refusals = attempts.flatMap((each): unknown[] =>
      each.status === 'rejected' ? [each.reason] : [],
    );
    expect(refusals).toHaveLength(2);
    for (const refusal of refusals) {
      expect(refusal).toBeInstanceOf(ConflictError);
      expect((refusal as ConflictError).details).toEqual({ expectedVersion: 1, version: 2 });
    }
  });

  it('is refused under a name or reference that another one has, and with what cannot be cleared', async () => {
    const externalReference = newId();
    const taken = await tables.aCustomer(provider, { externalReference });
    const { customerId } = await tables.aCustomer(provider);
    const change = (input: Partial<UpdateCustomerInput>) =>
      updateCustomer(asAdminOf(customerId), { customerId, expectedVersion: 1, ...input });
    await expect(change({ name: taken.name.toUpperCase() })).rejects.toThrow(ConflictError);
    await expect(change({ externalReference })).rejects.toThrow(ConflictError);
    for (const cleared of [{ name: null }, { plan: null }]) {
      await expect(change(cleared)).rejects.toThrow(InvalidInputError);
    }
  });

  it('is not for who does not reach it, nor for technicians', async () => {
    const { customerId } = await tables.aCustomer(provider);
    const change = { customerId, expectedVersion: 1, name: 'Mine' };
    const stranger = tables.contextFor(adminOf(otherProvider));
    await expect(updateCustomer(stranger, change)).rejects.toThrow(
      new NotFoundError('Customer', customerId),
    );
    const technician = { ...asAdminOf(customerId).viewer, role: 'PROVIDER_TECHNICIAN' } as const;
    await expect(updateCustomer(tables.contextFor(technician), change)).rejects.toThrow(
      ForbiddenError,
    );
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
    ctx: AccountableContext = asOperator(),
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

  it("finds a customer by its provider's own reference, within what the viewer reaches", async () => {
    const externalReference = newId();
    const customer = await tables.aCustomer(provider, { externalReference });
    const { customerId } = await tables.aCustomer(otherProvider, { externalReference });
    const filter = { externalReference };
    expect(await list({ filter })).toHaveLength(2);
    const { providerId } = otherProvider;
    expect(await list({ filter: { ...filter, providerId } })).toEqual([customerId]);
    expect(await list({ filter }, asAdmin())).toEqual([customer.customerId]);
    const viewer = { ...asAdmin().viewer, role: 'PROVIDER_TECHNICIAN', customerIds: [] } as const;
    expect(await list({ filter }, tables.contextFor(viewer))).toEqual([]);
    expect(await list({ filter: { externalReference: `${externalReference}x` } })).toEqual([]);
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
