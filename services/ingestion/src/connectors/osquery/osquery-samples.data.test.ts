import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { testData } from '../testing/sample-facts.ts';
import type { Json } from '../testing/sample-facts.ts';
import { parseOsqueryRecord } from './parse-osquery-record.ts';
import { unwrapOsquery } from './unwrap-osquery.ts';

const receivedAt = Date.UTC(2026, 0, 1);

function read(name: string): string {
  return readFileSync(join(testData, 'connectors/osquery', name), 'utf8');
}

function readJson(name: string): Json {
  return JSON.parse(read(name)) as Json;
}

/** The rows of a sample, with what stood around them, found without the connector. */
function rowsOf(record: Json): readonly Json[] {
  const { columns, snapshot, diffResults, ...envelope } = record;
  if (columns !== undefined) return [record];
  const rows = (list: unknown, action: string) =>
    (list as readonly Json[]).map((row) => ({ ...envelope, action, columns: row }));
  if (snapshot !== undefined) return rows(snapshot, 'snapshot');
  const { added, removed } = diffResults as Json;
  return [...rows(added, 'added'), ...rows(removed, 'removed')];
}

const samples: readonly (readonly [name: string, record: Json])[] = [
  ...read('results-event-format.jsonl')
    .split('\n')
    .filter((line) => line !== '')
    .map((line, index): [string, Json] => [
      `results-event-format.jsonl ${String(index + 1)}`,
      JSON.parse(line) as Json,
    ]),
  ['results-batch-format.json', readJson('results-batch-format.json')],
  ['results-snapshot-format.json', readJson('results-snapshot-format.json')],
];

describe('samples of osquery', () => {
  it.each(samples)(
    '%s: every row has its columns, host, time and what was around it',
    (_name, record) => {
      const delivered = unwrapOsquery(record) ?? [record];
      const expected = rowsOf(record);
      expect(delivered).toHaveLength(expected.length);
      for (const [index, row] of expected.entries()) {
        const event = parseOsqueryRecord(delivered[index] ?? {}, receivedAt);
        expect({ ...event.fields }).toMatchObject(row.columns as Json);
        expect(event.hostname).toBe(row.hostIdentifier ?? row.hostname);
        expect(event.occurredAt).toBe(Number(row.unixTime) * 1000);
        const { calendarTime } = row;
        // Without a zone it is the wall clock of a host seven hours behind: the number counts.
        if (String(calendarTime).endsWith(' UTC')) {
          expect(event.occurredAt).toBe(Date.parse(String(calendarTime)));
        }
        for (const name of ['name', 'action', 'epoch', 'counter'])
          expect([name, event.fields[`osquery.${name}`]]).toEqual([name, row[name]]);
        for (const [name, value] of Object.entries((row.decorations ?? {}) as Json))
          expect(event.fields[`decorations.${name}`]).toBe(value);
        expect(event.fields['osquery.baseline']).toBe(row.counter === '0' ? true : undefined);
        expect(event.classUid).toBeGreaterThan(0);
      }
    },
  );

  it('tell the pack of a query', () => {
    const packs = samples.map(
      ([, record]) => parseOsqueryRecord(record, receivedAt).fields['osquery.pack'],
    );
    expect(packs.slice(0, 2)).toEqual(['it-compliance', 'osquery-monitoring']);
  });

  it('logger-status-request.json: the status line has host, time and message', () => {
    const call = readJson('logger-status-request.json');
    const [line] = call.data as readonly Json[];
    const [delivered] = unwrapOsquery(call) ?? [];
    const event = parseOsqueryRecord(delivered ?? {}, receivedAt);
    expect(event).toMatchObject({ classUid: 5019, severityId: 1, hostname: line?.hostIdentifier });
    expect({ ...event.fields }).toMatchObject({ ...line });
    expect(event.occurredAt).toBe(Number(line?.unixTime) * 1000);
    expect(event.fields).not.toHaveProperty('node_key');
  });
});
