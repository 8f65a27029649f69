import type { NormalisedEvent } from '@vedette/event-model';

import type { JsonRecord } from '../connector-definition.ts';
import { firstName, firstTime, nameOf, recordOf, toEvent } from '../json-values.ts';
import type { EventMeaning } from '../json-values.ts';
import { createFields, isRecord, setField } from '../record-fields.ts';
import type { DraftFields } from '../record-fields.ts';
import { classify } from './classify.ts';
import type { RowFacts } from './classify.ts';
import { addRuleNames } from './row-names.ts';
import { factsOf, readQueryName, tableOfColumns } from './tables.ts';
import type { Platform } from './tables.ts';

/**
 * Normalises one row of a result, or a status line of an agent. Columns stand at the top level by osquery's names, what
 * was around them under `osquery.` and `decorations.`. Any other shape becomes class `unmapped` with its own fields.
 * @param receivedAt epoch milliseconds
 */
export function parseOsqueryRecord(record: JsonRecord, receivedAt: number): NormalisedEvent {
  if (isRecord(record.columns) || Array.isArray(record.snapshot))
    return parseRow(record, receivedAt);
  const fields = createFields();
  for (const name of Object.keys(record)) setField(fields, name, record[name]);
  const isStatus =
    ['filename', 'message'].every((name) => typeof record[name] === 'string') &&
    record.severity !== undefined;
  const meaning: EventMeaning = isStatus ? [5019, 1, statusSeverity(record.severity)] : [0, 0, 1];
  return toEvent({
    source: 'osquery',
    occurredAt: timeOf(record, receivedAt),
    meaning,
    sourceRef: null,
    hostname: isStatus ? hostOf(record) : null,
    userName: null,
    fields,
  });
}

/** The agent's log levels: information, warning, error, fatal. */
function statusSeverity(level: unknown): number {
  const number = Number(level);
  return number >= 3 ? 3 : number >= 1 ? 2 : 1;
}

function parseRow(record: JsonRecord, receivedAt: number): NormalisedEvent {
  const columns = recordOf(record.columns);
  const { pack, table: named } = readQueryName(nameOf(record.name) ?? '');
  const table = named ?? tableOfColumns(columns);
  const known = table === null ? null : factsOf(table);
  const row: RowFacts = {
    kind: known?.kind ?? 'state',
    isOfEvents: known?.isOfEvents ?? false,
    action: actionOf(record.action),
    isBaseline: known?.isOfEvents !== true && record.action === 'added' && isFirst(record.counter),
  };
  const fields = createFields();
  for (const name of Object.keys(columns)) setField(fields, name, columns[name]);
  const platform = known?.platform ?? platformOf(record, columns, table);
  const isNews = row.isOfEvents || !(row.isBaseline || row.action === 'snapshot');
  if (isNews) addRuleNames(fields, row.kind, platform);
  const meaning = classify(row, fields);
  addEnvelope(fields, record, { pack, table, platform });
  if (row.isBaseline) fields['osquery.baseline'] = true;
  const event = isNews ? eventNameOf(row, meaning) : undefined;
  if (event !== undefined) fields['osquery.event'] = event;
  return toEvent({
    source: 'osquery',
    occurredAt: timeOf(record, receivedAt, row.isOfEvents ? columns.time : undefined),
    meaning,
    sourceRef: row.isOfEvents ? eventRef(record, columns, table) : null,
    hostname: hostOf(record, columns),
    userName: firstName(fields.User, row.kind === 'account' ? null : fields.TargetUserName),
    fields,
  });
}

function actionOf(action: unknown): RowFacts['action'] {
  return action === 'removed' || action === 'added' ? action : 'snapshot';
}

/** `counter` is a number or its text; 0 is the first run of a query, or of its new epoch. */
function isFirst(counter: unknown): boolean {
  return counter === 0 || counter === '0';
}

interface QueryNames {
  readonly pack: string | null;
  readonly table: string | null;
  readonly platform: Platform | null;
}

const envelopeNames = [
  'name',
  'action',
  'calendarTime',
  'unixTime',
  'epoch',
  'counter',
  'numerics',
];

function addEnvelope(fields: DraftFields, record: JsonRecord, names: QueryNames): void {
  for (const name of envelopeNames) setField(fields, `osquery.${name}`, record[name]);
  setField(fields, 'osquery.hostIdentifier', record.hostIdentifier ?? record.hostname);
  if (names.pack !== null) setField(fields, 'osquery.pack', names.pack);
  if (names.table !== null) fields['osquery.table'] = names.table;
  if (names.platform !== null) fields['osquery.platform'] = names.platform;
  if (isRecord(record.decorations)) setField(fields, 'decorations', record.decorations);
}

/** Sigma's category for a row, which rules are bound by together with the platform. */
function eventNameOf({ kind }: RowFacts, [classUid, activityId]: EventMeaning): string | undefined {
  switch (kind) {
    case 'process':
    case 'process-list':
      return activityId === 1 ? 'process_creation' : undefined;
    case 'socket':
      return activityId === 1 ? 'network_connection' : undefined;
    case 'file':
      return [1, 3, 5].includes(activityId)
        ? 'file_event'
        : activityId === 4
          ? 'file_delete'
          : undefined;
    case 'script':
      return 'ps_script';
    case 'dns':
      return classUid === 4003 ? 'dns_query' : undefined;
    default:
      return undefined;
  }
}

const platforms: Readonly<Record<string, Platform>> = {
  ...{ darwin: 'darwin', macos: 'darwin', windows: 'windows', linux: 'linux', ubuntu: 'linux' },
  ...{ debian: 'linux', rhel: 'linux', centos: 'linux', amzn: 'linux', arch: 'linux' },
};

/** What decorations say, else what a path looks like, else where the table is to be had for the most part. */
function platformOf(
  record: JsonRecord,
  columns: JsonRecord,
  table: string | null,
): Platform | null {
  const decorations = recordOf(record.decorations);
  const told = firstName(
    decorations.platform,
    decorations.host_platform,
    decorations.os,
  )?.toLowerCase();
  if (told !== undefined && Object.hasOwn(platforms, told)) return platforms[told] ?? null;
  const { path } = columns;
  if (typeof path === 'string' && /^[A-Za-z]:\\/.test(path)) return 'windows';
  return table === 'process_events' || table === 'user_events' ? 'linux' : null;
}

/** The host's name where the row or a decoration tells one, else what the agent was told to call itself. */
function hostOf(record: JsonRecord, columns: JsonRecord = {}): string | null {
  const decorations = recordOf(record.decorations);
  return firstName(
    ...[decorations.hostname, decorations.host_name, decorations.computer_name],
    ...[columns.computer_name, record.hostname, record.hostIdentifier, record.host_identifier],
  );
}

/** Rows of event tables have a number of their own; with the time, since numbers begin anew with the agent's data. */
function eventRef(record: JsonRecord, columns: JsonRecord, table: string | null): string | null {
  const { eid, time } = columns;
  const host = firstName(record.hostIdentifier, record.hostname);
  const number = firstName(typeof eid === 'number' ? String(eid) : eid);
  if (number === null || host === null) return null;
  return `${host}/${table ?? ''}/${number}/${String(time).slice(0, 32)}`;
}

/** The row's own time, else when the query ran. */
function timeOf(record: JsonRecord, receivedAt: number, rowTime?: unknown): number {
  return (
    firstTime(
      receivedAt,
      ...[toNumber(rowTime), toNumber(record.unixTime)],
      readCalendarTime(record.calendarTime),
    ) ?? receivedAt
  );
}

function toNumber(value: unknown): unknown {
  return typeof value === 'string' && /^\d{9,13}$/.test(value) ? Number(value) : value;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Mon Jan  8 14:51:55 2018 UTC`; without the zone it is in whichever one the host is. Seconds since 1970. */
function readCalendarTime(value: unknown): number | null {
  if (typeof value !== 'string' || value.length > 40) return null;
  const parts = /^\w{3} (\w{3}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4}) UTC$/.exec(value);
  if (parts === null) return null;
  const [, month = '', day, hour, minute, second, year] = parts;
  const time = Date.UTC(
    ...([Number(year), months.indexOf(month), Number(day)] as const),
    ...([Number(hour), Number(minute), Number(second)] as const),
  );
  return months.includes(month) ? time / 1000 : null;
}
