import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { fromBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TenancyEventSchema } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import { newId } from '@vedette/service-kit';
import { waitFor } from '@vedette/testkit';
import type { RedeliveredEvent, RowOwner, TestService } from '@vedette/testkit';
import pg from 'pg';
import type { CustomerRow } from '../customer/customer-store.ts';
import { listDeeds } from '../deed/deed-operations.ts';
import { grantCustomer } from '../grant/grant-operations.ts';
import type { ProviderRow } from '../provider/provider-store.ts';
import { assignServiceContact } from '../service-contact/service-contact-operations.ts';
import { fillAuthority } from '../testing/authority-operations.ts';
import {
  assetDiscovered,
  connectorCreated,
  customerExported,
  customerPurged,
  others,
} from '../testing/other-services.ts';
import type { OtherService } from '../testing/other-services.ts';
import { buildPrincipals } from '../testing/principal-builders.ts';
import {
  connectTenancyTables,
  exportsDir,
  operatorAdmin,
  startTestTenancy,
} from '../testing/test-tenancy.ts';
import type { TenancyTables } from '../testing/test-tenancy.ts';
import { customerTables, keptTables } from './customer-data.ts';
import {
  loadExports,
  loadPurges,
  offboardCustomer,
  purgeCustomer,
  requestCustomerExport,
} from './customer-leaving-operations.ts';
import { completedAt, isWhole, leavingServices } from './customer-leaving.ts';
import type { AnsweredRequest } from './customer-leaving.ts';

let tenancy: TestService;
let tables: TenancyTables;
let provider: ProviderRow;

beforeAll(async () => {
  tenancy = await startTestTenancy();
  tables = await connectTenancyTables(tenancy.postgres.runtimeUrl);
  provider = await tables.aProvider();
});

afterAll(async () => {
  await tables.stop();
  await tenancy.stop();
});

const asOperator = (now = new Date()) => tables.contextFor(operatorAdmin, now);
const services = Object.keys(others) as readonly OtherService[];
const ownerOf = ({ customerId, providerId }: CustomerRow): RowOwner => ({ customerId, providerId });

/** A customer with a row in every table that tenancy has of customers. */
async function aFilledCustomer(): Promise<CustomerRow> {
  const input = {
    plan: 'ADVANCED',
    externalReference: newId(),
    profile: { region: 'DE' },
  } as const;
  const customer = await tables.aCustomer(provider, input);
  const { customerId } = customer;
  await fillAuthority(tables, customer);
  const principals = buildPrincipals(tables);
  const own = await principals.anIssuer({ customerId });
  await principals.aUser(own, 'CUSTOMER_APPROVER', { customerId });
  await principals.aKey({ customerId });
  const ofProvider = await principals.anIssuer({ providerId: provider.providerId });
  const { userId } = await principals.aUser(ofProvider, 'PROVIDER_TECHNICIAN');
  await grantCustomer(asOperator(), { principalId: userId, customerId });
  await publish(connectorCreated(ownerOf(customer), new Date()));
  await waitFor(async () => (await countRows('customer_connectors', customerId)) === 1);
  return customer;
}

async function publish(...events: readonly RedeliveredEvent[]): Promise<void> {
  for (const { stream, subject, payload } of events) {
    await tenancy.bus.client.publish(subject, payload, { expect: { streamName: stream } });
  }
}

async function countRows(table: string, customerId: string): Promise<number> {
  const sql = `select count(*)::int as n from ${table} where customer_id = $1`;
  const [row] = await tenancy.select<{ n: number }>(sql, [customerId]);
  return row?.n ?? -1;
}

/** Whether tenancy has dealt with all that is on its streams, and told what follows. */
async function settled(): Promise<void> {
  for (const stream of ['TENANCY', ...Object.values(others)]) {
    await waitFor(async () => {
      const unpublished = 'select 1 from outbox where published_at is null';
      if ((await tenancy.select(unpublished)).length > 0) return false;
      for await (const info of tenancy.bus.manager.consumers.list(stream)) {
        if (info.num_pending + info.num_ack_pending > 0) return false;
      }
      return true;
    });
  }
}

async function sealedKeyOf({ customerId }: CustomerRow): Promise<string> {
  const sql = 'select sealed_key from customer_keys where customer_id = $1';
  const [row] = await tenancy.select<{ sealed_key: string }>(sql, [customerId]);
  if (!row) throw new Error('the customer has no key');
  return row.sealed_key;
}

/** Whether the file that holds the keys of customers holds this one, deleted or not. */
async function isInKeyFile(sealedKey: string): Promise<boolean> {
  const superuser = new pg.Client(tenancy.postgres.adminUrl);
  await superuser.connect();
  try {
    await superuser.query('checkpoint');
    const { rows } = await superuser.query<{ found: boolean }>(
      `select position(convert_to($1, 'UTF8') in
                       pg_read_binary_file(pg_relation_filepath('tenancy.customer_keys'))) > 0 as found`,
      [sealedKey],
    );
    return rows[0]?.found ?? false;
  } finally {
    await superuser.end();
  }
}

async function exportOf({ customerId }: CustomerRow): Promise<AnsweredRequest> {
  const [request] = await loadExports(asOperator(), [customerId]);
  if (!request) throw new Error('no export was asked for');
  return request;
}

async function purgeOf({ customerId }: CustomerRow): Promise<AnsweredRequest> {
  const [request] = await loadPurges(asOperator(), [customerId]);
  if (!request) throw new Error('no purge was asked for');
  return request;
}

/** Which services were asked for an export of the customer, over all of its exports. */
async function askedOf(customerId: string): Promise<string[]> {
  const rows = await tenancy.select<{ payload: Buffer }>(
    `select payload from outbox where subject like $1 order by position`,
    [`vedette.tenancy.customer_export_requested.%.${customerId}`],
  );
  return rows.map(({ payload }) => {
    const { event } = fromBinary(TenancyEventSchema, payload);
    return event.case === 'customerExportRequested' ? event.value.service : '';
  });
}

/** Off-boards a customer and lets every service answer. */
async function offboardAndExport(customer: CustomerRow): Promise<void> {
  const { customerId } = customer;
  await offboardCustomer(asOperator(), { customerId, reason: 'Closed down' });
  const { requestId } = await exportOf(customer);
  await publish(
    ...services.map((service) => customerExported(service, ownerOf(customer), requestId)),
  );
  await waitFor(async () => completedAt(await exportOf(customer)) !== null);
}

/** The events about a customer that the stream holds. */
async function messagesOf(customerId: string): Promise<string[]> {
  const filter = { subjects_filter: `vedette.tenancy.*.*.${customerId}` };
  const { state } = await tenancy.bus.manager.streams.info('TENANCY', filter);
  return Object.keys(state.subjects ?? {})
    .map((subject) => subject.split('.')[2] ?? '')
    .toSorted();
}

describe('a customer of which everything is known', () => {
  it('is known in no table that is neither purged nor kept', async () => {
    const rows = await tenancy.select<{ name: string }>(
      `select c.relname as name from pg_class c
       join pg_attribute a on a.attrelid = c.oid and a.attname = 'customer_id'
       where c.relnamespace = 'tenancy'::regnamespace and c.relkind in ('r', 'p', 'm')
         and not a.attisdropped and c.relname <> 'purged_customers'`,
    );
    const listed = [...customerTables, ...keptTables].map(({ name }) => name);
    expect(rows.map(({ name }) => name).toSorted()).toEqual(listed.toSorted());
  });
});

describe('a customer that is off-boarded', () => {
  it('is exported by tenancy, whole and without secrets, and complete with the last service', async () => {
    const customer = await aFilledCustomer();
    const { customerId } = customer;
    await offboardCustomer(asOperator(), { customerId, reason: 'Closed down' });
    const { requestId } = await exportOf(customer);
    for (const service of services) {
      await waitFor(async () => (await askedOf(customerId)).at(-1) === service);
      expect(completedAt(await exportOf(customer))).toBeNull();
      await publish(customerExported(service, ownerOf(customer), requestId));
    }
    await waitFor(async () => completedAt(await exportOf(customer)) !== null);
    expect(await askedOf(customerId)).toEqual(leavingServices);
    const file = await readFile(join(exportsDir, customerId, requestId, 'tenancy.ndjson.gz'));
    const lines = gunzipSync(file).toString('utf8').trimEnd().split('\n');
    const { receipts } = await exportOf(customer);
    expect(receipts.find(({ service }) => service === 'tenancy')).toMatchObject({
      ...{ rows: lines.length, bytes: file.byteLength },
      sha256: createHash('sha256').update(file).digest('hex'),
    });
    const exported = lines.map((line) => JSON.parse(line) as { table: string; row: object });
    const withoutRows = ['customer_purges'];
    expect([...new Set(exported.map(({ table }) => table))].toSorted()).toEqual(
      [...customerTables, ...keptTables]
        .map(({ name }) => name)
        .filter((name) => !withoutRows.includes(name))
        .toSorted(),
    );
    // A receipt's sha256 is of a file, and no secret.
    const rest = exported.filter(({ table }) => table !== 'customer_receipts');
    const columns = new Set(rest.flatMap(({ row }) => Object.keys(row)));
    for (const secret of ['sha256', 'sealed_key', 'sealed_change']) {
      expect([...columns]).not.toContain(secret);
    }
  });

  it('is not exported by a receipt for another, or by one that nobody asked for', async () => {
    const customer = await tables.aCustomer(provider);
    const sibling = await tables.aCustomer(provider);
    const { customerId } = customer;
    await offboardCustomer(asOperator(), { customerId, reason: 'Closed down' });
    const { requestId } = await exportOf(customer);
    await publish(
      customerExported('hunting', ownerOf(customer), requestId, 'cases'),
      customerExported('hunting', ownerOf(customer), newId()),
      customerExported('hunting', ownerOf(sibling), requestId),
    );
    await settled();
    const { receipts } = await exportOf(customer);
    expect(receipts).toEqual([]);
    expect(await countRows('customer_receipts', sibling.customerId)).toBe(0);
  });

  it('is waited for, and exported anew once that is done', async () => {
    const customer = await tables.aCustomer(provider);
    const { customerId } = customer;
    await requestCustomerExport(asOperator(), { customerId });
    const first = await exportOf(customer);
    await requestCustomerExport(asOperator(), { customerId });
    expect((await exportOf(customer)).requestId).toBe(first.requestId);
    // Whom it waits for is asked again.
    expect(await askedOf(customerId)).toEqual(['ingestion', 'ingestion']);
    await offboardAndExport(customer);
    const second = await exportOf(customer);
    expect(second.requestId).not.toBe(first.requestId);
    await requestCustomerExport(asOperator(new Date(Date.now() + 1)), { customerId });
    expect((await exportOf(customer)).requestId).not.toBe(second.requestId);
  });
});

describe('a customer that is purged', () => {
  it('is gone everywhere when every service has answered, and its neighbour is not', async () => {
    const [customer, neighbour] = [await aFilledCustomer(), await aFilledCustomer()];
    const { customerId, name } = customer;
    await offboardAndExport(customer);
    const before = await Promise.all(
      customerTables.map((table) => countRows(table.name, customerId)),
    );
    expect(before).not.toContain(0);
    const sealedKey = await sealedKeyOf(customer);
    const neighbourKey = await sealedKeyOf(neighbour);
    const purging = await purgeCustomer(asOperator(), { customerId, name });
    expect(purging).toMatchObject({ status: 'PURGING', name });
    await waitFor(async () => (await purgeOf(customer)).receipts.length === 1);
    const { requestId, receipts } = await purgeOf(customer);
    expect(receipts).toMatchObject([
      { service: 'tenancy', rows: before.reduce((sum, count) => sum + count, 0) },
    ]);
    for (const { name: table } of customerTables) {
      expect([table, await countRows(table, customerId)]).toEqual([table, 0]);
      expect([table, await countRows(table, neighbour.customerId)]).not.toEqual([table, 0]);
    }
    // The others may not have read it yet.
    expect(await messagesOf(customerId)).toContain('customer_purge_requested');

    await publish(
      ...services.map((service) => customerPurged(service, ownerOf(customer), requestId)),
    );
    await waitFor(async () => completedAt(await purgeOf(customer)) !== null);
    // Complete means that nothing is left, at this very moment.
    expect(await messagesOf(customerId)).not.toContain('customer_purge_requested');
    await expect(access(join(exportsDir, customerId))).rejects.toThrow('ENOENT');
    await settled();
    expect(await messagesOf(customerId)).toEqual([
      'customer_purge_answered',
      'customer_purge_completed',
      'customer_purged',
    ]);
    expect(await messagesOf(neighbour.customerId)).toContain('customer_onboarded');
    expect([await isInKeyFile(sealedKey), await isInKeyFile(neighbourKey)]).toEqual([false, true]);
    await expect(access(join(exportsDir, customerId))).rejects.toThrow('ENOENT');
    const [tombstone] = await tenancy.select('select * from customers where customer_id = $1', [
      customerId,
    ]);
    expect(tombstone).toMatchObject({
      ...{ status: 'PURGED', name: 'Purged customer', external_reference: null, region: null },
      ...{ provider_id: customer.providerId, version: 4, name_key: null, policy_digest: null },
    });
    const tenancyReceipt = (await purgeOf(customer)).receipts.find(
      ({ service }) => service === 'tenancy',
    );
    expect(tenancyReceipt?.messages).toBeGreaterThan(10);
    const left = await tenancy.select<{ text: string }>(
      `select t::text as text from customers t where customer_id = $1
       union all select o::text from outbox o where subject like '%' || $1`,
      [customerId],
    );
    for (const { text } of left) expect(text).not.toContain(name);
  });

  it('has a ledger that still holds together and that nobody can read any more', async () => {
    const customer = await aFilledCustomer();
    const { customerId, name } = customer;
    await offboardAndExport(customer);
    await purgeCustomer(asOperator(), { customerId, name });
    await waitFor(async () => (await purgeOf(customer)).receipts.length === 1);
    const { nodes } = await listDeeds(asOperator(), { first: 100, filter: { customerId } });
    expect(nodes.map(({ kind }) => kind)).toContain('customer.purge');
    expect(nodes.map(({ change }) => change)).toEqual(nodes.map(() => null));
  });

  it('lets another customer have its name and reference', async () => {
    const [one, two] = [await tables.aCustomer(provider), await tables.aCustomer(provider)];
    for (const customer of [one, two]) {
      await offboardAndExport(customer);
      const { customerId, name } = customer;
      await purgeCustomer(asOperator(), { customerId, name });
      await waitFor(async () => (await purgeOf(customer)).receipts.length === 1);
    }
    expect(await tables.aCustomer(provider, { name: one.name })).toMatchObject({ name: one.name });
  });

  it('does not come back with what was still under way', async () => {
    const customer = await aFilledCustomer();
    const { customerId, name } = customer;
    await offboardAndExport(customer);
    await purgeCustomer(asOperator(), { customerId, name });
    await waitFor(async () => (await purgeOf(customer)).receipts.length === 1);
    const news = (): RedeliveredEvent[] => [
      connectorCreated(ownerOf(customer), new Date()),
      assetDiscovered(ownerOf(customer), new Date()),
    ];
    await publish(...news());
    await settled();
    expect(await countRows('customer_connectors', customerId)).toBe(0);
    const { requestId } = await purgeOf(customer);
    await publish(
      ...services.map((service) => customerPurged(service, ownerOf(customer), requestId)),
    );
    await waitFor(async () => completedAt(await purgeOf(customer)) !== null);
    const [first] = news();
    await publish(...news(), ...(first ? [{ ...first, payload: Buffer.from('broken') }] : []));
    await settled();
    expect(await countRows('customer_connectors', customerId)).toBe(0);
    const letters = `select 1 from dead_letters where subject like '%' || $1`;
    expect(await tenancy.select(letters, [customerId])).toEqual([]);
  });

  it('is not purged before tenancy has deleted what it told of it', async () => {
    const customer = await aFilledCustomer();
    const { customerId, name } = customer;
    await offboardAndExport(customer);
    // A purge that cannot end: the export store has something in it that is no file of ours to remove.
    const stuck = join(exportsDir, customerId, newId());
    await mkdir(join(stuck, 'tenancy.ndjson.gz'), { recursive: true });
    await purgeCustomer(asOperator(), { customerId, name });
    const { requestId } = await purgeOf(customer);
    await publish(
      ...services.map((service) => customerPurged(service, ownerOf(customer), requestId)),
    );
    await waitFor(async () => (await purgeOf(customer)).receipts.length === leavingServices.length);
    expect(completedAt(await purgeOf(customer))).toBeNull();
    const status = () =>
      tenancy.select('select status from customers where customer_id = $1', [customerId]);
    expect(await status()).toEqual([{ status: 'PURGING' }]);
    await rm(stuck, { recursive: true });
    await waitFor(async () => completedAt(await purgeOf(customer)) !== null, { timeoutMs: 20_000 });
    expect(await status()).toEqual([{ status: 'PURGED' }]);
    expect((await purgeOf(customer)).receipts.every(isWhole)).toBe(true);
  });

  it('is asked for again while answers are missing, and is the same purge', async () => {
    const customer = await aFilledCustomer();
    const { customerId, name } = customer;
    await offboardAndExport(customer);
    await purgeCustomer(asOperator(), { customerId, name });
    await waitFor(async () => (await purgeOf(customer)).receipts.length === 1);
    const first = await purgeOf(customer);
    await purgeCustomer(asOperator(), { customerId, name });
    await settled();
    const requests = `select 1 from outbox where subject like 'vedette.tenancy.customer_purge_requested.%' || $1`;
    expect(await tenancy.select(requests, [customerId])).toHaveLength(2);
    expect(await purgeOf(customer)).toEqual(first);
    await publish(
      ...services.map((service) => customerPurged(service, ownerOf(customer), first.requestId)),
    );
    await waitFor(async () => completedAt(await purgeOf(customer)) !== null);
    await expect(purgeCustomer(asOperator(), { customerId, name })).rejects.toMatchObject({
      code: 'ILLEGAL_STATE',
    });
  });

  it('takes no change any more, and nobody is bound to it', async () => {
    const customer = await tables.aCustomer(provider, { plan: 'ADVANCED' });
    const { customerId, name } = customer;
    await offboardAndExport(customer);
    await purgeCustomer(asOperator(), { customerId, name });
    const principals = buildPrincipals(tables);
    const lead = await principals.aUser(await principals.anIssuer(), 'OPERATOR_LEAD');
    const attempts: readonly (() => Promise<unknown>)[] = [
      () => principals.aKey({ customerId }),
      () => principals.anIssuer({ customerId }),
      () => fillAuthority(tables, customer),
      () => requestCustomerExport(asOperator(), { customerId }),
      () =>
        assignServiceContact(asOperator(), {
          ...{ customerId, contactId: lead.userId, callBackNumber: '+4940123456' },
        }),
    ];
    for (const attempt of attempts) {
      await expect(attempt()).rejects.toMatchObject({ code: 'ILLEGAL_STATE' });
    }
  });
});
