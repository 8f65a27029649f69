import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@vedette/service-kit';
import { adminOf, startTestIngestion } from '../testing/ingestion-product.ts';
import type { TestIngestion } from '../testing/ingestion-product.ts';
import { insertTelemetry, telemetryRows } from './telemetry-store.ts';
import type { NewTelemetryRow } from './telemetry-store.ts';

let product: TestIngestion;

beforeAll(async () => {
  product = await startTestIngestion();
});

afterAll(() => product.stop());

interface TelemetryAnswer {
  readonly telemetry: {
    readonly nodes: readonly { readonly id: string; readonly raw: string }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

const document = `query ($customerId: ID!, $first: Int, $after: String) {
  telemetry(first: $first, after: $after, filter: { customerId: $customerId }) {
    nodes { id raw }
    pageInfo { hasNextPage endCursor }
  }
}`;

/** An event of a minute ago, or of several; the later its number, the longer ago. */
function anEvent(number: number, rawBytes: number): NewTelemetryRow {
  const occurredAt = new Date(Date.now() - (number + 1) * 60_000);
  return {
    ...{ eventId: newId(), connectorId: newId(), assetId: null, hostName: null, userName: null },
    ...{ classUid: 1007, activityId: 1, severityId: 1, fields: '{}' },
    ...{ occurredAt, receivedAt: new Date(), raw: 'x'.repeat(rawBytes) },
  };
}

/** Ids on each page of a list with `first: 25` to its end. */
async function readPages(
  rows: readonly NewTelemetryRow[],
): Promise<readonly (readonly string[])[]> {
  const customer = await product.onboardCustomer();
  const { customerId } = customer;
  const database = await product.connect([telemetryRows]);
  await database.transaction({ kind: 'CUSTOMERS', customerIds: [customerId] }, (tx) =>
    insertTelemetry(tx, customerId, rows),
  );
  const pages: string[][] = [];
  let after: string | null = null;
  do {
    const variables: Readonly<Record<string, unknown>> = { customerId, first: 25, after };
    const { data } = await product.ask<TelemetryAnswer>(adminOf(customer), document, variables);
    if (!data) throw new Error('the list was not answered');
    const { nodes, pageInfo } = data.telemetry;
    pages.push(nodes.map(({ id }) => id));
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null && pages.length <= rows.length);
  return pages;
}

describe('a page of telemetry', () => {
  it('holds two of the events that have a megabyte each, and the pages hold them all', async () => {
    const events = Array.from({ length: 12 }, (_, number) => anEvent(number, 1_000_000));
    const pages = await readPages(events);
    expect(pages.map((page) => page.length)).toEqual([2, 2, 2, 2, 2, 2]);
    expect(pages.flat()).toEqual(events.map(({ eventId }) => eventId));
  });

  it('holds an event alone that is too large for any page', async () => {
    const events = [10, 3_000_000, 10].map((bytes, number) => anEvent(number, bytes));
    const pages = await readPages(events);
    expect(pages.map((page) => page.length)).toEqual([1, 1, 1]);
    expect(pages.flat()).toEqual(events.map(({ eventId }) => eventId));
  });

  it('is whole where its events are small', async () => {
    const events = Array.from({ length: 26 }, (_, number) => anEvent(number, 100));
    expect((await readPages(events)).map((page) => page.length)).toEqual([25, 1]);
  });
});

/** A customer with these events, and a way to ask for them. */
async function withEvents(rows: readonly NewTelemetryRow[]) {
  const customer = await product.onboardCustomer();
  const { customerId } = customer;
  const database = await product.connect([telemetryRows]);
  await database.transaction({ kind: 'CUSTOMERS', customerIds: [customerId] }, (tx) =>
    insertTelemetry(tx, customerId, rows),
  );
  return async (text: string, variables: Readonly<Record<string, unknown>> = {}) => {
    const { data, errors } = await product.ask<Partial<Answers>>(adminOf(customer), text, {
      customerId,
      ...variables,
    });
    return { data, codes: errors.map(({ extensions }) => extensions.code) };
  };
}

interface Answers {
  readonly processTree: unknown;
  readonly telemetryCounts: {
    readonly counts: readonly { readonly key: string; readonly count: number }[];
    readonly isComplete: boolean;
  };
}

const countDocument = `query ($customerId: ID!, $filter: String, $by: TelemetryGrouping!, $field: String, $first: Int) {
  telemetryCounts(by: $by, field: $field, first: $first, filter: {
    customerId: $customerId, from: "2026-01-01T00:00:00Z", to: "2026-01-03T00:00:00Z", text: $filter
  }) { counts { key count } isComplete }
}`;

describe('counts of telemetry', () => {
  const at = (time: string, image: string): NewTelemetryRow => ({
    ...anEvent(0, 10),
    occurredAt: new Date(time),
    fields: JSON.stringify({ Image: image }),
  });
  const rows = [
    at('2026-01-01T00:00:00Z', 'C:\\one.exe'),
    at('2026-01-01T00:59:59.999Z', 'C:\\two.exe'),
    at('2026-01-01T01:00:00Z', 'C:\\two.exe'),
    at('2026-01-02T23:00:00Z', 'C:\\two.exe'),
    at('2026-01-03T00:00:00Z', 'C:\\two.exe'),
  ];

  it('are by hour, by day and by the values of a field, of what the filter means', async () => {
    const ask = await withEvents(rows);
    const count = async (variables: Readonly<Record<string, unknown>>) => {
      const { data } = await ask(countDocument, variables);
      return data?.telemetryCounts?.counts.map(({ key, count: n }) => `${key} ${n}`);
    };
    expect(await count({ by: 'HOUR' })).toEqual([
      '2026-01-01T00:00:00Z 2',
      '2026-01-01T01:00:00Z 1',
      '2026-01-02T23:00:00Z 1',
    ]);
    expect(await count({ by: 'DAY' })).toEqual([
      '2026-01-01T00:00:00Z 3',
      '2026-01-02T00:00:00Z 1',
    ]);
    const byImage = { by: 'FIELD', field: 'process.executable' };
    expect(await count(byImage)).toEqual(['C:\\two.exe 3', 'C:\\one.exe 1']);
    expect(await count({ ...byImage, first: 1 })).toEqual(['C:\\two.exe 3']);
    expect(await count({ ...byImage, filter: 'ONE.exe' })).toEqual(['C:\\one.exe 1']);
    expect(await count({ by: 'FIELD', field: 'nothing' })).toEqual([]);
  });

  it('are refused without a field to count by, or with too many values', async () => {
    const ask = await withEvents([]);
    for (const variables of [
      { by: 'FIELD' },
      { by: 'HOUR', field: 'Image' },
      { by: 'FIELD', field: 'Image', first: 101 },
      { by: 'HOUR', filter: 'ab' },
    ]) {
      expect((await ask(countDocument, variables)).codes).toEqual(['BAD_USER_INPUT']);
    }
  });
});

describe('the process tree of an event', () => {
  it('shows who started whom on the host, as Sysmon and the audit tell it', async () => {
    const assetId = newId();
    const starts: readonly (readonly [number, Readonly<Record<string, unknown>>])[] = [
      [10, { EventID: 1, Image: 'C:\\shell.exe', ProcessGuid: '{a}', ProcessId: 16 }],
      [
        9,
        {
          EventID: 1,
          Image: 'C:\\tool.exe',
          ProcessGuid: '{b}',
          ParentProcessGuid: '{a}',
          ProcessId: 32,
        },
      ],
      // The audit's `ProcessId` is the creator's, in hexadecimal.
      [
        8,
        { EventID: 4688, NewProcessName: 'C:\\child.exe', NewProcessId: '0x40', ProcessId: '0x20' },
      ],
      [
        7,
        {
          EventID: 1,
          Image: 'C:\\stranger.exe',
          ProcessGuid: '{z}',
          ParentProcessGuid: '{y}',
          ParentImage: 'C:\\unseen.exe',
        },
      ],
    ];
    const rows = starts.map(([number, fields]) => ({
      ...anEvent(number, 10),
      ...{ assetId, fields: JSON.stringify(fields) },
    }));
    const elsewhere = { ...anEvent(6, 10), assetId: newId(), fields: rows[2]?.fields ?? '{}' };
    const ask = await withEvents([...rows, elsewhere]);
    const text = `query ($customerId: ID!, $eventId: ID!) {
      processTree(customerId: $customerId, eventId: $eventId) {
        isComplete nodes { eventId parent image pid isSelected }
      }
    }`;
    const tree = async (row: NewTelemetryRow | undefined) =>
      (await ask(text, { eventId: row?.eventId })).data?.processTree;
    expect(await tree(rows[1])).toEqual({
      isComplete: true,
      nodes: [
        {
          eventId: rows[0]?.eventId,
          parent: null,
          image: 'C:\\shell.exe',
          pid: '16',
          isSelected: false,
        },
        {
          eventId: rows[1]?.eventId,
          parent: 0,
          image: 'C:\\tool.exe',
          pid: '32',
          isSelected: true,
        },
        {
          eventId: rows[2]?.eventId,
          parent: 1,
          image: 'C:\\child.exe',
          pid: '64',
          isSelected: false,
        },
      ],
    });
    expect(await tree(rows[3])).toMatchObject({
      nodes: [
        { eventId: null, image: 'C:\\unseen.exe' },
        { image: 'C:\\stranger.exe', parent: 0 },
      ],
    });
    expect((await ask(text, { eventId: newId() })).codes).toEqual(['NOT_FOUND']);
  });
});

describe('a search that cannot be', () => {
  it('is refused with the place that is wrong', async () => {
    const ask = await withEvents([]);
    const text = `query ($customerId: ID!, $fields: [TelemetryFieldFilter!]) {
      telemetry(filter: { customerId: $customerId, fields: $fields }) { nodes { id } }
    }`;
    const fields = [{ field: 'SourceIp', op: 'CIDR', value: 'nowhere' }];
    expect((await ask(text, { fields })).codes).toEqual(['BAD_USER_INPUT']);
    expect((await ask(text, { fields: [{ field: 'SourceIp', op: 'EXISTS' }] })).codes).toEqual([]);
  });
});
