import { hash } from 'node:crypto';

import type { Fields, FieldValue, NormalisedEvent } from '@vedette/event-model';

import type { JsonRecord } from '../connector-definition.ts';
import { firstName, firstTime, nameOf, toEvent } from '../json-values.ts';
import { createFields, setField } from '../record-fields.ts';
import type { DraftFields } from '../record-fields.ts';
import { classify } from './classify.ts';

/**
 * Normalises one record of a Zeek log in JSON. The log's name is in `_path`, or in `@stream` or `stream` as some
 * shippers call it. A record without one becomes class `unmapped` with its own fields.
 * @param receivedAt epoch milliseconds
 */
export function parseZeekRecord(record: JsonRecord, receivedAt: number): NormalisedEvent {
  const fields = createFields();
  for (const name of Object.keys(record)) setField(fields, name, record[name]);
  nameLog(fields);
  for (const [theirs, ours] of endNames) {
    const value = fields[theirs];
    if (value !== undefined) fields[ours] ??= value;
  }
  const meaning = classify(fields);
  if (meaning[0] !== 0) addDerived(fields);
  return toEvent({
    source: 'zeek',
    occurredAt: firstTime(receivedAt, timeOf(fields.ts), fields._write_ts) ?? receivedAt,
    meaning,
    sourceRef: recordRef(fields),
    hostname: hostOf(fields),
    userName: userOf(fields),
    fields,
  });
}

/** Names of both ends as exporters write them that cannot have full stops in names. */
const endNames = [
  ['id_orig_h', 'id.orig_h'],
  ['id_orig_p', 'id.orig_p'],
  ['id_resp_h', 'id.resp_h'],
  ['id_resp_p', 'id.resp_p'],
] as const;

function nameLog(fields: DraftFields): void {
  const path = firstName(fields._path, fields['@stream'], fields.stream);
  if (path !== null) fields._path = path;
}

/** Zeek writes seconds with a fraction, or ISO 8601. A fraction of a second is not exact: the millisecond is. */
function timeOf(ts: FieldValue | undefined): FieldValue | undefined {
  const seconds = typeof ts === 'string' && /^\d{9,10}(?:\.\d+)?$/.test(ts) ? Number(ts) : ts;
  return typeof seconds === 'number' ? Math.floor(seconds * 1000 + 0.001) : seconds;
}

/** What tells records of one log, connection and time apart: several may come out of one packet. */
const distinguishing = [
  ...[
    'fuid',
    'id',
    'trans_id',
    'trans_depth',
    'name',
    'addl',
    'note',
    'msg',
    'sub',
    'query',
    'qtype',
  ],
  ...[
    'rcode',
    'rtt',
    'duration',
    'orig_bytes',
    'resp_bytes',
    'action',
    'path',
    'operation',
    'endpoint',
  ],
  ...['named_pipe', 'command', 'arg', 'request_type', 'service', 'client', 'username', 'analyzer'],
  ...['failure_reason', 'source', 'seen', 'seen.indicator', 'status_code', 'success', 'error_msg'],
] as const;

/** Connection, log, time and a digest of what tells its records apart; null where the record is of no connection. */
function recordRef(fields: Fields): string | null {
  const { uid, _path: path, ts } = fields;
  const isTime = typeof ts === 'string' || typeof ts === 'number';
  if (typeof uid !== 'string' || uid === '' || typeof path !== 'string' || !isTime) return null;
  const parts = distinguishing.map((name) => fields[name] ?? null);
  const ref = `${uid}/${path}/${ts}`;
  return ref.length <= 160 ? `${ref}/${hash('sha1', JSON.stringify(parts), 'base64url')}` : null;
}

/** The client where its log names it: Zeek itself watches from outside of every host. */
function hostOf({ _path: path, host_name: leased, hostname: client }: Fields): string | null {
  if (path === 'dhcp') return firstName(leased);
  return path === 'ntlm' ? firstName(client) : null;
}

/** Whom the protocol names. */
function userOf({ _path: path, username, user, domainname, cookie }: Fields): string | null {
  if (path === 'rdp') return firstName(cookie);
  const name = firstName(username, user);
  return path === 'ntlm' || path === 'kerberos' ? inDomain(name, domainname) : name;
}

function inDomain(name: string | null, domain: unknown): string | null {
  const known = nameOf(domain);
  return name === null || known === null ? name : nameOf(`${known}\\${name}`);
}

const maxAnswersLength = 8_192;

/** What Zeek tells, under names that rules on DNS, proxies and web servers use, and the outcome of a sign-in. */
function addDerived(fields: DraftFields): void {
  const { _path: path, success, auth_success: signedIn, answers } = fields;
  const outcome = success ?? signedIn;
  if (typeof outcome === 'boolean') fields.outcome = outcome ? 'success' : 'failure';
  if (path === 'dns') {
    if (Array.isArray(answers)) fields.answer ??= answers.join(';').slice(0, maxAnswersLength);
    alias(fields, 'record_type', fields.qtype_name);
  } else if (path === 'http') addWebNames(fields);
  else if (path === 'kerberos') addClient(fields);
}

/** A Kerberos client is `user/REALM`: the parts by the names that NTLM's log has. */
function addClient(fields: DraftFields): void {
  const { client } = fields;
  if (typeof client !== 'string') return;
  const slash = client.lastIndexOf('/');
  alias(fields, 'username', slash < 0 ? client : client.slice(0, slash) || undefined);
  if (slash >= 0) alias(fields, 'domainname', client.slice(slash + 1) || undefined);
}

function addWebNames(fields: DraftFields): void {
  const { host, uri, user_agent: agent, method, status_code: status, referrer } = fields;
  if (typeof uri === 'string') {
    const isPath = uri.startsWith('/') && typeof host === 'string';
    fields['c-uri'] ??= isPath ? `http://${host}${uri}` : uri;
    fields['cs-uri-query'] ??= uri;
    fields['cs-uri-stem'] ??= uri.slice(0, uri.includes('?') ? uri.indexOf('?') : undefined);
  }
  alias(fields, 'cs-host', host);
  alias(fields, 'cs-method', method);
  alias(fields, 'sc-status', status);
  alias(fields, 'c-useragent', agent);
  alias(fields, 'cs-user-agent', agent);
  alias(fields, 'cs-referer', referrer);
}

function alias(fields: DraftFields, name: string, value: FieldValue | undefined): void {
  if (value !== undefined) fields[name] ??= value;
}
