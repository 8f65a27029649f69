import type { Fields, FieldValue } from '@vedette/event-model';

import type { OwnNames } from './own-names.ts';
import type { DraftFields } from './record-fields.ts';
import { classify as classifyWindows } from './windows-events/classify.ts';

/** Whose events a document in a common format is about, by the words that products use for themselves. */
const dialects: readonly (readonly [source: string, product: RegExp])[] = [
  ['aws-cloudtrail', /^(aws\.)?cloudtrail$/],
  ['aws-guardduty', /^(aws\.)?guardduty$/],
  ['okta', /^okta(\.system|\ssystem log)?$/],
  ['sophos-firewall', /^sophos(\.xg|\sfirewall)$/],
  ['sophos-central', /^sophos(_central\.\w+|\.central|\scentral)$/],
  ['zeek', /^zeek(\.\w+)?$/],
  ['osquery', /^osquery(\.\w+)?$/],
  ['entra-id', /^(azure\.(signinlogs|auditlogs)|entra id)$/],
  ['m365-audit', /^(o365\.audit|microsoft 365 management activity)$/],
];

/** The connector whose names the events of a product have; undefined where it is none of ours. */
export function sourceOfProduct(product: unknown): string | undefined {
  if (typeof product !== 'string' || product.length > 64) return undefined;
  const name = product.toLowerCase();
  return dialects.find(([, words]) => words.test(name))?.[0];
}

/** The fields that tell a Windows event: rules take whatever has a `Channel` for one. */
const envelope = new Set([
  ...['EventID', 'Channel', 'Provider_Name', 'SourceName', 'Computer', 'Hostname'],
  ...['EventRecordID', 'RecordNumber'],
]);

/** OCSF has one original time where Windows has two: nobody can tell which it was. */
const times = new Set(['TimeCreated', 'UtcTime']);

/** Names that Sysmon has and the audits of Windows have not: those have others for the same facts. */
const notInAudits = new Set([
  ...['Image', 'User', 'SourceIp', 'DestinationIp', 'DestinationPort', 'Initiated', 'LogonId'],
  ...['TargetFilename', 'TargetObject', 'Details', 'PipeName'],
]);
const notElsewhere = new Set(['Application', 'ObjectName']);

/** Names that events of a number do not have, where others of their class do. */
const notInEvent: Readonly<Record<number, readonly string[]>> = {
  10: ['SourceProcessGuid', 'TargetProcessGuid'],
  19: ['PipeName'],
  20: ['PipeName'],
  4103: ['ScriptBlockText'],
  4662: ['TargetUserName', 'TargetSid', 'ObjectDN', 'ObjectClass'],
  4697: ['ImagePath'],
  4768: ['TargetUserSid'],
  4776: ['WorkstationName'],
  4778: ['WorkstationName', 'IpAddress'],
  4779: ['WorkstationName', 'IpAddress'],
  5136: ['TargetUserName', 'TargetSid', 'ObjectName', 'ObjectType'],
  5137: ['TargetUserName', 'TargetSid', 'ObjectName', 'ObjectType'],
  5141: ['TargetUserName', 'TargetSid', 'ObjectName', 'ObjectType'],
};

/** Which names of ours a document may lead to, by whether it was made from a Windows event and from which. */
export function ownNamesFor(fields: Fields, isOfWindows: boolean): OwnNames {
  const { EventID: eventId, Provider_Name: provider, Channel: channel } = fields;
  const unusual = typeof eventId === 'number' ? notInEvent[eventId] : undefined;
  const isAudit =
    provider === 'Microsoft-Windows-Security-Auditing' ||
    (typeof channel === 'string' && channel.toLowerCase() === 'security');
  const others = isOfWindows && isAudit ? notInAudits : notElsewhere;
  return {
    key: `${String(isOfWindows)}/${String(isAudit)}`,
    isWanted: (sigma) => !times.has(sigma) && (isOfWindows || !envelope.has(sigma)),
    isSecond: (sigma) => others.has(sigma) || unusual?.includes(sigma) === true,
  };
}

/** What a document says of the Windows event that it was made from. */
export interface WindowsEnvelope {
  readonly provider: FieldValue | undefined;
  readonly channel: FieldValue | undefined;
  readonly eventId: FieldValue | undefined;
}

/**
 * Puts a Windows event's envelope back, and gives its class, activity and severity (0: the table does not name it);
 * null where the document is of no Windows event.
 */
export function restoreWindowsEnvelope(
  fields: DraftFields,
  { provider, channel, eventId }: WindowsEnvelope,
): readonly [classUid: number, activityId: number, severityId: number] | null {
  const number =
    typeof eventId === 'string' && /^\d{1,6}$/.test(eventId) ? Number(eventId) : eventId;
  const own: DraftFields = Object.assign(Object.create(null) as DraftFields, fields);
  if (provider !== undefined) own.Provider_Name = provider;
  if (channel !== undefined) own.Channel = channel;
  if (number !== undefined) own.EventID = number;
  const meaning = classifyWindows(own);
  if (meaning[0] === 0 && !isMicrosofts(provider) && !isWindowsChannel(channel)) return null;
  for (const name of ['Provider_Name', 'Channel', 'EventID']) {
    const value = own[name];
    if (value !== undefined) fields[name] ??= value;
  }
  return meaning;
}

function isMicrosofts(name: unknown): boolean {
  return typeof name === 'string' && name.startsWith('Microsoft-');
}

/** Windows' own four logs, and how those of products are called. */
function isWindowsChannel(name: unknown): boolean {
  return (
    typeof name === 'string' &&
    (isMicrosofts(name) ||
      /^(application|system|security|setup|directory service|windows powershell|msexchange management)$|\/(operational|admin)$/i.test(
        name,
      ))
  );
}

/** Moves what a projection of ours put under a name of its own back to where it was (`unmapped.X` to `X`). */
export function unnest(fields: DraftFields, prefixes: readonly string[]): void {
  for (const name of Object.keys(fields)) {
    const prefix = prefixes.find((each) => name.startsWith(each));
    const value = fields[name];
    if (prefix === undefined || value === undefined) continue;
    fields[name.slice(prefix.length)] ??= value;
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- moved; the record without prototype is ours
    delete fields[name];
  }
}

/** `DOMAIN\name`; the name alone where it tells its domain itself or none is known. */
export function accountOf(fields: Fields, place: string): string | null {
  const name = fields[`${place}.name`];
  const domain = fields[`${place}.domain`];
  const isName = typeof name === 'string' && name !== '' && name !== '-' && name.length <= 256;
  if (!isName) return null;
  const hasDomain = typeof domain === 'string' && domain !== '' && domain.length <= 256;
  return hasDomain && !/[\\@]/.test(name) ? `${domain}\\${name}` : name;
}
