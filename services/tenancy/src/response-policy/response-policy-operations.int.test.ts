import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConflictError, InvalidInputError, newId, NotFoundError } from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import type { NewSecret } from '../api-key/api-key-operations.ts';
import type { CustomerRow } from '../customer/customer-store.ts';
import type { AccountableContext } from '../deed/deed-book.ts';
import { listDeeds } from '../deed/deed-operations.ts';
import { recordMandate } from '../mandate/mandate-operations.ts';
import type { MandateInput } from '../mandate/mandate-input.ts';
import type { ProviderRow } from '../provider/provider-store.ts';
import { buildPrincipals } from '../testing/principal-builders.ts';
import { adminOf, operatorAdmin, startTenancyTables } from '../testing/test-tenancy.ts';
import type { TenancyTables } from '../testing/test-tenancy.ts';
import type { ResponsePolicyInput } from './response-policy-input.ts';
import {
  loadCustomerPolicies,
  loadProviderPolicies,
  setCustomerResponsePolicy,
  setProviderResponsePolicy,
} from './response-policy-operations.ts';
import type { CustomerPolicies } from './response-policy-operations.ts';

let tables: TenancyTables;
let provider: ProviderRow;

beforeAll(async () => {
  tables = await startTenancyTables();
  provider = await tables.aProvider();
});

afterAll(() => tables.stop());

const asOperator = (): AccountableContext => tables.contextFor(operatorAdmin);

async function aCustomer(mandate: Partial<MandateInput> = {}): Promise<CustomerRow> {
  const customer = await tables.aCustomer(provider);
  const signed = { signatory: { name: 'Inken' }, documentSha256: 'ab'.repeat(32) };
  await recordMandate(asOperator(), {
    customerId: customer.customerId,
    mandate: { ...signed, highestMode: 'COLLABORATE', ...mandate },
  });
  return customer;
}

const set = (
  { customerId }: CustomerRow,
  expectedVersion: number,
  policy: ResponsePolicyInput | null,
  ctx = asOperator(),
) => setCustomerResponsePolicy(ctx, { customerId, expectedVersion, policy });

async function policiesOf({ customerId }: CustomerRow): Promise<CustomerPolicies> {
  const [policies] = await loadCustomerPolicies(asOperator(), [customerId]);
  if (!policies) throw new Error('the operator reaches every customer');
  return policies;
}

describe("a customer's own policy", () => {
  it('holds in place of its provider’s, with a version and a deed each time', async () => {
    const customer = await aCustomer();
    const at = (time: string) => tables.contextFor(operatorAdmin, new Date(time));
    await set(customer, 0, { mode: 'COLLABORATE' }, at('2026-03-01T09:00:00Z'));
    await set(customer, 1, { mode: 'NOTIFY' }, at('2026-03-01T10:00:00Z'));
    const { own, effective } = await policiesOf(customer);
    expect(own).toMatchObject({ version: 2, mode: 'NOTIFY' });
    expect(effective).toMatchObject({ mode: 'NOTIFY', source: 'CUSTOMER', isLowered: false });
    const { customerId } = customer;
    const { nodes } = await listDeeds(asOperator(), { filter: { customerId }, first: 2 });
    expect(nodes.map(({ kind, change }) => [kind, change?.before, change?.after])).toMatchObject([
      ['policy.set', { mode: 'COLLABORATE' }, { mode: 'NOTIFY' }],
      ['policy.set', null, { mode: 'COLLABORATE' }],
    ]);
  });

  it('is refused above the mandate in force, naming each field and the highest mode', async () => {
    const customer = await aCustomer();
    const windows = [
      { weekdays: [1], from: '08:00', to: '18:00', timeZone: 'UTC', mode: 'AUTHORIZE' },
    ] as const;
    const policy = { mode: 'COLLABORATE', whenUnanswered: 'ACT', windows } as const;
    const refused: unknown = await set(customer, 0, policy).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(InvalidInputError);
    expect((refused as InvalidInputError).details).toEqual({
      fields: [
        {
          path: 'input.policy.windows.0.mode',
          problem: "the mandate's highest mode is COLLABORATE",
        },
        {
          path: 'input.policy.whenUnanswered',
          problem: 'no mandate in force opted in to ACT',
        },
      ],
    });
    const without = await tables.aCustomer(provider);
    await expect(set(without, 0, { mode: 'COLLABORATE' })).rejects.toThrow(
      'no mandate is in force',
    );
    await set(without, 0, { mode: 'NOTIFY' });
  });

  it('gives way to its provider’s when it is cleared, and no version of it comes again', async () => {
    const customer = await aCustomer();
    await set(customer, 0, { mode: 'COLLABORATE' });
    await set(customer, 1, null);
    expect(await policiesOf(customer)).toMatchObject({ own: null, effective: { source: 'NONE' } });
    await set(customer, 0, { mode: 'NOTIFY' });
    await expect(set(customer, 1, { mode: 'COLLABORATE' })).rejects.toThrow(ConflictError);
    expect(await policiesOf(customer)).toMatchObject({ own: { version: 3, mode: 'NOTIFY' } });
  });

  it('changes for one of many who edit it at the same time, and the others are told', async () => {
    const customer = await aCustomer({ highestMode: 'AUTHORIZE' });
    const { customerId } = customer;
    for (const expectedVersion of [0, 1, 2]) {
      const outcomes = await Promise.allSettled(
        (['NOTIFY', 'COLLABORATE', 'AUTHORIZE'] as const).map((mode) => {
          const ctx = tables.contextFor(adminOf(provider, customer));
          const actionModes = [{ action: 'START_SCAN', mode: 'NOTIFY' }] as const;
          const policy = { mode, ...(expectedVersion % 2 ? { actionModes } : {}) };
          return setCustomerResponsePolicy(ctx, { customerId, expectedVersion, policy });
        }),
      );
      const refused = outcomes.filter((each) => each.status === 'rejected');
      expect(refused).toHaveLength(2);
      for (const { reason } of refused) {
        expect(reason).toBeInstanceOf(ConflictError);
        expect((reason as ConflictError).details).toEqual({
          ...{ expectedVersion, version: expectedVersion + 1 },
        });
      }
    }
    expect(await policiesOf(customer)).toMatchObject({ own: { version: 3 } });
  });

  it('of somebody else answers like one of nobody', async () => {
    const customer = await aCustomer();
    const stranger = tables.contextFor(adminOf(await tables.aProvider()));
    const attempt = (customerId: string) =>
      setCustomerResponsePolicy(stranger, {
        ...{ customerId, expectedVersion: 0, policy: { mode: 'NOTIFY' } },
      });
    for (const id of [customer.customerId, newId()]) {
      await expect(attempt(id)).rejects.toThrow(new NotFoundError('Customer', id));
    }
  });
});

describe("a provider's policy", () => {
  it('holds for its customers without their own, lowered to each mandate', async () => {
    provider = await tables.aProvider();
    const { providerId } = provider;
    const [careful, bold, without] = [
      await aCustomer({ highestMode: 'COLLABORATE' }),
      await aCustomer({ highestMode: 'AUTHORIZE' }),
      await tables.aCustomer(provider),
    ];
    const own = await aCustomer({ highestMode: 'AUTHORIZE' });
    await set(own, 0, { mode: 'COLLABORATE' });
    const ctx = tables.contextFor(adminOf(provider));
    const policy = { mode: 'AUTHORIZE' } as const;
    await setProviderResponsePolicy(ctx, { providerId, expectedVersion: 0, policy });
    const effective = [];
    for (const each of [careful, bold, without, own]) {
      const policies = await policiesOf(each);
      effective.push([policies.effective.mode, policies.effective.isLowered]);
    }
    expect(effective).toEqual([
      ['COLLABORATE', true],
      ['AUTHORIZE', false],
      ['NOTIFY', true],
      ['COLLABORATE', false],
    ]);
    const again = setProviderResponsePolicy(ctx, { providerId, expectedVersion: 0, policy });
    await expect(again).rejects.toThrow(ConflictError);
  });

  it('is set by its own people and the operator only', async () => {
    const other = await tables.aProvider();
    const policy = { mode: 'NOTIFY' } as const;
    const attempt = (providerId: string, viewer: Viewer) =>
      setProviderResponsePolicy(tables.contextFor(viewer), {
        ...{ providerId, expectedVersion: 0, policy },
      });
    for (const id of [other.providerId, newId()]) {
      const refused = new NotFoundError('Provider', id);
      await expect(attempt(id, adminOf(provider))).rejects.toThrow(refused);
    }
    expect(await attempt(other.providerId, operatorAdmin)).toBe(other.providerId);
  });

  it("is not shown to its customers' people, who see what follows from it", async () => {
    provider = await tables.aProvider();
    const customer = await aCustomer();
    const policy = { mode: 'COLLABORATE' } as const;
    const { providerId } = provider;
    await setProviderResponsePolicy(asOperator(), { providerId, expectedVersion: 0, policy });
    const { customerId } = customer;
    const approver: Viewer = {
      ...{ ...adminOf(provider), role: 'CUSTOMER_APPROVER', customerIds: [customerId] },
    };
    const seen = tables.contextFor(approver);
    expect(await loadProviderPolicies(seen, [providerId])).toEqual([null]);
    const [policies] = await loadCustomerPolicies(seen, [customerId]);
    expect(policies?.effective).toMatchObject({ mode: 'COLLABORATE', source: 'PROVIDER' });
    const [shown] = await loadProviderPolicies(tables.contextFor(adminOf(provider)), [providerId]);
    expect(shown).toMatchObject({ mode: 'COLLABORATE', version: 1 });
  });

  it("is not shown to their customers' keys either, and is to the provider's own", async () => {
    provider = await tables.aProvider();
    const { customerId } = await aCustomer();
    const { providerId } = provider;
    const policy = { mode: 'COLLABORATE' } as const;
    await setProviderResponsePolicy(asOperator(), { providerId, expectedVersion: 0, policy });
    const { aKey } = buildPrincipals(tables);
    const shownTo = async ({ apiKey }: NewSecret) => {
      const viewer: Viewer = {
        ...{ principalId: apiKey.apiKeyId, role: 'INTEGRATION', providerId },
        ...{ customerIds: [customerId], scopes: ['policy:read'] },
      };
      return loadProviderPolicies(tables.contextFor(viewer), [providerId]);
    };
    expect(await shownTo(await aKey({ customerId }))).toEqual([null]);
    const granted = await aKey({ providerId, customerIds: [customerId] });
    expect(await shownTo(granted)).toMatchObject([{ mode: 'COLLABORATE' }]);
  });
});
