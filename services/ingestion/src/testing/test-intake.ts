import {
  connectBus,
  detectorDurable,
  ensureStream,
  historyDurable,
  telemetryShardCount,
} from '@vedette/event-bus';
import type { Bus } from '@vedette/event-bus';
import {
  connectDatabase,
  createLogger,
  createMachineKey,
  digestMachineKey,
  migrate,
  newId,
} from '@vedette/service-kit';
import { createTestDatabase, startTestNats } from '@vedette/testkit';
import { connectorRows } from '../connector/connector-store.ts';
import { insertSensorKey } from '../connector/sensor-key-store.ts';
import type { ConnectorType } from '../connectors/index.ts';
import type { RejectedRecord } from '../intake/accept-records.ts';
import { createByteBudget } from '../intake/byte-budget.ts';
import { createEventRates } from '../intake/event-rates.ts';
import type { Intake } from '../intake/intake-parts.ts';
import { createSensorAuthenticator } from '../intake/sensor-authenticator.ts';
import type { AuthenticateSensor } from '../intake/sensor-authenticator.ts';
import { migrations } from '../migrations/migrations.ts';
import { keepSyslogSenders } from '../syslog/syslog-sender-store.ts';
import { decodeBatch } from '../telemetry/telemetry-batch.ts';
import { watchRequiredDurables } from '../telemetry/required-durables.ts';
import { createTelemetryPublisher } from '../telemetry/telemetry-publisher.ts';

/** An event that was published. */
export interface PublishedEvent {
  readonly customerId: string;
  readonly eventId: string;
  readonly raw: string;
}

export interface TestConnector {
  readonly customerId: string;
  readonly connectorId: string;
  readonly key: string;
}

/** What doors are built on, with a database and a broker of their own, and all that they bring into the stream. */
export interface TestIntake {
  readonly intake: Intake;
  readonly authenticate: AuthenticateSensor;
  readonly published: PublishedEvent[];
  readonly quarantined: RejectedRecord[];
  /** A new customer with a connector. */
  addConnector(
    type: ConnectorType,
    settings?: Readonly<Record<string, unknown>>,
  ): Promise<TestConnector>;
  /** Takes one of the stream's durables away, so that nothing can be stored, or makes them all. */
  setStreamAway(isAway: boolean): Promise<void>;
  stop(): Promise<void>;
}

const plenty = { eventsPerSecond: 1_000_000, burstSeconds: 20 };

export async function startTestIntake(): Promise<TestIntake> {
  const [postgres, nats] = await Promise.all([
    createTestDatabase({
      service: 'ingestion',
      migrate: (ownerUrl) => migrate({ ownerUrl, schema: 'ingestion', migrations }),
    }),
    startTestNats(),
  ]);
  const database = await connectDatabase({
    ...{ url: postgres.runtimeUrl, schema: 'ingestion', applicationName: 'test', poolSize: 4 },
    entities: [connectorRows],
  });
  const logger = createLogger({ service: 'test', level: 'silent' });
  const bus = await connectBus({ url: nats.url, name: 'test', logger });
  await ensureStream(bus.manager, 'TELEMETRY');
  const published: PublishedEvent[] = [];
  void collect(bus, published);
  await createDurables(bus);
  const durables = await watchRequiredDurables(bus, logger);
  const clock = (): Date => new Date();
  const quarantined: RejectedRecord[] = [];
  const intake: Intake = {
    budget: createByteBudget({ total: 64 * 1024 * 1024, perCustomer: 16 * 1024 * 1024 }),
    rates: createEventRates({ perConnector: plenty, perCustomer: plenty }),
    publisher: createTelemetryPublisher(bus, durables),
    quarantine: { keep: async (_, records) => void quarantined.push(...records) },
    ...{ durables, database, clock, logger },
  };
  return {
    ...{ intake, published, quarantined },
    authenticate: createSensorAuthenticator(database, clock),
    addConnector: (type, settings = {}) => addConnector(intake, type, settings),
    setStreamAway: async (isAway) => {
      if (isAway) await bus.manager.consumers.delete('TELEMETRY', historyDurable);
      else await createDurables(bus);
    },
    stop: async () => {
      durables.stop();
      await bus.close();
      await database.close();
      await nats.stop();
      await postgres.drop();
    },
  };
}

async function collect(bus: Bus, published: PublishedEvent[]): Promise<void> {
  for await (const { data } of bus.connection.subscribe('vedette.telemetry.>')) {
    const { batch } = decodeBatch(data);
    for (const { eventId, rawRecord: raw } of batch.events) {
      published.push({ customerId: batch.customerId, eventId, raw });
    }
  }
}

async function createDurables(bus: Bus): Promise<void> {
  const { consumers } = bus.manager;
  await consumers.add('TELEMETRY', {
    ...{ durable_name: historyDurable, filter_subject: 'vedette.telemetry.>' },
    ack_policy: 'explicit',
  });
  for (let shard = 0; shard < telemetryShardCount; shard += 1) {
    await consumers.add('TELEMETRY', {
      durable_name: detectorDurable(shard),
      filter_subject: `vedette.telemetry.${shard}.*`,
      ack_policy: 'explicit',
    });
  }
}

async function addConnector(
  { database }: Intake,
  type: ConnectorType,
  settings: Readonly<Record<string, unknown>>,
): Promise<TestConnector> {
  const connector = { customerId: newId(), connectorId: newId() };
  const key = createMachineKey('vsk');
  const scope = { kind: 'CUSTOMERS', customerIds: [connector.customerId] } as const;
  await database.transaction(scope, async (tx) => {
    await tx.query('insert into customers (customer_id, provider_id, version) values ($1, $2, 1)', [
      connector.customerId,
      newId(),
    ]);
    await tx.query(
      `insert into connectors (customer_id, connector_id, type, name, provenance, created_at, version, settings)
       values ($1, $2, $3, 'Gateway', 'LIVE', now(), 1, $4)`,
      [connector.customerId, connector.connectorId, type, JSON.stringify(settings)],
    );
    await insertSensorKey(tx, {
      ...connector,
      publicId: key.publicId,
      keySha256: digestMachineKey(key),
      createdAt: new Date(),
    });
    await keepSyslogSenders(tx, connector, settings);
  });
  return { ...connector, key: key.text };
}
