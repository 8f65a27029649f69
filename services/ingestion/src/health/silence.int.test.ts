import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fromBinary } from '@bufbuild/protobuf';
import { IngestionEventSchema } from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import { assert, asyncProperty, array, boolean, integer, record } from 'fast-check';
import { startTestIntake } from '../testing/test-intake.ts';
import type { TestConnector, TestIntake } from '../testing/test-intake.ts';
import type { StoredEvents } from './event-count-store.ts';
import { markSilent } from './mark-silent.ts';
import { noteStored } from './note-stored.ts';

let doors: TestIntake;
beforeAll(async () => {
  doors = await startTestIntake();
});
afterAll(() => doors.stop());

const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 5) + minute * 60_000);

/** Events of a connector as history tells of them. */
function storedAt(connectorId: string, minute: number, events = 1): StoredEvents {
  return {
    ...{ connectorId, events, classUid: 1007, bytes: 100 },
    hour: at(Math.floor(minute / 60) * 60),
    firstReceivedAt: at(minute),
    lastReceivedAt: at(minute),
    lastEventAt: at(minute),
  };
}

function inScope<Row>({ customerId }: TestConnector, sql: string): Promise<Row[]> {
  const scope = { kind: 'CUSTOMERS', customerIds: [customerId] } as const;
  return doors.intake.database.transaction(scope, (tx) => tx.query<Row[]>(sql));
}

async function receive(
  { customerId, connectorId }: TestConnector,
  minute: number,
  events?: number,
): Promise<void> {
  const scope = { kind: 'CUSTOMERS', customerIds: [customerId] } as const;
  await doors.intake.database.transaction(scope, (tx) =>
    noteStored(
      tx,
      { customerId, providerId: customerId },
      [storedAt(connectorId, minute, events)],
      at(minute),
    ),
  );
}

async function look(minute: number | null): Promise<void> {
  const knownUntil = async (): Promise<Date | null> => (minute === null ? null : at(minute));
  const { database, logger } = doors.intake;
  await markSilent({ database, logger, knownUntil, clock: () => at(minute ?? 0) });
}

interface Told {
  readonly kind: string | undefined;
  readonly version: bigint | undefined;
}

/** What was told of a connector, in order. */
async function toldOf({ connectorId }: TestConnector): Promise<Told[]> {
  const rows = await doors.intake.database.infrastructure((tx) =>
    tx.query<{ payload: Buffer }[]>(
      'select payload from outbox where aggregate_id = $1 order by position',
      [connectorId],
    ),
  );
  return rows.map(({ payload }) => {
    const { event, meta } = fromBinary(IngestionEventSchema, payload);
    return { kind: event.case, version: meta?.aggregateVersion };
  });
}

const kindsOf = async (connector: TestConnector) => (await toldOf(connector)).map((e) => e.kind);

describe('a connector', () => {
  it('is told to be silent once, and to have recovered once, with the gap between', async () => {
    const connector = await doors.addConnector('windows-events');
    await receive(connector, 0);
    await Promise.all([look(59), look(59)]);
    expect(await kindsOf(connector)).toEqual([]);
    await Promise.all([look(60), look(60), look(61)]);
    await look(600);
    expect(await kindsOf(connector)).toEqual(['connectorSilent']);
    await Promise.all([receive(connector, 601), receive(connector, 602)]);
    const told = await toldOf(connector);
    expect(told.map(({ kind }) => kind)).toEqual([
      ...['connectorSilent', 'connectorRecovered', 'telemetryGapRecorded'],
    ]);
    expect(told.map(({ version }) => version)).toEqual([2n, 3n, 4n]);
    const [gap] = await inScope<{ from_time: Date; reason: string }>(
      connector,
      'select from_time, reason from telemetry_gaps',
    );
    expect(gap).toEqual({ from_time: at(0), reason: 'SILENCE' });
  });

  it('that has never reported, is paused, or whose customer is not served is never silent', async () => {
    const waiting = await doors.addConnector('windows-events');
    const paused = await doors.addConnector('windows-events');
    const ended = await doors.addConnector('windows-events');
    await receive(paused, 0);
    await receive(ended, 0);
    await inScope(
      paused,
      'with changed as (update connectors set is_paused = true returning 1) select from changed',
    );
    await inScope(
      ended,
      'with changed as (update customers set is_served = false returning 1) select from changed',
    );
    await look(10_000);
    for (const connector of [waiting, paused, ended]) {
      expect(await kindsOf(connector)).toEqual([]);
    }
  });

  it('is silent after as long as people have set', async () => {
    const connector = await doors.addConnector('windows-events');
    await inScope(
      connector,
      'with changed as (update connectors set silent_after_minutes = 5 returning 1) select from changed',
    );
    await receive(connector, 0);
    await look(4);
    expect(await kindsOf(connector)).toEqual([]);
    await look(5);
    expect(await kindsOf(connector)).toEqual(['connectorSilent']);
  });

  it('is not silent while history cannot say what was received', async () => {
    const connector = await doors.addConnector('windows-events');
    await receive(connector, 0);
    await look(null);
    expect(await kindsOf(connector)).toEqual([]);
  });

  it('does not recover with an event from before its silence', async () => {
    const connector = await doors.addConnector('windows-events');
    await receive(connector, 100);
    await look(300);
    await receive(connector, 50);
    expect(await kindsOf(connector)).toEqual(['connectorSilent']);
  });

  it('is counted by hour and class, whoever counts at the same time', async () => {
    const connector = await doors.addConnector('windows-events');
    await Promise.all([0, 10, 20, 60, 70, 0].map((minute) => receive(connector, minute, 5)));
    expect(
      await inScope(connector, 'select hour, class_uid, events from event_counts order by hour'),
    ).toEqual([
      { hour: at(0), class_uid: 1007, events: '20' },
      { hour: at(60), class_uid: 1007, events: '10' },
    ]);
  });

  it('alternates between silent and recovered, in whatever order looks and events come', async () => {
    const step = record({ isLook: boolean(), minute: integer({ min: 0, max: 1_000 }) });
    await assert(
      asyncProperty(array(step, { minLength: 1, maxLength: 15 }), async (steps) => {
        const connector = await doors.addConnector('windows-events');
        await receive(connector, 0);
        // Two at a time, so that some happen at once.
        for (let index = 0; index < steps.length; index += 2) {
          await Promise.all(
            steps
              .slice(index, index + 2)
              .map(({ isLook, minute }) => (isLook ? look(minute) : receive(connector, minute))),
          );
        }
        const told = (await kindsOf(connector)).filter((kind) => kind !== 'telemetryGapRecorded');
        expect(told).toEqual(
          told.map((_, n) => (n % 2 === 0 ? 'connectorSilent' : 'connectorRecovered')),
        );
      }),
      { numRuns: 40 },
    );
  });
});
