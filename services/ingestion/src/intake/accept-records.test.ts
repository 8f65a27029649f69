import { describe, expect, it } from '@jest/globals';
import { decodeBatch, joinBatch } from '../telemetry/telemetry-batch.ts';
import type { TelemetryPublisher } from '../telemetry/telemetry-publisher.ts';
import { aProcessStart, toLines } from '../testing/sysmon-records.ts';
import { connectorOf } from '../connectors/index.ts';
import { acceptRecords } from './accept-records.ts';
import { recordsOf } from './body-records.ts';
import { Refusal } from './refusal.ts';

const sensor = {
  connectorId: '01900000-0000-7000-8000-000000000001',
  connectorType: 'windows-events',
  customerId: '01900000-0000-7000-8000-000000000002',
  providerId: '01900000-0000-7000-8000-000000000003',
  settings: {},
} as const;
const receivedAt = Date.parse('2026-03-01T12:00:00Z');

/** Keeps what is published; `fail` makes that publishing fail. */
function createRecorder(fail?: number): TelemetryPublisher & { readonly ids: string[] } {
  const ids: string[] = [];
  let calls = 0;
  return {
    ids,
    publish: async (_, events) => {
      calls += 1;
      if (calls === fail) throw new Error('the stream is full');
      const envelope = { batchId: 'b', providerId: 'p', customerId: 'c' };
      const { batch } = decodeBatch(joinBatch(envelope, events));
      ids.push(...batch.events.map((event) => event.eventId));
    },
  };
}

function accept(text: string, publisher: TelemetryPublisher | null = createRecorder()) {
  const records = recordsOf(Buffer.from(text), 'LINES', connectorOf(sensor.connectorType));
  return acceptRecords(sensor, records, { publisher, quarantine: null, receivedAt });
}

describe('the lines of a body', () => {
  it('are taken one by one: bad lines keep no good line out', async () => {
    const publisher = createRecorder();
    const text = `${toLines([aProcessStart()])}broken\n\n[]\n{"unknown":true}\n`;
    const outcome = await accept(text, publisher);
    expect(outcome).toMatchObject({ accepted: 2, rejected: 2 });
    expect(outcome.errors).toMatchObject([
      { line: 2, code: 'INVALID_JSON' },
      { line: 4, code: 'NOT_AN_OBJECT' },
    ]);
    expect(publisher.ids).toEqual(outcome.ids);
  });

  it('are reported up to the hundredth that is rejected, and counted beyond', async () => {
    const outcome = await accept('broken\n'.repeat(150));
    expect(outcome).toMatchObject({ accepted: 0, rejected: 150 });
    expect(outcome.errors).toHaveLength(100);
  });

  it('must be there, and not too many', async () => {
    await expect(accept('\n \n')).rejects.toThrow(Refusal);
    const publisher = createRecorder();
    await expect(accept('{}\n'.repeat(10_001), publisher)).rejects.toThrow(Refusal);
    expect(publisher.ids).toEqual([]);
  });

  it('that are equal are different events, and the same ones when they are sent again', async () => {
    const text = '{"a":1}\n{"a":1}\n{"a":2}\n';
    const first = await accept(text);
    expect(new Set(first.ids).size).toBe(3);
    expect((await accept(text)).ids).toEqual(first.ids);
    expect((await accept(text, null)).ids).toEqual(first.ids);
  });

  it('with a reference of their own are one event however often they stand there', async () => {
    const { ids } = await accept(toLines([aProcessStart(), aProcessStart({ CommandLine: 'x' })]));
    const time = '2026-03-01 11:00:00.000';
    const same = await accept(toLines([1, 2].map(() => aProcessStart({ UtcTime: time }))));
    expect(ids).toHaveLength(2);
    expect(new Set(same.ids).size).toBe(1);
  });

  it('are not answered for when one of many publishings fails', async () => {
    const text = toLines(Array.from({ length: 3_000 }, (_, n) => ({ n })));
    for (const fail of [1, 2, 6]) {
      await expect(accept(text, createRecorder(fail))).rejects.toThrow('the stream is full');
    }
  });
});
