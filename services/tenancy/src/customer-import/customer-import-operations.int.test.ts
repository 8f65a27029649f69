import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ForbiddenError, InvalidInputError, newId, NotFoundError } from '@vedette/service-kit';
import { listCustomers } from '../customer/customer-operations.ts';
import type { AccountableContext } from '../deed/deed-book.ts';
import type { ProviderRow } from '../provider/provider-store.ts';
import { adminOf, operatorAdmin, startTenancyTables } from '../testing/test-tenancy.ts';
import type { TenancyTables } from '../testing/test-tenancy.ts';
import { maxImportRows } from './customer-csv.ts';
import { importCustomers } from './customer-import-operations.ts';
import type { CustomerImport, ImportCustomersInput } from './customer-import-operations.ts';

let tables: TenancyTables;
let provider: ProviderRow;

beforeAll(async () => {
  tables = await startTenancyTables();
});

afterAll(() => tables.stop());

/** Each test has a provider of its own, of whose customers its admin's token names none. */
async function aBook(): Promise<{
  readonly ctx: AccountableContext;
  readonly run: (csv: string, input?: Partial<ImportCustomersInput>) => Promise<CustomerImport>;
  readonly names: () => Promise<readonly (readonly [string | null, string])[]>;
}> {
  provider = await tables.aProvider();
  const { providerId } = provider;
  const ctx = tables.contextFor(adminOf(provider));
  return {
    ctx,
    run: (csv, input) => importCustomers(ctx, { providerId, csv, dryRun: false, ...input }),
    names: async () => {
      const filter = { providerId };
      const { nodes } = await listCustomers(tables.contextFor(operatorAdmin), { filter });
      return nodes
        .filter(({ isOwnEstate }) => !isOwnEstate)
        .map(({ externalReference, name }) => [externalReference, name] as const);
    },
  };
}

const csv = (...lines: readonly string[]): string =>
  ['externalReference,name', ...lines].join('\n');

const outcomesOf = ({ items }: CustomerImport): string[] => items.map(({ outcome }) => outcome);

async function countEverything(): Promise<unknown> {
  return tables.contextFor(operatorAdmin).db.transaction({ kind: 'OPERATOR' }, (tx) =>
    tx.query(`select (select count(*)::int from customers) as customers,
      (select count(*)::int from outbox) as events, (select count(*)::int from deeds) as deeds`),
  );
}

describe('importing customers', () => {
  it('makes them with events and deeds, and tells what became of each row', async () => {
    const { run, names } = await aBook();
    const imported = await run(
      csv('C-1,Harbour Bakery', 'C-2,=Harbour Clinic', 'C-3,Harbour Bank'),
    );
    expect(imported).toMatchObject({ dryRun: false, created: 2, updated: 0, rejected: 1 });
    expect(imported.items).toMatchObject([
      { line: 2, externalReference: 'C-1', outcome: 'CREATED', customer: { version: 1 } },
      { line: 3, externalReference: 'C-2', outcome: 'REJECTED', customer: null },
      { line: 4, externalReference: 'C-3', outcome: 'CREATED' },
    ]);
    expect(await names()).toEqual([
      ['C-1', 'Harbour Bakery'],
      ['C-3', 'Harbour Bank'],
    ]);
    const { customerId } = imported.items[0]?.customer ?? { customerId: '' };
    expect(await tables.toldOf(customerId)).toEqual([
      `vedette.tenancy.customer_onboarded.${provider.providerId}.${customerId}`,
    ]);
    const [deed] = await tables
      .contextFor(operatorAdmin)
      .db.transaction({ kind: 'OPERATOR' }, (tx) =>
        tx.query<{ kind: string }[]>('select kind from deeds where customer_id = $1', [customerId]),
      );
    expect(deed).toEqual({ kind: 'customer.onboard' });
  });

  it('changes nothing when it is repeated, and only what is new when it is not the same', async () => {
    const { run } = await aBook();
    await run(csv('C-1,One', 'C-2,Two'));
    const before = await countEverything();
    const again = await run(csv('C-1,One', 'C-2,Two'));
    expect(outcomesOf(again)).toEqual(['UNCHANGED', 'UNCHANGED']);
    expect(await countEverything()).toEqual(before);
    const more = await run(csv('C-1,Uno', 'C-2,Two'));
    expect(more.items).toMatchObject([
      { outcome: 'UPDATED', customer: { name: 'Uno', version: 2 } },
      { outcome: 'UNCHANGED', customer: { version: 1 } },
    ]);
    const { customerId } = more.items[0]?.customer ?? { customerId: '' };
    expect((await tables.toldOf(customerId)).map((subject) => subject.split('.')[2])).toEqual([
      'customer_onboarded',
      'customer_changed',
    ]);
  });

  it('says in a dry run what it would do, and does nothing of it', async () => {
    const { run, names } = await aBook();
    await run(csv('C-1,One', 'C-2,Two'));
    const before = await countEverything();
    const file = csv('C-1,Two', 'C-2,One', 'C-3,Three', 'C-4,three', `C-5,${provider.name}`);
    const dry = await run(file, { dryRun: true });
    expect(outcomesOf(dry)).toEqual(['UPDATED', 'UPDATED', 'CREATED', 'REJECTED', 'REJECTED']);
    expect(dry.items.map(({ customer }) => customer?.name)).toEqual([
      ...['One', 'Two', undefined, undefined, undefined],
    ]);
    expect(await countEverything()).toEqual(before);
    expect(outcomesOf(await run(file))).toEqual(outcomesOf(dry));
    expect(await names()).toEqual([
      ['C-2', 'One'],
      ['C-3', 'Three'],
      ['C-1', 'Two'],
    ]);
  });

  it('compares names as PostgreSQL does', async () => {
    const { run } = await aBook();
    await run(csv('C-1,ÄRZTE AM HAFEN', 'C-2,İstanbul'));
    const imported = await run(csv('C-3,ärzte am hafen', 'C-4,i̇stanbul', 'C-5,istanbul'));
    expect(imported.rejected + imported.created).toBe(3);
    expect(outcomesOf(imported)[0]).toBe('REJECTED');
  });

  it('gives new customers the policy as their own, and known ones not', async () => {
    const { run } = await aBook();
    await run(csv('C-1,One'));
    const responsePolicy = { mode: 'COLLABORATE' } as const;
    const imported = await run(csv('C-1,One', 'C-2,Two'), { responsePolicy });
    const [known, made] = imported.items.map(({ customer }) => customer?.customerId ?? '');
    const policies = await tables
      .contextFor(operatorAdmin)
      .db.transaction({ kind: 'OPERATOR' }, (tx) =>
        tx.query<unknown[]>(
          'select customer_id, mode from response_policies where customer_id = any ($1)',
          [[known, made]],
        ),
      );
    expect(policies).toEqual([{ customer_id: made, mode: 'COLLABORATE' }]);
  });

  it('of one file twice at once makes each customer once', async () => {
    const { run, names } = await aBook();
    const lines = Array.from({ length: 40 }, (_, n) => `C-${n},Customer ${n}`);
    const both = await Promise.all([run(csv(...lines)), run(csv(...lines))]);
    expect(both.map(({ created, unchanged }) => [created, unchanged]).toSorted()).toEqual([
      [0, 40],
      [40, 0],
    ]);
    expect(await names()).toHaveLength(25);
  });

  it('refuses a file, a policy or a provider that is not valid', async () => {
    const { ctx, run } = await aBook();
    await expect(run('externalReference,name,iban\n')).rejects.toThrow(InvalidInputError);
    const windows = [{ weekdays: [9], from: '1', to: '2', timeZone: 'Nowhere', mode: 'NOTIFY' }];
    const responsePolicy = { mode: 'NOTIFY', windows } as never;
    await expect(run(csv('C-1,One'), { responsePolicy, dryRun: true })).rejects.toThrow(
      InvalidInputError,
    );
    const other = await tables.aProvider();
    for (const providerId of [newId(), other.providerId]) {
      const attempt = importCustomers(ctx, { providerId, csv: csv('C-1,One'), dryRun: true });
      await expect(attempt).rejects.toThrow(new NotFoundError('Provider', providerId));
    }
  });

  it('is not for technicians', async () => {
    const { providerId } = await tables.aProvider();
    const ctx = tables.contextFor({ ...adminOf(provider), role: 'PROVIDER_TECHNICIAN' });
    await expect(importCustomers(ctx, { providerId, csv: csv(), dryRun: true })).rejects.toThrow(
      ForbiddenError,
    );
  });

  it('takes as many rows as a file may have in a few seconds, new and changed', async () => {
    const { run } = await aBook();
    const lines = (suffix: string): string[] =>
      Array.from({ length: maxImportRows }, (_, n) => `C-${n},Customer ${n}${suffix}`);
    const started = performance.now();
    expect(await run(csv(...lines('')))).toMatchObject({ created: maxImportRows });
    expect(await run(csv(...lines(' GmbH')))).toMatchObject({ updated: maxImportRows });
    // Two in four seconds on a quiet machine; what grows with the square of the rows took a minute.
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
