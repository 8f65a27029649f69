import type { JsonRecord } from '../connector-definition.ts';
import {
  firstText,
  fromJson,
  idOf,
  parseAddress,
  replaceField,
  recordsOf,
  textOf,
} from '../json-values.ts';
import type { DraftFields } from '../record-fields.ts';
import { createFields, flattenInto, isRecord, setField } from '../record-fields.ts';

/** The names of the Management Activity API for what exports to Log Analytics and Defender call otherwise. */
const aliases: readonly (readonly [api: string, others: readonly string[]])[] = [
  ['Operation', ['ActionType']],
  ['Workload', ['OfficeWorkload', 'Application']],
  ['Id', ['OfficeId', 'SourceRecordId', 'ReportId']],
  ['CreationTime', ['TimeGenerated', 'Timestamp']],
  ['UserId', ['UserId_', 'AccountUpn']],
  ['ClientIP', ['ClientIPAddress', 'Client_IPAddress', 'ActorIpAddress', 'SenderIp', 'IPAddress']],
];

/** Texts that hold JSON, in some exports or always. */
const jsonTexts = ['Data', 'Folders', 'AffectedItems', 'Item', 'OperationProperties', 'Parameters'];

const maxProperties = 200;
const maxPropertyName = 128;

/**
 * The fields of a record by their own dotted names, and beside them by the API's names what is called otherwise,
 * lists of names and values (`Parameters.ForwardTo`), and what texts of JSON hold.
 */
export function readFields(record: JsonRecord): DraftFields {
  const fields = createFields();
  for (const [api, others] of aliases) {
    const value = [record[api], ...others.map((name) => record[name])].find(isSomething);
    if (value !== undefined) setField(fields, api, value);
  }
  for (const [name, value] of Object.entries(record)) {
    if (fields[name] === undefined) setField(fields, name, value);
  }
  for (const name of jsonTexts) {
    const held = typeof record[name] === 'string' ? fromJson(record[name]) : null;
    if (isRecord(held)) flattenInto(fields, name, held);
    else if (Array.isArray(held)) replaceField(fields, name, held);
  }
  for (const [name, value] of Object.entries(record)) addProperties(fields, name, value);
  splitAddress(fields);
  return fields;
}

function isSomething(value: unknown): boolean {
  return textOf(value) !== null || typeof value === 'number';
}

/** `[{Name, Value}]` as fields; of changed properties the new value, and the old one beside it. */
function addProperties(fields: DraftFields, name: string, list: unknown): void {
  const held = typeof list === 'string' && jsonTexts.includes(name) ? fromJson(list) : list;
  if (!Array.isArray(held)) return;
  for (const item of recordsOf(held.slice(0, maxProperties))) {
    const key = idOf(item.Name);
    if (key === null || key.length > maxPropertyName) continue;
    if (item.Value !== undefined) replaceField(fields, `${name}.${key}`, item.Value);
    if (item.NewValue !== undefined) replaceField(fields, `${name}.${key}`, item.NewValue);
    if (item.OldValue !== undefined) replaceField(fields, `${name}.${key}.OldValue`, item.OldValue);
  }
}

/** `192.0.2.1:8085` and `[2001:db8::1]:443`: address and port apart. Other text than that stays what it is. */
function splitAddress(fields: DraftFields): void {
  const text = firstText(fields.ClientIP);
  if (text === null) {
    delete fields.ClientIP;
    return;
  }
  const { address, port } = parseAddress(text);
  if (address === null) return;
  fields.ClientIP = address;
  if (port !== null) fields.ClientPort = port;
}
