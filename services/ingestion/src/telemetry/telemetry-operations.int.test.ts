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
