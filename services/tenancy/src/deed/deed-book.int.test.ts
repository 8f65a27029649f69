import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, operatorId } from '@vedette/service-kit';
import type { TenantScope, Viewer } from '@vedette/service-kit';
import { waitFor } from '@vedette/testkit';
import type { TestDatabase } from '@vedette/testkit';
import pg from 'pg';
import { moveCustomer } from '../customer/customer-move-operations.ts';
import type { CustomerRow } from '../customer/customer-store.ts';
import type { ProviderRow } from '../provider/provider-store.ts';
import {
  adminOf,
  connectTenancyTables,
  createTenancyDatabase,
  operatorAdmin,
} from '../testing/test-tenancy.ts';
import type { TenancyTables } from '../testing/test-tenancy.ts';
import { countWaiting } from '../testing/waiting.ts';
import type { AccountableContext, Deed } from './deed-book.ts';
import { findBrokenDeed } from './deed-chain.ts';
import { listDeeds } from './deed-operations.ts';
import { listLedger } from './deed-store.ts';

let postgres: TestDatabase;
let tables: TenancyTables;
let superuser: pg.Client;
let provider: ProviderRow;
let customer: CustomerRow;
let foreign: CustomerRow;

beforeAll(async () => {
  postgres = await createTenancyDatabase();
  tables = await connectTenancyTables(postgres.runtimeUrl);
  superuser = new pg.Client(postgres.adminUrl);
  await superuser.connect();
  provider = await tables.aProvider();
  customer = await tables.aCustomer(provider);
  foreign = await tables.aCustomer(await tables.aProvider());
});

afterAll(async () => {
  await superuser.end();
  await tables.stop();
  await postgres.drop();
});

const all: TenantScope = { kind: 'OPERATOR' };

function aDeed(about: CustomerRow, change: object = { mode: newId() }): Deed {
  return {
    ...{ kind: 'policy.set', targetType: 'Customer', targetId: about.customerId },
    ...{ providerId: about.providerId, customerId: about.customerId },
    ...{ before: null, after: change },
  };
}

async function record(ctx: AccountableContext, ...deeds: readonly Deed[]): Promise<void> {
  await ctx.db.transaction(all, (tx) => ctx.deeds.record(tx, ctx, deeds));
}

const ledgerOf = (about: CustomerRow) =>
  tables.contextFor(operatorAdmin).db.transaction(all, (tx) => listLedger(tx, about.customerId));

describe('the ledger of administrative deeds', () => {
  it('tells who did what, when, from what to what', async () => {
    const ctx = tables.contextFor(adminOf(provider, customer), new Date('2026-03-02T09:00:00Z'));
    await record(ctx, { ...aDeed(customer, { mode: 'NOTIFY' }), before: { mode: 'AUTHORIZE' } });
    const { nodes } = await listDeeds(ctx, { filter: { customerId: customer.customerId } });
    expect(nodes[0]).toMatchObject({
      kind: 'policy.set',
      actor: ctx.viewer.principalId,
      actorRole: 'PROVIDER_ADMIN',
      at: new Date('2026-03-02T09:00:00Z'),
      targetId: customer.customerId,
      change: { before: { mode: 'AUTHORIZE' }, after: { mode: 'NOTIFY' } },
    });
  });

  it('holds nothing of a deed that changed nothing', async () => {
    const ctx = tables.contextFor(operatorAdmin);
    const before = await ledgerOf(customer);
    await record(ctx, { ...aDeed(customer, { mode: 'ACT' }), before: { mode: 'ACT' } });
    expect(await ledgerOf(customer)).toHaveLength(before.length);
  });

  it('is one unbroken chain, however many write it at once', async () => {
    const ctx = tables.contextFor(operatorAdmin);
    const before = (await ledgerOf(customer)).length;
    await Promise.all(
      Array.from({ length: 20 }, () => record(ctx, aDeed(customer), aDeed(foreign))),
    );
    const ledger = await ledgerOf(customer);
    expect(ledger).toHaveLength(before + 20);
    expect(findBrokenDeed(ledger)).toBeNull();
    expect(findBrokenDeed(await ledgerOf(foreign))).toBeNull();
  });

  it('is locked by everybody before those of providers, so that no two wait for each other', async () => {
    const ctx = tables.contextFor(operatorAdmin);
    const about = await tables.aCustomer(provider);
    const ofOperator: Deed = { ...aDeed(about), providerId: operatorId, customerId: null };
    const done: Promise<void>[] = [];
    await ctx.db.transaction(all, async (tx) => {
      await ctx.deeds.record(tx, ctx, [aDeed(about)]);
      done.push(record(ctx, ofOperator, aDeed(about)));
      await waitFor(async () => (await countWaiting(tx)) === 1);
      await ctx.deeds.record(tx, ctx, [ofOperator]);
    });
    await Promise.all(done);
    expect(findBrokenDeed(await ledgerOf(about))).toBeNull();
  });

  it('takes as many at once as a customer has grants to end', async () => {
    const ctx = tables.contextFor(operatorAdmin, new Date('2026-02-01T08:00:00Z'));
    const busy = await tables.aCustomer(provider);
    const before = (await ledgerOf(busy)).length;
    await record(ctx, ...Array.from({ length: 5_000 }, () => aDeed(busy)));
    const ledger = await ledgerOf(busy);
    expect(ledger).toHaveLength(before + 5_000);
    expect(findBrokenDeed(ledger)).toBeNull();
  });

  it('shows what a superuser changes, takes out or puts in', async () => {
    const tamperings = [
      `update deeds set actor = 'mallory' where sequence = 4 and ledger = $1`,
      `update deeds set provider_id = gen_random_uuid() where sequence = 4 and ledger = $1`,
      `update deeds set customer_id = gen_random_uuid() where sequence = 4 and ledger = $1`,
      `delete from deeds where sequence = 4 and ledger = $1`,
      `update deeds set sequence = -sequence where sequence in (4, 5) and ledger = $1`,
    ];
    for (const tampering of tamperings) {
      await superuser.query('begin');
      await superuser.query('set search_path = tenancy');
      await superuser.query('alter table deeds disable trigger user');
      await superuser.query(tampering, [foreign.customerId]);
      const { rows } = await superuser.query<Record<string, never>>(
        `select ledger, sequence::int, deed_id as "deedId", at, actor, actor_role as "actorRole", kind,
                target_type as "targetType", target_id as "targetId",
                provider_id as "providerId", customer_id as "customerId",
                sealed_change as "sealedChange", previous_hash as "previousHash", hash
         from deeds where ledger = $1 order by sequence`,
        [foreign.customerId],
      );
      await superuser.query('rollback');
      expect(findBrokenDeed(rows as never)).not.toBeNull();
    }
  });

  it.each([`update deeds set actor = 'mallory'`, 'delete from deeds', 'truncate deeds'])(
    'refuses: %s',
    async (sql) => {
      await superuser.query('set search_path = tenancy');
      await expect(superuser.query(sql)).rejects.toThrow('append-only');
      const ctx = tables.contextFor(operatorAdmin);
      await expect(ctx.db.transaction(all, (tx) => tx.query(sql))).rejects.toThrow(
        'permission denied',
      );
    },
  );

  it('holds changes sealed, and unreadable once the key of the customer is destroyed', async () => {
    const ctx = tables.contextFor(operatorAdmin);
    const gone = await tables.aCustomer(provider);
    await record(ctx, aDeed(gone, { email: 'jens@hafenwerk.example' }));
    const { rows } = await superuser.query('select * from tenancy.deeds where customer_id = $1', [
      gone.customerId,
    ]);
    expect(JSON.stringify(rows)).not.toContain('hafenwerk.example');
    await superuser.query('delete from tenancy.customer_keys where customer_id = $1', [
      gone.customerId,
    ]);
    const { nodes } = await listDeeds(ctx, { filter: { customerId: gone.customerId } });
    expect(nodes.map(({ change }) => change)).toEqual(nodes.map(() => null));
    expect(nodes.length).toBeGreaterThan(0);
    expect(findBrokenDeed(await ledgerOf(gone))).toBeNull();
  });

  it("shows a customer's people their customer's and nothing of their provider's own", async () => {
    const ctx = tables.contextFor(operatorAdmin);
    const own: Deed = { ...aDeed(customer), customerId: null, targetId: provider.providerId };
    await record(ctx, aDeed(customer), own, { ...own, providerId: operatorId });
    const approver = {
      ...adminOf(provider, customer),
      role: 'CUSTOMER_APPROVER',
      customerIds: [customer.customerId],
    } as const;
    const seenBy = async (viewer: Parameters<TenancyTables['contextFor']>[0]) =>
      (await listDeeds(tables.contextFor(viewer), { first: 100 })).nodes;
    const seen = await seenBy(approver);
    expect(new Set(seen.map(({ customerId }) => customerId))).toEqual(
      new Set([customer.customerId]),
    );
    const byAdmin = await seenBy(adminOf(provider, customer));
    expect(byAdmin.some(({ customerId }) => customerId === null)).toBe(true);
    expect(byAdmin.every(({ providerId }) => providerId === provider.providerId)).toBe(true);
    expect((await seenBy(operatorAdmin)).some((deed) => deed.providerId === operatorId)).toBe(true);
  });

  it('shows the people of a provider what was done while the customer was theirs', async () => {
    const moving = await tables.aCustomer(provider);
    const { customerId } = moving;
    const to = await tables.aProvider();
    const asOperator = tables.contextFor(operatorAdmin);
    await record(tables.contextFor(adminOf(provider, moving)), aDeed(moving));
    await moveCustomer(asOperator, { customerId, providerId: to.providerId });
    await record(asOperator, aDeed({ ...moving, providerId: to.providerId }));
    const kindsSeenBy = async (viewer: Viewer) => {
      const ctx = tables.contextFor(viewer);
      const named = await listDeeds(ctx, { filter: { customerId } });
      const { nodes } = await listDeeds(ctx, { first: 100 });
      expect(nodes.filter((deed) => deed.customerId === customerId)).toEqual(named.nodes);
      return named.nodes.map(({ kind }) => kind).toReversed();
    };
    const whole = ['customer.onboard', 'policy.set', 'customer.move', 'policy.set'];
    const since = ['customer.move', 'policy.set'];
    expect(await kindsSeenBy(operatorAdmin)).toEqual(whole);
    expect(await kindsSeenBy(adminOf(to, moving))).toEqual(since);
    const approver = { ...adminOf(to), role: 'CUSTOMER_APPROVER', customerIds: [customerId] };
    expect(await kindsSeenBy(approver as Viewer)).toEqual(whole);
  });
});
