import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  NoAnswer,
  ResponseMode as WireMode,
} from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import type { EffectivePolicyChanged } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import { joinTransaction } from '@vedette/service-kit';
import type { OperationContext, Transaction } from '@vedette/service-kit';
import { waitFor } from '@vedette/testkit';
import { onboardCustomer } from '../customer/customer-operations.ts';
import type { CustomerRow } from '../customer/customer-store.ts';
import type { AccountableContext } from '../deed/deed-book.ts';
import type { MandateInput } from '../mandate/mandate-input.ts';
import { recordMandate, revokeMandate } from '../mandate/mandate-operations.ts';
import type { ProviderRow } from '../provider/provider-store.ts';
import { adminOf, operatorAdmin, startTenancyTables } from '../testing/test-tenancy.ts';
import type { TenancyTables } from '../testing/test-tenancy.ts';
import { toldEvents } from '../testing/told-events.ts';
import { republishDuePolicies, republishPolicies } from './republish-policies.ts';
import {
  loadCustomerPolicies,
  setCustomerResponsePolicy,
  setProviderResponsePolicy,
} from './response-policy-operations.ts';

let tables: TenancyTables;
let provider: ProviderRow;

beforeAll(async () => {
  tables = await startTenancyTables();
  provider = await tables.aProvider();
});

afterAll(() => tables.stop());

const all = { kind: 'OPERATOR' } as const;
const asOperator = (now?: Date): AccountableContext => tables.contextFor(operatorAdmin, now);

function aMandate(changed: Partial<MandateInput> = {}): MandateInput {
  const signed = { signatory: { name: 'Inken' }, documentSha256: 'ab'.repeat(32) };
  return { ...signed, highestMode: 'AUTHORIZE', ...changed };
}

function record({ customerId }: CustomerRow, changed: Partial<MandateInput> = {}, now?: Date) {
  return recordMandate(asOperator(now), { customerId, mandate: aMandate(changed) });
}

const setProvider = (expectedVersion: number, mode: 'NOTIFY' | 'COLLABORATE' | 'AUTHORIZE') =>
  setProviderResponsePolicy(asOperator(), {
    ...{ providerId: provider.providerId, expectedVersion, policy: { mode } },
  });

/** What was told of a customer's policy: version and mode each time. */
async function toldOf({ customerId }: CustomerRow): Promise<[number, WireMode][]> {
  const events = await toldEvents(asOperator().db, `${customerId}/policy`);
  return events.map(({ meta, event }) => {
    const { mode } = event.value as EffectivePolicyChanged;
    return [Number(meta?.aggregateVersion), mode];
  });
}

const republish = (ctx: OperationContext, ...customers: readonly CustomerRow[]) =>
  ctx.db.transaction(all, (tx) =>
    republishPolicies(
      tx,
      ctx,
      customers.map(({ customerId }) => customerId),
    ),
  );

describe('what we may do at a customer', () => {
  it('is told anew by each change that changes it, under a version one higher', async () => {
    const customer = await tables.aCustomer(provider);
    const { customerId } = customer;
    expect(await toldOf(customer)).toEqual([]);
    const { mandateId } = await record(customer);
    await setProvider(0, 'COLLABORATE');
    const policy = { mode: 'AUTHORIZE' } as const;
    await setCustomerResponsePolicy(asOperator(), { customerId, expectedVersion: 0, policy });
    await setCustomerResponsePolicy(asOperator(), { customerId, expectedVersion: 1 });
    await revokeMandate(asOperator(), { mandateId, reason: 'Over' });
    expect(await toldOf(customer)).toEqual([
      [1, WireMode.NOTIFY],
      [2, WireMode.COLLABORATE],
      [3, WireMode.AUTHORIZE],
      [4, WireMode.COLLABORATE],
      [5, WireMode.NOTIFY],
    ]);
  });

  it('is told whole: with its mandate, exceptions and windows', async () => {
    const customer = await tables.aCustomer(provider);
    const { customerId } = customer;
    const validUntil = new Date('2027-01-01T00:00:00Z');
    const { mandateId } = await record(customer, { mayActUnanswered: true, validUntil });
    const hours = { weekdays: [6, 7], from: '20:00', to: '06:00', timeZone: 'Europe/Berlin' };
    const policy = {
      mode: 'COLLABORATE',
      whenUnanswered: 'ACT',
      actionModes: [{ action: 'ISOLATE_HOST', mode: 'AUTHORIZE' }],
      windows: [{ ...hours, mode: 'AUTHORIZE' }],
    } as const;
    await setCustomerResponsePolicy(asOperator(), { customerId, expectedVersion: 0, policy });
    const told = (await toldEvents(asOperator().db, `${customerId}/policy`)).at(-1);
    expect(told?.meta).toMatchObject({ providerId: provider.providerId, customerId });
    expect(told?.event.value).toMatchObject({
      mandate: {
        ...{ mandateId, highestMode: WireMode.AUTHORIZE, mayActUnanswered: true },
        validUntil: { seconds: BigInt(validUntil.getTime() / 1000) },
      },
      mode: WireMode.COLLABORATE,
      whenUnanswered: NoAnswer.ACT,
      actionModes: [{ action: 'ISOLATE_HOST', mode: WireMode.AUTHORIZE }],
      windows: [
        {
          ...{ weekdays: [6, 7], fromMinute: 1200, toMinute: 360, timeZone: 'Europe/Berlin' },
          mode: WireMode.AUTHORIZE,
        },
      ],
    });
  });

  it('is not told again while it is the same', async () => {
    const customer = await tables.aCustomer(provider);
    await record(customer);
    const before = await toldOf(customer);
    await republish(asOperator(), customer, customer);
    expect(await toldOf(customer)).toEqual(before);
    const silent = await tables.aCustomer(provider);
    await setProvider(1, 'AUTHORIZE');
    await setProvider(2, 'COLLABORATE');
    expect(await toldOf(silent)).toEqual([]);
  });

  it('follows from the last change also when several change its ground at once', async () => {
    const customer = await tables.aCustomer(provider);
    const { customerId } = customer;
    await record(customer);
    const viewer = adminOf(provider, customer);
    for (let round = 0; round < 5; round++) {
      const policy = { mode: 'NOTIFY' } as const;
      const ctx = tables.contextFor(viewer);
      const [own] = await loadCustomerPolicies(ctx, [customerId]);
      const expectedVersion = own?.own?.version ?? 0;
      await Promise.all([
        setProvider(3 + round, round % 2 ? 'COLLABORATE' : 'AUTHORIZE'),
        record(customer, { highestMode: round % 2 ? 'AUTHORIZE' : 'COLLABORATE' }),
        setCustomerResponsePolicy(ctx, {
          ...{ customerId, expectedVersion, policy: round % 2 ? null : policy },
        }),
        tables.aCustomer(provider),
      ]);
      const [policies] = await loadCustomerPolicies(ctx, [customerId]);
      const last = (await toldOf(customer)).at(-1);
      expect(last).toEqual([
        policies?.effective.version,
        WireMode[policies?.effective.mode ?? 'NOTIFY'],
      ]);
      const before = await toldOf(customer);
      await republish(asOperator(), customer);
      expect(await toldOf(customer)).toEqual(before);
    }
  });
});

describe('a customer that is being onboarded while its provider changes its policy', () => {
  it('has what follows from the new one as soon as both are done', async () => {
    provider = await tables.aProvider();
    const ctx = asOperator();
    const { customer, changing } = await ctx.db.transaction(all, async (tx) => {
      const made = await onboardCustomer(
        { ...ctx, db: joinTransaction(tx) },
        { providerId: provider.providerId, name: 'In the making', mandate: aMandate() },
      );
      const change = { isDone: false, done: setProvider(0, 'AUTHORIZE') };
      const noteDone = (): void => void (change.isDone = true);
      void change.done.then(noteDone, noteDone);
      await waitFor(async () => change.isDone || (await isSomebodyWaiting(tx)));
      return { customer: made, changing: change.done };
    });
    await changing;
    expect((await toldOf(customer)).at(-1)?.[1]).toBe(WireMode.AUTHORIZE);
  });

  async function isSomebodyWaiting(tx: Transaction): Promise<boolean> {
    const waiting: unknown[] = await tx.query(
      `select 1 from pg_locks where locktype = 'advisory' and not granted
       and database = (select oid from pg_database where datname = current_database())`,
    );
    return waiting.length > 0;
  }
});

describe('a mandate that begins and ends by time', () => {
  const start = new Date('2026-03-01T08:00:00Z');
  const inMinutes = (minutes: number): Date => new Date(start.getTime() + minutes * 60_000);

  it('is told of by the job when it does, and not before', async () => {
    provider = await tables.aProvider();
    await setProvider(0, 'AUTHORIZE');
    const customer = await tables.aCustomer(provider);
    const times = { validFrom: inMinutes(10), validUntil: inMinutes(20) };
    await record(customer, times, start);
    const due: [number, number][] = [];
    for (const minute of [0, 9, 10, 11, 19, 20, 21]) {
      await republishDuePolicies(asOperator(inMinutes(minute)));
      due.push([minute, (await toldOf(customer)).length]);
    }
    expect(due).toEqual([
      ...[
        [0, 0],
        [9, 0],
        [10, 1],
        [11, 1],
        [19, 1],
        [20, 2],
        [21, 2],
      ],
    ]);
    expect(await toldOf(customer)).toEqual([
      [1, WireMode.AUTHORIZE],
      [2, WireMode.NOTIFY],
    ]);
  });

  it('is told of once, however late the job is, and whoever runs it at the same time', async () => {
    const customers = await Promise.all(
      Array.from({ length: 12 }, () => tables.aCustomer(provider)),
    );
    for (const each of customers) await record(each, { validUntil: inMinutes(5) }, start);
    await Promise.all([1, 2, 3].map(() => republishDuePolicies(asOperator(inMinutes(600)))));
    const told = await Promise.all(customers.map(toldOf));
    expect(told).toEqual(
      customers.map(() => [
        [1, WireMode.AUTHORIZE],
        [2, WireMode.NOTIFY],
      ]),
    );
  });

  it('of a customer that is being purged is told of no more', async () => {
    const customer = await tables.aCustomer(provider);
    await record(customer, { validUntil: inMinutes(5) }, start);
    const leave = `update customers set status = 'PURGING' where customer_id = $1`;
    await asOperator().db.transaction(all, (tx) => tx.query(leave, [customer.customerId]));
    await republishDuePolicies(asOperator(inMinutes(5)));
    expect(await toldOf(customer)).toHaveLength(1);
  });
});

describe('a provider with 5,000 customers', () => {
  it('tells all of them of its new policy at once', async () => {
    provider = await tables.aProvider();
    const count = 5_000;
    const { db } = asOperator();
    await db.transaction(all, (tx) =>
      tx.query(
        `with added as (
           insert into customers (customer_id, provider_id, name, is_own_estate, plan, onboarded_at, version)
           select gen_random_uuid(), $1, 'Customer ' || n, false, 'STANDARD', now(), 1
           from generate_series(1, $2::int) as n returning customer_id)
         insert into mandates (mandate_id, customer_id, number, signatory_name, document_sha256,
           highest_mode, may_act_unanswered, shares_indicators, valid_from, recorded_at, recorded_by)
         select gen_random_uuid(), customer_id, 1, 'Inken', 'ab', 'COLLABORATE', false, false,
                '2026-01-01', '2026-01-01', 'olga' from added`,
        [provider.providerId, count],
      ),
    );
    const startedAt = performance.now();
    await setProvider(0, 'AUTHORIZE');
    const milliseconds = performance.now() - startedAt;
    const [told]: { n: number; all: number }[] = await db.infrastructure((tx) =>
      tx.query(
        `select count(*)::int as n, count(distinct aggregate_id)::int as all from outbox
         where subject like 'vedette.tenancy.effective_policy_changed.' || $1 || '.%'`,
        [provider.providerId],
      ),
    );
    expect(told).toEqual({ n: count, all: count });
    // One second on a machine that does nothing else; here others run beside it.
    expect(milliseconds).toBeLessThan(15_000);
  }, 60_000);
});
