import type { Fields, FieldValue } from '@vedette/event-model';

import type { EventMeaning } from '../json-values.ts';
import { classify as classifyWindows } from '../windows-events/classify.ts';
import type { RowKind } from './tables.ts';

/** What a row is, and what became of it. */
export interface RowFacts {
  readonly kind: RowKind;
  readonly isOfEvents: boolean;
  readonly action: 'added' | 'removed' | 'snapshot';
  /** What there was when the query first ran: not news. */
  readonly isBaseline: boolean;
}

const process = 1007;
const file = 1001;
const network = 4001;
const authentication = 3002;
const inventory = 5001;
const deviceState = 5019;
const collect = 2;
const other = 99;
const info = 1;

/** Activities of a difference by kind: what it means that a row is there now, and that it is no longer. */
const differences: Readonly<
  Partial<Record<RowKind, readonly [classUid: number, added: number, removed: number]>>
> = {
  'process-list': [process, 1, 2],
  port: [network, 7, 2],
  session: [authentication, 1, 2],
  account: [3001, 1, 6],
  job: [1006, 1, 3],
  service: [201004, 1, 7],
  'kernel-module': [1002, 1, 2],
  state: [deviceState, 1, 1],
  inventory: [inventory, collect, collect],
};

/** OCSF class, activity and severity of a row. A list that is only taken stock of is inventory. */
export function classify(row: RowFacts, fields: Fields): EventMeaning {
  if (row.isOfEvents) return classifyEvent(row.kind, fields);
  if (row.kind === 'yara') return [2004, 1, 4];
  if (row.isBaseline || row.action === 'snapshot') return [inventory, collect, info];
  const [classUid, added, removed] = differences[row.kind] ?? [deviceState, 1, 1];
  return [classUid, row.action === 'removed' ? removed : added, info];
}

function classifyEvent(kind: RowKind, fields: Fields): EventMeaning {
  switch (kind) {
    case 'process':
      return [process, processActivity(fields), info];
    case 'socket':
      return [network, socketActivity(fields), info];
    case 'file':
      return [file, fileActivity(fields), info];
    case 'sign-in':
      return [authentication, signInActivity(fields), fields.outcome === 'failure' ? 2 : info];
    case 'script':
      return [1009, 1, info];
    case 'windows-event':
      return [...classifyWindows(fields)] as EventMeaning;
    case 'dns':
      return [4003, 1, info];
    case 'yara':
      return [2004, 1, 4];
    case 'hardware':
      return [1010, /remove/i.test(text(fields.action)) ? 2 : 1, info];
    default:
      return [deviceState, 1, info];
  }
}

function text(value: FieldValue | undefined): string {
  return typeof value === 'string' && value.length <= 256 ? value : '';
}

/** macOS tells forks and exits as well, Windows starts and stops. */
function processActivity({ event_type: event, type }: Fields): number {
  const word = text(event ?? type).toLowerCase();
  if (word === '' || word.includes('exec') || word.includes('start')) return 1;
  return word.includes('exit') || word.includes('stop') ? 2 : other;
}

function socketActivity({ action, status, syscall }: Fields): number {
  const word = text(action ?? syscall).toLowerCase();
  if (text(status).includes('fail')) return 4;
  if (word === 'bind' || word === 'listen') return 7;
  return word === '' || /connect|accept/.test(word) ? 1 : 6;
}

const fileActivities: readonly (readonly [word: RegExp, activityId: number])[] = [
  [/creat/, 1],
  [/delet|unlink/, 4],
  [/moved|renam/, 5],
  [/attribute|chmod|chown/, 6],
  [/open/, 14],
  [/access|read/, 2],
  [/updat|modif|writ|data|trunc/, 3],
];

function fileActivity({ action, operation, event_type: event }: Fields): number {
  const word = text(action ?? operation ?? event).toLowerCase();
  return fileActivities.find(([pattern]) => pattern.test(word))?.[1] ?? other;
}

/** Types of the Linux audit: https://github.com/linux-audit/audit-userspace/blob/master/lib/audit-records.h */
const signInTypes: Readonly<Record<string, number>> = {
  1100: 1,
  1105: 1,
  1112: 1,
  1106: 2,
  1113: 2,
};

function signInActivity({ type }: Fields): number {
  const number = String(type);
  return Object.hasOwn(signInTypes, number) ? (signInTypes[number] ?? other) : other;
}
