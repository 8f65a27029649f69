import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { domainSubject } from '@vedette/event-bus';
import {
  AssetCriticalityChangedSchema,
  ConnectorCreatedSchema,
  ConnectorUpdatedSchema,
  IngestionEventSchema,
  SensorKeyRotatedSchema,
  SensorKeysRevokedSchema,
} from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import type { IngestionEvent } from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import { newId } from '@vedette/service-kit';
import { waitFor } from '@vedette/testkit';
import type { RowOwner, TestService } from '@vedette/testkit';
import type { CustomerRow } from '../customer/customer-store.ts';
import { findBrokenDeed } from '../deed/deed-chain.ts';
import { listDeeds } from '../deed/deed-operations.ts';
import { listLedger } from '../deed/deed-store.ts';
import type { ProviderRow } from '../provider/provider-store.ts';
import {
  adminOf,
  connectTenancyTables,
  operatorAdmin,
  startTestTenancy,
} from '../testing/test-tenancy.ts';
import type { TenancyTables } from '../testing/test-tenancy.ts';

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

const connectorId = newId();
const admin = newId();
const at = (minute: number): Date => new Date(Date.UTC(2026, 2, 2, 9, minute));

interface Said {
  readonly actor?: string;
  readonly actorRole?: string;
  readonly at?: Date;
}

/** An event of ingestion about the connector, as it goes over the wire. */
function tell(owner: RowOwner, name: string, event: IngestionEvent['event'], said: Said = {}) {
  const { actor = admin, actorRole = 'PROVIDER_ADMIN' } = said;
  const meta = {
    ...{ eventId: newId(), ...owner, aggregateId: connectorId, aggregateVersion: 1n },
    ...{ occurredAt: timestampFromDate(said.at ?? at(0)), actor, actorRole },
  };
  return {
    subject: domainSubject('ingestion', name, owner),
    payload: toBinary(IngestionEventSchema, create(IngestionEventSchema, { meta, event })),
  };
}

function created(owner: RowOwner, said?: Said) {
  const facts = { type: 'windows-events', name: 'Tills', provenance: 'LIVE', sensorKeyId: 'one' };
  const value = create(ConnectorCreatedSchema, facts);
  return tell(owner, 'connector_created', { case: 'connectorCreated', value }, said);
}

function updated(owner: RowOwner, said?: Said) {
  const value = create(ConnectorUpdatedSchema, { name: 'Tills', changed: ['credentials'] });
  return tell(owner, 'connector_updated', { case: 'connectorUpdated', value }, said);
}

function rotated(owner: RowOwner, said?: Said) {
  const until = { oldKeyUntil: timestampFromDate(at(59)) };
  const value = create(SensorKeyRotatedSchema, { sensorKeyId: 'two', ...until });
  return tell(owner, 'sensor_key_rotated', { case: 'sensorKeyRotated', value }, said);
}

function revoked(owner: RowOwner, said?: Said) {
  const value = create(SensorKeysRevokedSchema, { sensorKeyIds: ['one', 'two'] });
  return tell(owner, 'sensor_keys_revoked', { case: 'sensorKeysRevoked', value }, said);
}

/** Publishes in order, past the broker's own window for duplicates, and waits until all are dealt with. */
async function hear(...events: readonly ReturnType<typeof tell>[]): Promise<void> {
  for (const { subject, payload } of events) await tenancy.bus.client.publish(subject, payload);
  await waitFor(async () => {
    const info = await tenancy.bus.manager.consumers.info(
      'INGESTION',
      'tenancy-record-deeds-on-connector-changed',
    );
    return info.num_pending + info.num_ack_pending === 0;
  });
}

const ownerOf = ({ customerId, providerId }: CustomerRow): RowOwner => ({ customerId, providerId });

/** What the ledger of a customer says of its connectors, in order. */
async function deedsOf({ customerId }: CustomerRow, viewer = operatorAdmin) {
  const { nodes } = await listDeeds(tables.contextFor(viewer), { filter: { customerId } });
  return nodes.filter(({ targetType }) => targetType === 'Connector').toReversed();
}

describe("what is done to a connector and its sensor's keys", () => {
  it("is a deed in the customer's ledger, with who did it, as what, when and what", async () => {
    const customer = await tables.aCustomer(provider);
    const owner = ownerOf(customer);
    const itself = { actor: 'system:ingestion', actorRole: 'SERVICE', at: at(2) };
    await hear(created(owner), rotated(owner, { at: at(1) }), revoked(owner, itself));
    const about = { ...owner, targetType: 'Connector', targetId: connectorId };
    const byAdmin = { ...about, actor: admin, actorRole: 'PROVIDER_ADMIN' };
    const after = { type: 'windows-events', name: 'Tills', provenance: 'LIVE' };
    expect(await deedsOf(customer)).toMatchObject([
      { ...byAdmin, at: at(0), kind: 'connector.create', change: { before: null, after } },
      { ...byAdmin, kind: 'sensor_key.create', change: { after: { publicId: 'one' } } },
      {
        ...{ ...byAdmin, at: at(1), kind: 'sensor_key.rotate' },
        change: { after: { publicId: 'two', oldKeyUntil: at(59).toISOString() } },
      },
      {
        ...{ ...about, actor: 'system:ingestion', actorRole: 'SERVICE', at: at(2) },
        ...{ kind: 'sensor_key.revoke', change: { before: { publicIds: ['one', 'two'] } } },
      },
    ]);
    expect(await deedsOf(customer, adminOf(provider, customer))).toHaveLength(4);
    const ledger = await tables
      .contextFor(operatorAdmin)
      .db.transaction({ kind: 'OPERATOR' }, (tx) => listLedger(tx, customer.customerId));
    expect(findBrokenDeed(ledger)).toBeNull();
  });

  it('tells which parts of a connector were changed', async () => {
    const customer = await tables.aCustomer(provider);
    await hear(updated(ownerOf(customer)));
    const after = { name: 'Tills', isPaused: false, changed: ['credentials'] };
    expect(await deedsOf(customer)).toMatchObject([
      { kind: 'connector.update', change: { before: null, after } },
    ]);
  });

  it('stands beside what people say of assets, and not beside what rules find', async () => {
    const customer = await tables.aCustomer(provider);
    const facts = {
      criticality: 'HIGH',
      source: 'PERSON',
      reason: 'It runs the tills.',
      setBy: admin,
    };
    const event = {
      case: 'assetCriticalityChanged',
      value: create(AssetCriticalityChangedSchema, facts),
    } as const;
    const news = [{}, { actor: 'system:ingestion', actorRole: 'SERVICE' }].map((said) =>
      tell(ownerOf(customer), 'asset_criticality_changed', event, said),
    );
    await hear(...news);
    const filter = { customerId: customer.customerId };
    const { nodes } = await listDeeds(tables.contextFor(operatorAdmin), { filter });
    expect(nodes.filter(({ targetType }) => targetType === 'Asset')).toMatchObject([
      { kind: 'asset.set_criticality', actor: admin, change: { before: null, after: facts } },
    ]);
  });

  it('is written once, however often it is told', async () => {
    const customer = await tables.aCustomer(provider);
    const news = rotated(ownerOf(customer));
    await hear(news, news, news);
    expect(await deedsOf(customer)).toHaveLength(1);
  });

  it('is not written as what nobody said, nor for a customer that is being purged', async () => {
    const [customer, purging] = [
      await tables.aCustomer(provider),
      await tables.aCustomer(provider),
    ];
    await tables
      .contextFor(operatorAdmin)
      .db.transaction({ kind: 'OPERATOR' }, (tx) =>
        tx.query(`update customers set status = 'PURGING' where customer_id = $1`, [
          purging.customerId,
        ]),
      );
    const unknown = created(ownerOf(customer), { actorRole: 'CAPTAIN' });
    await hear(created(ownerOf(customer), { actorRole: '' }), unknown, created(ownerOf(purging)));
    expect([...(await deedsOf(customer)), ...(await deedsOf(purging))]).toEqual([]);
    const letters = await tenancy.select<{ reason: string }>('select reason from dead_letters');
    expect(letters).toEqual([{ reason: expect.stringContaining("No such role: 'CAPTAIN'") }]);
  });
});
