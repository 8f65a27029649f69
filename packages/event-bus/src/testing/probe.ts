import { connectDatabase, createLogger, migrate } from '@vedette/service-kit';
import type { DatabaseConnection, Transaction } from '@vedette/service-kit';
import { createTestDatabase, startTestNats } from '@vedette/testkit';
import type { TestDatabase, TestNats } from '@vedette/testkit';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { connectBus } from '../bus.ts';
import type { Bus } from '../bus.ts';
import type { MessageMeta } from '../consumer-definition.ts';
import { CreateMessagingTables, CreatePurgedCustomers } from '../migrations.ts';
import type { OutboxEvent } from '../outbox.ts';
import { domainSubject, ensureStream } from '../streams.ts';

export const providerId = '0197aaaa-0000-7000-8000-000000000001';
export const customerId = '0197bbbb-0000-7000-8000-000000000001';
export const otherCustomerId = '0197bbbb-0000-7000-8000-000000000002';

/** A made-up service with one table, into which its consumer writes what it was told. */
class CreateEffects implements MigrationInterface {
  readonly name = 'CreateEffects20260101120000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'create table effects (n bigint generated always as identity, text text not null)',
    );
    await runner.query('grant select, insert on effects to probe_runtime');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table effects');
  }
}

export interface Probe {
  readonly postgres: TestDatabase;
  readonly nats: TestNats;
  readonly database: DatabaseConnection;
  readonly bus: Bus;
  readonly logger: ReturnType<typeof createLogger>;
  readEffects(): Promise<string[]>;
  stop(): Promise<void>;
}

export async function startProbe(): Promise<Probe> {
  const [postgres, nats] = await Promise.all([
    createTestDatabase({
      service: 'probe',
      migrate: (ownerUrl) =>
        migrate({
          ownerUrl,
          schema: 'probe',
          migrations: [CreateMessagingTables, CreatePurgedCustomers, CreateEffects],
        }),
    }),
    startTestNats(),
  ]);
  const logger = createLogger({ service: 'probe', level: 'silent' });
  const database = await connectDatabase({
    url: postgres.runtimeUrl,
    schema: 'probe',
    applicationName: 'probe',
    poolSize: 5,
    entities: [],
  });
  const bus = await connectBus({ url: nats.url, name: 'probe', logger });
  await ensureStream(bus.manager, 'CASES');
  return {
    postgres,
    nats,
    database,
    bus,
    logger,
    readEffects: () =>
      database.infrastructure(async (tx) => {
        const rows: { text: string }[] = await tx.query('select text from effects order by n');
        return rows.map(({ text }) => text);
      }),
    stop: async () => {
      await bus.close();
      await database.close();
      await nats.stop();
      await postgres.drop();
    },
  };
}

/** The wire of these tests: JSON, since the bus moves bytes and knows no contract. */
export interface ProbeMessage {
  readonly meta?: MessageMeta;
  readonly text: string;
}

export function toBytes(message: ProbeMessage): Uint8Array {
  return Buffer.from(JSON.stringify(message));
}

export function fromBytes(bytes: Uint8Array): ProbeMessage {
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as ProbeMessage;
}

export const subject = domainSubject('cases', 'told', { providerId, customerId });

export function anEvent(
  eventId: string,
  text: string,
  more: Partial<Pick<OutboxEvent, 'aggregateId' | 'aggregateVersion' | 'subject'>> = {},
): OutboxEvent {
  return {
    eventId,
    subject,
    aggregateId: eventId,
    aggregateVersion: 1,
    payload: toBytes({ meta: { eventId, providerId, customerId }, text }),
    ...more,
  };
}

export async function addEffect(tx: Transaction, text: string): Promise<void> {
  await tx.query('insert into effects (text) values ($1)', [text]);
}
