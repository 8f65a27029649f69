import { findField, kindOf } from './field-catalogue.ts';
import type { Fields, FieldValue, NormalisedEvent } from './event.ts';
import { putEcsValue } from './ecs-values.ts';
import { hasNoValue, parseAccount } from './field-values.ts';
import type { JsonObject } from './json-path.ts';
import { isJsonObject, putAt } from './json-path.ts';
import { activityName, findOcsfClass, ocsfVersion } from './ocsf-classes.ts';
import { toOcsfValue } from './ocsf-values.ts';

const severityNames = ['Unknown', 'Informational', 'Low', 'Medium', 'High', 'Critical', 'Fatal'];
const categoryNames = [
  'Uncategorized',
  'System Activity',
  'Findings',
  'Identity & Access Management',
  'Network Activity',
  'Discovery',
  'Application Activity',
  'Remediation',
];

/**
 * The event in our own shape: OCSF names where OCSF has them, every other field under `fields` by its own name.
 * Fields without a value (`-`, empty) are left out.
 */
export function toNative(event: NormalisedEvent): Readonly<JsonObject> {
  const { attributes, rest } = toAttributes(event);
  const ocsfClass = findOcsfClass(event.classUid);
  return {
    class_uid: event.classUid,
    class_name: event.classUid === 0 ? 'unmapped' : (ocsfClass?.caption ?? 'Base Event'),
    activity_id: event.activityId,
    type_uid: event.classUid * 100 + event.activityId,
    time: event.occurredAt,
    severity_id: event.severityId,
    ...attributes,
    fields: rest,
  };
}

/**
 * The event as OCSF: typed attributes, and `unmapped` for what the class has no attribute for or whose value
 * has not the attribute's type. `raw_data` is the caller's to add.
 */
export function toOcsf(event: NormalisedEvent): Readonly<JsonObject> {
  const { attributes, rest } = toAttributes(event);
  const ocsfClass = findOcsfClass(event.classUid);
  // Classes of the Windows extension are offset by 200,000.
  const categoryUid = Math.floor((event.classUid % 100_000) / 1000);
  const activity = activityName(event.classUid, event.activityId);
  const caption = ocsfClass?.caption ?? 'Base Event';
  return {
    class_uid: event.classUid,
    class_name: caption,
    category_uid: categoryUid,
    category_name: categoryNames[categoryUid] ?? 'Other',
    activity_id: event.activityId,
    activity_name: activity,
    type_uid: event.classUid * 100 + event.activityId,
    type_name: `${caption}: ${activity}`,
    time: event.occurredAt,
    severity_id: event.severityId,
    severity: severityNames[event.severityId] ?? 'Other',
    ...attributes,
    ...(Object.keys(rest).length > 0 && { unmapped: rest }),
  };
}

/** The event as Elastic Common Schema; what ECS has no field for is under `winlog.event_data`, or `vedette`. */
export function toEcs(event: NormalisedEvent): Readonly<JsonObject> {
  const ocsfClass = findOcsfClass(event.classUid);
  const activity = activityName(event.classUid, event.activityId);
  const document: JsonObject = {
    '@timestamp': new Date(event.occurredAt).toISOString(),
    ecs: { version: '9.0.0' },
    event: {
      kind: Math.floor(event.classUid / 1000) === 2 ? 'alert' : 'event',
      category: ocsfClass?.ecsCategory ?? [],
      type: [ecsEventTypes[activity] ?? 'info'],
      severity: event.severityId,
    },
  };
  if (event.hostname !== undefined) putAt(document, 'host.name', event.hostname);
  const rest = emptyFields();
  const kind = kindOf(event);
  for (const [name, value] of Object.entries(event.fields)) {
    if (hasNoValue(value)) continue;
    const entry = findField(kind, name);
    const isPut = entry?.ecs && putEcsValue(document, entry.ecs, entry.type, value);
    if (!isPut) rest[name] = value;
  }
  putAt(document, 'event.action', activity.toLowerCase().replaceAll(' ', '-'));
  if (event.userName !== undefined && !('user' in document)) {
    putAt(document, 'user', parseAccount(event.userName));
  }
  const isWindows = Object.hasOwn(event.fields, 'EventID');
  if (Object.keys(rest).length > 0)
    putAt(document, isWindows ? 'winlog.event_data' : 'vedette', rest);
  return document;
}

/** The event by Sigma's names: its fields as they are. */
export function toSigma(event: NormalisedEvent): Fields {
  return event.fields;
}

/** `event.type` of ECS by OCSF's activity. */
const ecsEventTypes: Readonly<Record<string, string>> = {
  Create: 'creation',
  Launch: 'start',
  Logon: 'start',
  Start: 'start',
  Load: 'start',
  Execute: 'start',
  Open: 'start',
  Terminate: 'end',
  Logoff: 'end',
  Close: 'end',
  Stop: 'end',
  Update: 'change',
  Modify: 'change',
  Set: 'change',
  Rename: 'change',
  Inject: 'change',
  Delete: 'deletion',
  Clear: 'deletion',
  Read: 'access',
  Access: 'access',
  Refuse: 'denied',
};

function emptyFields(): Record<string, FieldValue> {
  return Object.create(null) as Record<string, FieldValue>;
}

interface Attributes {
  readonly attributes: JsonObject;
  readonly rest: Fields;
}

function toAttributes(event: NormalisedEvent): Attributes {
  const attributes: JsonObject = {
    device: { type_id: 0 },
    metadata: {
      version: ocsfVersion,
      product: productOf(event),
    },
  };
  if (event.hostname !== undefined) putAt(attributes, 'device.hostname', event.hostname);
  const rest = emptyFields();
  const kind = kindOf(event);
  for (const [name, value] of Object.entries(event.fields)) {
    if (hasNoValue(value)) continue;
    const entry = findField(kind, name);
    const converted = entry === null ? null : toOcsfValue(entry.type, value);
    if (entry?.ocsf && converted !== null) putAt(attributes, entry.ocsf, converted);
    else rest[name] = value;
  }
  completeProcesses(event, attributes);
  completeUser(event, attributes);
  completeStatus(event, attributes);
  return { attributes, rest };
}

/** A Windows record names its provider; any other source is one product. */
function productOf({ source, fields }: NormalisedEvent): JsonObject {
  const provider = fields.Provider_Name;
  if (typeof provider !== 'string') return products[source] ?? { name: source };
  return provider.startsWith('Microsoft-')
    ? { name: provider, vendor_name: 'Microsoft' }
    : { name: provider };
}

/** OCSF `metadata.product` by connector type. */
const products: Readonly<Record<string, JsonObject>> = {
  'sophos-central': { name: 'Sophos Central', vendor_name: 'Sophos' },
  'sophos-firewall': { name: 'Sophos Firewall', vendor_name: 'Sophos' },
  'cloud-optix': { name: 'Cloud Optix', vendor_name: 'Sophos' },
  osquery: { name: 'osquery', vendor_name: 'osquery Foundation' },
  'aws-cloudtrail': { name: 'CloudTrail', vendor_name: 'AWS' },
  'aws-guardduty': { name: 'GuardDuty', vendor_name: 'AWS' },
  'm365-audit': { name: 'Microsoft 365 Management Activity', vendor_name: 'Microsoft' },
  'entra-id': { name: 'Entra ID', vendor_name: 'Microsoft' },
  okta: { name: 'Okta', vendor_name: 'Okta' },
  zeek: { name: 'Zeek', vendor_name: 'Zeek' },
};

/** Processes are named after their file; whoever launches one is its parent, and OCSF's actor as well. */
function completeProcesses(event: NormalisedEvent, attributes: JsonObject): void {
  const process = objectAt(attributes, 'process');
  const parent = objectAt(process, 'parent_process');
  const actor = objectAt(objectAt(attributes, 'actor'), 'process');
  for (const each of [process, parent, actor]) {
    const name = objectAt(each, 'file')?.name;
    if (each !== null && name !== undefined) each.name = name;
  }
  const isLaunch = event.classUid === 1007 && event.activityId === 1;
  if (isLaunch && parent !== null) putAt(attributes, 'actor.process', parent);
}

function objectAt(node: JsonObject | null, key: string): JsonObject | null {
  const child: unknown = node?.[key];
  return isJsonObject(child) ? child : null;
}

/** A source may tell the user only in its envelope; then it is in no attribute yet. */
function completeUser(event: NormalisedEvent, attributes: JsonObject): void {
  const { userName } = event;
  const isTold =
    'user' in attributes ||
    objectAt(attributes, 'actor')?.user !== undefined ||
    objectAt(attributes, 'process')?.user !== undefined;
  if (userName !== undefined && !isTold) putAt(attributes, 'actor.user', parseAccount(userName));
}

/** OCSF `status_id` by the outcome that a source tells. */
const statusIds = new Map([
  ['success', 1],
  ['failure', 2],
]);

/** Success or failure of a sign-in, where its source has no word for it: a failure has a reason or an NTSTATUS. */
function completeStatus(event: NormalisedEvent, attributes: JsonObject): void {
  const told = statusIds.get(
    typeof attributes.status === 'string' ? attributes.status.toLowerCase() : '',
  );
  if (told !== undefined) {
    attributes.status_id ??= told;
    attributes.status = told === 1 ? 'Success' : 'Failure';
  }
  if (event.classUid !== 3002 || attributes.status_id !== undefined) return;
  const { Status: status, FailureReason: reason, EventID: eventId } = event.fields;
  if (eventId === undefined && event.source !== 'windows-events') return;
  const hasFailed =
    eventId === 4625 || eventId === 4771 || reason !== undefined || Number(status ?? 0) !== 0;
  attributes.status_id = hasFailed ? 2 : 1;
  attributes.status = hasFailed ? 'Failure' : 'Success';
}
