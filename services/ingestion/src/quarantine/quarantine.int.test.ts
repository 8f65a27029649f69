import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@vedette/testkit';
import { newId, UnavailableError } from '@vedette/service-kit';
import type { Database } from '@vedette/service-kit';
import type { Sensor } from '../connector/sensor-key-store.ts';
import type { RejectedRecord } from '../intake/accept-records.ts';
import { adminOf, operator, startTestIngestion } from '../testing/ingestion-product.ts';
import type { TestCustomer, TestIngestion } from '../testing/ingestion-product.ts';
import { startTestIntake } from '../testing/test-intake.ts';
import type { TestIntake } from '../testing/test-intake.ts';
import { aProcessStart } from '../testing/sysmon-records.ts';
import { createQuarantine, maxKeptBytes } from './create-quarantine.ts';
import { quarantineBounds } from './quarantine-store.ts';

describe('a quarantine', () => {
  let doors: TestIntake;
  beforeAll(async () => {
    doors = await startTestIntake();
  });
  afterAll(() => doors.stop());

  const now = new Date('2026-01-05T10:30:00Z');
  const notJson = (raw: RejectedRecord['raw'], line = 1): RejectedRecord => ({
    ...{ line, raw },
    code: 'INVALID_JSON',
    message: 'The line is not JSON.',
  });

  async function aSensor(): Promise<Sensor> {
    const { customerId, connectorId } = await doors.addConnector('windows-events');
    return {
      customerId,
      connectorId,
      connectorType: 'windows-events',
      providerId: newId(),
      settings: {},
    };
  }

  function rowsOf<Row>({ customerId }: Sensor, sql: string): Promise<Row[]> {
    const scope = { kind: 'CUSTOMERS', customerIds: [customerId] } as const;
    return doors.intake.database.transaction(scope, (tx) => tx.query<Row[]>(sql));
  }

  const keep = (sensor: Sensor, records: readonly RejectedRecord[], at = now): Promise<void> =>
    createQuarantine(doors.intake.database, () => now).keep(sensor, records, at);

  it('keeps bytes as they came, whatever they are', async () => {
    const sensor = await aSensor();
    const raws = [Buffer.from([0xff, 0x00, 0xfe]), 'a\0b', '{"half":', '\ud800'];
    await keep(sensor, raws.map(notJson));
    const rows = await rowsOf<{ raw: Buffer }>(
      sensor,
      'select raw from quarantined_records order by line',
    );
    expect(rows.map(({ raw }) => raw)).toEqual([
      Buffer.from([0xff, 0x00, 0xfe]),
      Buffer.from('a\0b'),
      Buffer.from('{"half":'),
      Buffer.from('\ufffd'),
    ]);
  });

  it('keeps the beginning of a long record, and how long it was', async () => {
    const sensor = await aSensor();
    await keep(sensor, [notJson('x'.repeat(maxKeptBytes + 5))]);
    const rows = await rowsOf(
      sensor,
      'select octet_length(raw) as kept, raw_bytes from quarantined_records',
    );
    expect(rows).toEqual([{ kept: maxKeptBytes, raw_bytes: maxKeptBytes + 5 }]);
  });

  it('gains nothing from a delivery that comes again, and counts what it kept', async () => {
    const sensor = await aSensor();
    const records = ['{"a":', '{"b":', '{"a":'].map(notJson);
    await Promise.all([keep(sensor, records), keep(sensor, records), keep(sensor, records)]);
    expect(await rowsOf(sensor, 'select hour, rejected, pushed_out from rejection_counts')).toEqual(
      [{ hour: new Date('2026-01-05T10:00:00Z'), rejected: '2', pushed_out: '0' }],
    );
  });

  it('has a bound: the oldest records make room, and are counted', async () => {
    const sensor = await aSensor();
    const many = (count: number, from: number): RejectedRecord[] =>
      Array.from({ length: count }, (_, index) => notJson(`{${from + index}`, index + 1));
    await keep(sensor, many(quarantineBounds.records, 0), new Date('2026-01-05T10:00:00Z'));
    await keep(sensor, many(3, quarantineBounds.records));
    const [row] = await rowsOf(
      sensor,
      `select count(*)::int as records, max(line) filter (where received_at < '2026-01-05T10:30:00Z') as oldest
       from quarantined_records`,
    );
    expect(row).toMatchObject({ records: quarantineBounds.records });
    expect(await rowsOf(sensor, 'select pushed_out from rejection_counts')).toEqual([
      { pushed_out: '3' },
    ]);
  });

  it('has a bound in bytes as well', async () => {
    const sensor = await aSensor();
    const large = Array.from({ length: 1_100 }, (_, n) =>
      notJson(`${n}${'x'.repeat(maxKeptBytes)}`),
    );
    await keep(sensor, large);
    const [row] = await rowsOf<{ bytes: string }>(
      sensor,
      'select sum(kept_bytes) as bytes from quarantined_records',
    );
    expect(Number(row?.bytes)).toBe(quarantineBounds.bytes);
  });

  it('holds nothing of a connector that is gone', async () => {
    const sensor = { ...(await aSensor()), connectorId: newId() };
    await keep(sensor, [notJson('{')]);
    expect(await rowsOf(sensor, 'select * from quarantined_records')).toEqual([]);
  });

  it('says so when it cannot keep a record', async () => {
    const away: Database = {
      transaction: () => Promise.reject(new UnavailableError('postgres')),
      infrastructure: () => Promise.reject(new UnavailableError('postgres')),
    };
    const keeping = createQuarantine(away, () => now).keep(await aSensor(), [notJson('{')], now);
    await expect(keeping).rejects.toBeInstanceOf(UnavailableError);
  });
});

describe('records in quarantine', () => {
  let product: TestIngestion;
  let customer: TestCustomer;
  let key: string;

  beforeAll(async () => {
    product = await startTestIngestion();
    await product.startHistory();
    await product.createDetectors();
    customer = await product.onboardCustomer();
    key = await product.createSensor(customer);
    await waitFor(() => product.isReady());
  });
  afterAll(() => product.stop());

  const send = async (...lines: readonly string[]): Promise<unknown> => {
    const answer = await fetch(product.eventsUrl, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' },
      body: lines.join('\n'),
    });
    return answer.json();
  };

  interface Listed {
    readonly id: string;
    readonly line: number;
    readonly code: string;
    readonly rawText: string;
    readonly replayedAt: string | null;
  }

  async function list(filter = '{}'): Promise<readonly Listed[]> {
    const { data } = await product.ask<{ quarantinedRecords: { nodes: readonly Listed[] } }>(
      adminOf(customer),
      `{ quarantinedRecords(filter: ${filter}) {
           nodes { id line code message rawText rawBase64 rawBytes isCutOff replayedAt connector { type } } } }`,
    );
    return data?.quarantinedRecords.nodes ?? [];
  }

  async function replay(input: string): Promise<unknown> {
    const { data, errors } = await product.ask<{ replayQuarantinedRecords: unknown }>(
      adminOf(customer),
      `mutation { replayQuarantinedRecords(input: ${input}) {
         items { id outcome code } remaining } }`,
    );
    return data?.replayQuarantinedRecords ?? errors?.map(({ extensions }) => extensions?.code);
  }

  /** As if a connector's definition had been mended: the record that could not be read is one now. */
  async function mend(id: string, raw: string): Promise<void> {
    await product.select(
      `with mended as (update quarantined_records set raw = $2::bytea, raw_bytes = octet_length($2::bytea) where record_id = $1 returning 1)
       select from mended`,
      [id, Buffer.from(raw)],
    );
  }

  it('are listed with the reason, once a delivery was answered', async () => {
    const answer = await send(JSON.stringify(aProcessStart({ RecordNumber: 1 })), '{"half":', '[]');
    expect(answer).toMatchObject({ accepted: 1, rejected: 2 });
    expect(await list()).toMatchObject([
      {
        line: expect.any(Number),
        isCutOff: false,
        replayedAt: null,
        connector: { type: 'windows-events' },
      },
      { rawBytes: expect.any(Number) },
    ]);
    expect(await list('{ code: "INVALID_JSON" }')).toMatchObject([
      { line: 2, rawText: '{"half":', rawBase64: Buffer.from('{"half":').toString('base64') },
    ]);
    expect(await list('{ isReplayed: true }')).toEqual([]);
  });

  it('become events after a fix, once, and stay otherwise, with the reason', async () => {
    const [half] = await list('{ code: "INVALID_JSON" }');
    const id = half?.id ?? '';
    expect(await replay(`{ ids: ["${id}"] }`)).toEqual({
      items: [{ id, outcome: 'STILL_REJECTED', code: 'INVALID_JSON' }],
      remaining: 0,
    });
    await mend(id, JSON.stringify(aProcessStart({ CommandLine: 'mended.exe' })));
    const accepted = { items: [{ id, outcome: 'ACCEPTED', code: null }], remaining: 0 };
    expect(await Promise.all([1, 2, 3].map(() => replay(`{ ids: ["${id}"] }`)))).toEqual([
      ...[accepted, accepted, accepted],
    ]);
    const stored = 'select event_id from telemetry_events where raw like $1';
    await waitFor(async () => (await product.select(stored, ['%mended.exe%'])).length > 0);
    expect(await product.select(stored, ['%mended.exe%'])).toHaveLength(1);
    expect(await list('{ isReplayed: true }')).toMatchObject([{ id }]);
  });

  it('are replayed by connector, a hundred at a time, until none is left that was not tried', async () => {
    await send(...Array.from({ length: 130 }, (_, n) => `{"broken ${n}`));
    const [row] = await product.select<{ connector_id: string }>(
      'select connector_id from connectors where customer_id = $1',
      [customer.customerId],
    );
    const connectorId = row?.connector_id ?? '';
    // One was there before, and one was tried just now.
    const [first, second, third] = [
      await replay(`{ connectorId: "${connectorId}" }`),
      await replay(`{ connectorId: "${connectorId}" }`),
      await replay(`{ connectorId: "${connectorId}" }`),
    ] as { items: unknown[]; remaining: number }[];
    expect([first?.items.length, first?.remaining]).toEqual([100, 31]);
    expect([second?.items.length, second?.remaining]).toEqual([31, 0]);
    expect([third?.items.length, third?.remaining]).toEqual([0, 0]);
  });

  it('are replayed by id or by connector, and a hundred at most', async () => {
    expect(await replay('{}')).toEqual(['BAD_USER_INPUT']);
    expect(await replay('{ ids: [] }')).toEqual(['BAD_USER_INPUT']);
    expect(await replay(`{ ids: ["${newId()}"] }`)).toEqual(['NOT_FOUND']);
    expect(await replay(`{ connectorId: "${newId()}" }`)).toEqual(['NOT_FOUND']);
    const many = Array.from({ length: 101 }, () => `"${newId()}"`).join(' ');
    expect(await replay(`{ ids: [${many}] }`)).toEqual(['BAD_USER_INPUT']);
  });

  it("show in their connector's health", async () => {
    const { data } = await product.ask<{ connectors: { nodes: readonly object[] } }>(
      operator,
      '{ connectors { nodes { health { rejectedCount pushedOutCount lastError } } } }',
    );
    expect(data?.connectors.nodes).toEqual([
      {
        health: {
          rejectedCount: 132,
          pushedOutCount: 0,
          lastError: expect.stringContaining('JSON'),
        },
      },
    ]);
  });
});
