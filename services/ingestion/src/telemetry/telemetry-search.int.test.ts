import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@vedette/service-kit';
import { waitFor } from '@vedette/testkit';
import type { Position } from '@vedette/service-kit';
import { aTelemetryRow, scopeOf, startTestHistory } from '../testing/history-database.ts';
import type { TestHistory } from '../testing/history-database.ts';
import type { FieldOperator, TelemetryQuestion } from './telemetry-filter.ts';
import { indexTelemetryTexts } from './telemetry-housekeeping.ts';
import { findTelemetryEvent, listTelemetry } from './telemetry-store.ts';
import type { NewTelemetryRow } from './telemetry-store.ts';

let history: TestHistory;

beforeAll(async () => {
  history = await startTestHistory();
});

afterAll(() => history.stop());

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** An event with these fields, so many milliseconds ago. */
function anEvent(
  fields: Readonly<Record<string, unknown>>,
  agoMs = 60_000,
  changes: Partial<NewTelemetryRow> = {},
): NewTelemetryRow {
  const occurredAt = new Date(Date.now() - agoMs);
  return aTelemetryRow({ occurredAt, fields: JSON.stringify(fields), ...changes });
}

type Asked = Partial<Omit<TelemetryQuestion, 'customerId'>>;

async function search(
  customerId: string,
  asked: Asked,
  page: { limit?: number; after?: Position<['TIME', 'ID']> } = {},
  scope = scopeOf(customerId),
): Promise<readonly string[]> {
  const now = Date.now();
  const period = { from: new Date(now - 7 * dayMs), to: new Date(now + hourMs) };
  const { rows } = await history.database.transaction(scope, (tx) =>
    listTelemetry(tx, { customerId, ...period, ...asked }, { limit: 50, ...page }),
  );
  return rows.map(({ eventId }) => eventId);
}

/** A customer with one event for each of the given sets of fields; answers numbers instead of ids. */
async function withEvents(
  ...given: readonly (NewTelemetryRow | Readonly<Record<string, unknown>>)[]
): Promise<(asked: Asked) => Promise<readonly number[]>> {
  const customerId = newId();
  const rows = given.map((each, n) =>
    'eventId' in each ? (each as NewTelemetryRow) : anEvent(each, 60_000 + n),
  );
  await history.insert(customerId, rows);
  return async (asked) =>
    (await search(customerId, asked))
      .map((id) => rows.findIndex(({ eventId }) => eventId === id))
      .toSorted((a, b) => a - b);
}

function field(name: string, op: FieldOperator, ...values: readonly string[]): Asked {
  return { fields: [{ field: name, op, values }] };
}

describe('a search by field', () => {
  it('compares a value without regard to case, whole, by its beginning or by what stands in it', async () => {
    const find = await withEvents(
      { Image: 'C:\\Windows\\System32\\cmd.exe' },
      { Image: 'C:\\Tools\\CMD.EXE' },
      { CommandLine: 'C:\\Tools\\cmd.exe' },
    );
    expect(await find(field('Image', 'EQ', 'c:\\tools\\cmd.exe'))).toEqual([1]);
    expect(await find(field('Image', 'IN', 'x', 'C:\\TOOLS\\cmd.exe'))).toEqual([1]);
    expect(await find(field('Image', 'PREFIX', 'c:\\WINDOWS\\'))).toEqual([0]);
    expect(await find(field('Image', 'CONTAINS', 'CMD.exe'))).toEqual([0, 1]);
    expect(await find(field('Image', 'EXISTS'))).toEqual([0, 1]);
    expect(await find(field('Image', 'CONTAINS', '%'))).toEqual([]);
  });

  it('finds a fact by its OCSF path and its ECS name under whatever name its source has for it', async () => {
    const find = await withEvents(
      { Image: 'C:\\a.exe' },
      { NewProcessName: 'C:\\a.exe' },
      { IpAddress: '198.51.100.7' },
      { SourceIp: '198.51.100.7' },
    );
    expect(await find(field('process.file.path', 'EQ', 'c:\\a.exe'))).toEqual([0, 1]);
    expect(await find(field('process.executable', 'EQ', 'c:\\a.exe'))).toEqual([0, 1]);
    expect(await find(field('src_endpoint.ip', 'EQ', '198.51.100.7'))).toEqual([2, 3]);
    expect(await find(field('source.ip', 'EQ', '198.51.100.7'))).toEqual([2, 3]);
    expect(await find(field('SourceIp', 'EQ', '198.51.100.7'))).toEqual([3]);
  });

  it('finds a host and a user by their names, whatever the record calls them', async () => {
    const find = await withEvents(
      anEvent({}, 1_000, { hostName: 'WS-1.corp.example' }),
      anEvent({}, 2_000, { userName: 'CORP\\Ada' }),
      anEvent({ Computer: 'ws-1.corp.example' }),
    );
    expect(await find(field('device.hostname', 'EQ', 'WS-1.CORP.example'))).toEqual([0, 2]);
    expect(await find({ userName: 'ada' })).toEqual([1]);
    expect(await find({ userName: 'corp\\ADA' })).toEqual([1]);
    expect(await find({ userName: 'da' })).toEqual([]);
  });

  it('knows networks, and a value that is no address is in none', async () => {
    const find = await withEvents(
      { SourceIp: '192.0.2.9' },
      { SourceIp: '::ffff:192.0.2.10' },
      { SourceIp: '2001:db8::7' },
      { SourceIp: '192.0.2.999' },
      { SourceIp: 'not an address' },
      { SourceIp: '' },
      { SourceIp: '198.51.100.1' },
      { SourceIp: null },
      { SourceIp: ['203.0.113.1', '192.0.2.77'] },
    );
    expect(await find(field('SourceIp', 'CIDR', '192.0.2.0/24'))).toEqual([0, 1, 8]);
    expect(await find(field('SourceIp', 'CIDR', '2001:db8::/32', '198.51.100.1'))).toEqual([2, 6]);
    expect(await find(field('SourceIp', 'CIDR', '0.0.0.0/0'))).toEqual([0, 1, 6, 8]);
  });

  it('looks into lists, numbers and booleans as text', async () => {
    const find = await withEvents(
      { names: ['One', 'Two'] },
      { names: 'two' },
      { port: 443, isSigned: true },
      { names: [], port: null },
    );
    expect(await find(field('names', 'EQ', 'TWO'))).toEqual([0, 1]);
    expect(await find(field('names', 'EXISTS'))).toEqual([0, 1]);
    expect(await find(field('port', 'EQ', '443'))).toEqual([2]);
    expect(await find(field('isSigned', 'EQ', 'TRUE'))).toEqual([2]);
    expect(await find(field('class_uid', 'EQ', '1007'))).toEqual([0, 1, 2, 3]);
  });

  it('finds a value that is too far back for the text, as well as one that is in it', async () => {
    const long = 'x'.repeat(5_000);
    const find = await withEvents(
      { CommandLine: `${long} at the end` },
      { CommandLine: 'AT THE END' },
      { CommandLine: 'at the beginning' },
      { Other: 'at the end' },
    );
    expect(await find(field('CommandLine', 'CONTAINS', 'at the END'))).toEqual([0, 1]);
    expect(await find(field('CommandLine', 'EQ', 'at the END'))).toEqual([1]);
    expect(await find({ text: 'at the end' })).toEqual([1]);
  });

  it('finds a number where others have a text', async () => {
    const find = await withEvents({ CommandLine: 12_345 }, { CommandLine: '12345' });
    expect(await find(field('CommandLine', 'EQ', '12345'))).toEqual([0, 1]);
    expect(await find(field('CommandLine', 'PREFIX', '1234'))).toEqual([0, 1]);
  });

  it('takes whatever stands in a name or a value as that and nothing else', async () => {
    const hostile = `x' or true --`;
    const find = await withEvents({ [hostile]: hostile }, { other: '%_\\' });
    for (const op of ['EQ', 'PREFIX', 'CONTAINS'] as const) {
      expect(await find(field(hostile, op, hostile))).toEqual([0]);
      expect(await find(field('other', op, '%_\\'))).toEqual([1]);
      expect(await find(field('other', op, '_%'))).toEqual([]);
    }
  });

  it('narrows by all that is asked at once', async () => {
    const [connectorId, assetId] = [newId(), newId()];
    const rows = [
      anEvent({ a: '1' }, 1_000, { connectorId, assetId, severityId: 4, classUid: 3002 }),
      anEvent({ a: '1' }, 2_000, { connectorId, severityId: 99, classUid: 4001 }),
      anEvent({ a: '2' }, 3_000, { connectorId, severityId: 2, classUid: 3002 }),
    ];
    const find = await withEvents(...rows);
    expect(await find({ connectorId })).toEqual([0, 1, 2]);
    expect(await find({ connectorId: newId() })).toEqual([]);
    expect(await find({ severityAtLeast: 3 })).toEqual([0]);
    expect(await find({ classUids: [3002, 4001] })).toEqual([0, 1, 2]);
    expect(await find({ classUids: [3002], ...field('a', 'EQ', '2') })).toEqual([2]);
    expect(await find({ assetId, classUids: [3002], severityAtLeast: 4 })).toEqual([0]);
  });
});

describe('a search by text', () => {
  it('finds what stands in the hot fields, in whatever case, and nothing by wildcards', async () => {
    const find = await withEvents(
      { CommandLine: 'powershell -File Report_77.ps1' },
      { CommandLine: 'PowerShell -enc AAAA', Unimportant: 'report_77' },
      anEvent({ QueryName: '100%.example' }, 5_000, { hostName: 'PowerShell-Host' }),
    );
    expect(await find({ text: 'powershell' })).toEqual([0, 1, 2]);
    expect(await find({ text: 'report_77' })).toEqual([0]);
    expect(await find({ text: 'report%77' })).toEqual([]);
    expect(await find({ text: '100%' })).toEqual([2]);
    expect(await find({ text: 'powershell', ...field('CommandLine', 'CONTAINS', '-enc') })).toEqual(
      [1],
    );
  });

  it('uses the index of the hours that are over, in spite of row-level security', async () => {
    const customerId = newId();
    const rows = Array.from({ length: 5_000 }, (_, n) =>
      anEvent({ CommandLine: `copy ${newId()} ${n}` }, 12 * hourMs + n),
    );
    await history.insert(customerId, rows);
    expect(await indexTelemetryTexts(history.database, new Date())).not.toEqual([]);
    const before = await countScans();
    expect(await search(customerId, { text: 'never anywhere' })).toEqual([]);
    const flush = () =>
      history.database.infrastructure((tx) => tx.query('select pg_stat_force_next_flush()'));
    await Promise.all([flush(), flush()]);
    await waitFor(async () => (await countScans()) > before);
  });

  it('finds the same with an index as without, page by page over days, latest first', async () => {
    const customerId = newId();
    const rows = Array.from({ length: 40 }, (_, n) =>
      anEvent({ CommandLine: n % 2 === 0 ? `needle ${n}` : 'hay' }, n * 3 * hourMs),
    );
    await history.insert(customerId, rows);
    const wanted = rows.filter((_, n) => n % 2 === 0).map(({ eventId }) => eventId);
    const readAll = async (): Promise<string[]> => {
      const seen: string[] = [];
      let after: Position<['TIME', 'ID']> | undefined;
      for (;;) {
        const ids = await search(
          customerId,
          { text: 'needle' },
          { limit: 7, ...(after && { after }) },
        );
        seen.push(...ids);
        const last = rows.find(({ eventId }) => eventId === ids.at(-1));
        if (!last || ids.length < 7) return seen;
        after = [last.occurredAt, last.eventId];
      }
    };
    expect(await readAll()).toEqual(wanted);
    const indexed = await indexTelemetryTexts(history.database, new Date(Date.now() + dayMs));
    expect(indexed.length).toBeGreaterThan(5);
    expect(await readAll()).toEqual(wanted);
    expect(await indexTelemetryTexts(history.database, new Date(Date.now() + dayMs))).toEqual([]);
    // What comes late is found as well.
    const late = anEvent({ CommandLine: 'needle late' }, 1_000);
    await history.insert(customerId, [late]);
    expect(await search(customerId, { text: 'needle late' })).toEqual([late.eventId]);
  });

  it('goes past the texts whose events are not wanted otherwise', async () => {
    const customerId = newId();
    const rows = Array.from({ length: 2_500 }, (_, n) =>
      anEvent({ CommandLine: 'common', n }, 1_000 + n),
    );
    await history.insert(customerId, rows);
    const found = await search(customerId, { text: 'common', ...field('n', 'EQ', '2400') });
    expect(found).toEqual([rows[2_400]?.eventId]);
  });

  it("shows nobody another customer's, whatever the function is asked for", async () => {
    const [mine, foreign] = [newId(), newId()];
    await history.insert(foreign, [anEvent({ CommandLine: 'secret plan' })]);
    expect(await search(foreign, { text: 'secret plan' })).toHaveLength(1);
    expect(await search(foreign, { text: 'secret plan' }, {}, scopeOf(mine))).toEqual([]);
    expect(await search(foreign, { text: 'secret plan' }, {}, scopeOf())).toEqual([]);
    const ask = (scope: Parameters<typeof history.database.transaction>[0]) =>
      history.database.transaction(scope, (tx) =>
        tx.query(
          `select from search_telemetry_texts($1, 'secret', null, null, now() - interval '1 day', now(), null, null, 10)`,
          [foreign],
        ),
      );
    expect(await ask(scopeOf(mine))).toEqual([]);
    expect(await ask(scopeOf())).toEqual([]);
    expect(await ask(scopeOf(foreign))).toHaveLength(1);
    expect(await ask({ kind: 'OPERATOR' })).toHaveLength(1);
    const outside = history.database.tryWithLock('no settings', async (session) => {
      const rows = await session.query(
        `select from search_telemetry_texts($1, 'secret', null, null, now() - interval '1 day', now(), null, null, 10)`,
        [foreign],
      );
      expect(rows).toEqual([]);
    });
    expect(await outside).toBe(true);
  });
});

async function countScans(): Promise<number> {
  const [row] = await history.select<{ n: number }>(
    `select coalesce(sum(idx_scan), 0)::int as n from pg_stat_user_indexes where indexrelname ~ '^ix_text_'`,
  );
  return row?.n ?? 0;
}

describe('one event', () => {
  it('is found by its id alone, and at once where its time is known', async () => {
    const customerId = newId();
    const rows = [anEvent({ n: 1 }, 20 * dayMs), anEvent({ n: 2 }, 1_000)];
    await history.insert(customerId, rows);
    for (const { eventId, occurredAt } of rows) {
      for (const period of [
        { from: new Date(Date.now() - 31 * dayMs), to: new Date(Date.now() + hourMs) },
        { from: occurredAt, to: new Date(occurredAt.getTime() + 1) },
      ]) {
        const find = (scope: ReturnType<typeof scopeOf>) =>
          history.database.transaction(scope, (tx) =>
            findTelemetryEvent(tx, { customerId, eventId }, period),
          );
        expect((await find(scopeOf(customerId)))?.eventId).toBe(eventId);
        expect(await find(scopeOf(newId()))).toBeNull();
      }
    }
  });
});
