import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@vedette/service-kit';
import { waitFor } from '@vedette/testkit';
import type { RedeliveredEvent, RowOwner, TestService } from '@vedette/testkit';
import type { CustomerRow } from '../customer/customer-store.ts';
import type { ProviderRow } from '../provider/provider-store.ts';
import { loadReadiness } from '../readiness/readiness-operations.ts';
import {
  assetDiscovered,
  connectorCreated,
  sensorKeyRotated,
  sensorKeysRevoked,
} from '../testing/other-services.ts';
import { adminOf, connectTenancyTables, startTestTenancy } from '../testing/test-tenancy.ts';
import type { TenancyTables } from '../testing/test-tenancy.ts';

let tenancy: TestService;
let tables: TenancyTables;
let provider: ProviderRow;
let customer: CustomerRow;
let owner: RowOwner;

beforeAll(async () => {
  tenancy = await startTestTenancy();
  tables = await connectTenancyTables(tenancy.postgres.runtimeUrl);
  provider = await tables.aProvider();
});

beforeEach(async () => {
  customer = await tables.aCustomer(provider);
  owner = { customerId: customer.customerId, providerId: provider.providerId };
});

afterAll(async () => {
  await tables.stop();
  await tenancy.stop();
});

const at = (minute: number): Date => new Date(Date.UTC(2026, 2, 1, 8, minute));

/** Publishes in order and waits until all was heard. */
async function hear(...events: readonly RedeliveredEvent[]): Promise<void> {
  for (const { subject, payload } of events) await tenancy.bus.client.publish(subject, payload);
  await waitFor(async () => {
    const durable = 'tenancy-note-connector-on-connector-changed';
    const info = await tenancy.bus.manager.consumers.info('INGESTION', durable);
    return info.num_pending + info.num_ack_pending === 0;
  });
}

async function reporting() {
  const ctx = tables.contextFor(adminOf(provider, customer));
  const [readiness] = await loadReadiness(ctx, [customer.customerId]);
  const found = readiness?.find(({ condition }) => condition === 'CONNECTORS_REPORTING');
  return [found?.state, found?.since];
}

describe('whether the connectors of a customer report', () => {
  it('is known of an only connector, since it showed something first', async () => {
    await hear(connectorCreated(owner, at(10)));
    expect(await reporting()).toEqual(['NOT_MEASURED', null]);
    await hear(assetDiscovered(owner, at(20)), assetDiscovered(owner, at(30)));
    expect(await reporting()).toEqual(['MET', at(20)]);
  });

  it('is not said of a second one by what the first shows', async () => {
    await hear(connectorCreated(owner, at(10)), assetDiscovered(owner, at(20)));
    await hear(connectorCreated(owner, at(30)), assetDiscovered(owner, at(40)));
    expect(await reporting()).toEqual(['NOT_MEASURED', null]);
  });

  it('ends with the last key of its sensor, and begins anew with what it shows by another', async () => {
    const id = newId();
    await hear(connectorCreated(owner, at(10), id), assetDiscovered(owner, at(20)));
    await hear(sensorKeyRotated(owner, at(25), { id, version: 2n }));
    expect(await reporting()).toEqual(['MET', at(20)]);
    await hear(sensorKeysRevoked(owner, at(30), { id, version: 3n }));
    expect(await reporting()).toEqual(['MISSING', null]);
    await hear(sensorKeyRotated(owner, at(40), { id, version: 4n }));
    expect(await reporting()).toEqual(['NOT_MEASURED', null]);
    await hear(assetDiscovered(owner, at(50)));
    expect(await reporting()).toEqual(['MET', at(50)]);
  });

  it('goes by the newest that was told, however late the rest comes', async () => {
    const id = newId();
    await hear(
      connectorCreated(owner, at(10), id),
      sensorKeysRevoked(owner, at(30), { id, version: 3n }),
    );
    await hear(sensorKeyRotated(owner, at(20), { id, version: 2n }));
    expect(await reporting()).toEqual(['MISSING', null]);
  });
});
