import type { JsonRecord } from '../connector-definition.ts';
import {
  firstName,
  firstText,
  firstTime,
  nameOf,
  recordOf,
  recordsOf,
  textOf,
  toJson,
} from '../json-values.ts';
import type { ReadEvent } from '../json-values.ts';
import type { DraftFields } from '../record-fields.ts';
import { flattenInto, setField } from '../record-fields.ts';
import { meaningOfDirectoryOperation } from './directory-operations.ts';
import { addFacts, addField, factOf, nestedOf, readFields } from './entra-record.ts';
import type { EntraRecord } from './entra-record.ts';
import { addAddress, referenceOf } from './read-sign-in.ts';

const facts = [
  ...['id', 'activityDateTime', 'activityDisplayName', 'correlationId', 'loggedByService'],
  ...['operationType', 'result', 'resultReason', 'userAgent'],
] as const;

const maxTargets = 50;
const maxProperties = 100;

/** An operation on the directory: who did it, to whom or what, and what changed. */
export function readAudit(opened: EntraRecord, receivedAt: number): ReadEvent {
  const fields = readFields(opened);
  addFacts(fields, opened, facts);
  const initiator = recordOf(nestedOf(opened, 'initiatedBy'));
  const targets = recordsOf(nestedOf(opened, 'targetResources')).slice(0, maxTargets);
  addInitiator(fields, opened, initiator);
  const hostname = addTargets(fields, targets);
  addOutcome(fields);
  addSigmaNames(fields, opened, targets);
  const time = firstTime(
    receivedAt,
    fields.activityDateTime,
    opened.record.time,
    opened.record.TimeGenerated,
  );
  const { user, app } = { user: recordOf(initiator.user), app: recordOf(initiator.app) };
  return {
    source: 'entra-id',
    occurredAt: time ?? receivedAt,
    meaning: meaningOfDirectoryOperation(firstText(fields.activityDisplayName) ?? ''),
    sourceRef: referenceOf(fields, time),
    hostname,
    userName: firstName(
      ...[user.userPrincipalName, user.displayName, app.displayName],
      ...[app.servicePrincipalName, opened.record.identity, user.id],
    ),
    fields,
  };
}

function addInitiator(fields: DraftFields, opened: EntraRecord, initiator: JsonRecord): void {
  for (const kind of ['user', 'app']) {
    const held = recordOf(initiator[kind]);
    for (const name of ['id', 'displayName', 'userPrincipalName', 'servicePrincipalId', 'appId']) {
      if (textOf(held[name]) !== null) addField(fields, `initiatedBy.${kind}.${name}`, held[name]);
    }
  }
  addAddress(fields, recordOf(initiator.user).ipAddress, opened.record.callerIpAddress);
}

/**
 * Names of the targets and what changed of each (`modifiedProperties.Role.DisplayName`), whose values are JSON
 * inside JSON. Returns the device among them: the host that the operation is about.
 */
function addTargets(fields: DraftFields, targets: readonly JsonRecord[]): string | null {
  let hostname: string | null = null;
  for (const target of targets) {
    const name = firstName(target.userPrincipalName, target.displayName);
    const type = firstText(target.type, target.Type);
    if (type === 'Device') hostname ??= nameOf(target.displayName);
    const isUser = type === 'User';
    if (name !== null && (isUser || fields.Target === undefined)) fields.Target ??= name;
    if (isUser) addField(fields, 'targetUserId', nameOf(target.id));
    for (const property of recordsOf(target.modifiedProperties).slice(0, maxProperties)) {
      const key = nameOf(property.displayName);
      if (key === null) continue;
      const path = `modifiedProperties.${key}`;
      // What was removed is named by the old value alone.
      addField(fields, path, unquoted(property.newValue) ?? unquoted(property.oldValue));
      addField(fields, `${path}.oldValue`, unquoted(property.oldValue));
      if (key.startsWith('ConsentContext.')) addField(fields, key, unquoted(property.newValue));
    }
  }
  return hostname;
}

/** `"Global Administrator"` and `["a"]` are JSON inside JSON: the text alone where there is only one. */
function unquoted(value: unknown): string | null {
  const text = textOf(value);
  if (text === null) return null;
  const match = /^\[?"([^"\\]*)"\]?$/.exec(text);
  return match?.[1] ?? text;
}

function addOutcome(fields: DraftFields): void {
  const result = firstText(fields.result, fields.Result)?.toLowerCase();
  if (result === undefined) return;
  fields.status_id = result === 'success' ? 1 : 2;
  fields.Status = result === 'success' ? 'success' : 'failure';
}

/** The names by which Sigma's rules for audit logs know facts that the record names otherwise. */
function addSigmaNames(
  fields: DraftFields,
  opened: EntraRecord,
  targets: readonly JsonRecord[],
): void {
  const activity = firstText(fields.activityDisplayName);
  for (const name of [
    'ActivityDisplayName',
    'OperationName',
    'operationName',
    'ActivityType',
    'activityType',
  ]) {
    addField(fields, name, activity);
  }
  addField(fields, 'Category', factOf(opened, 'category'));
  addField(fields, 'category', fields.Category);
  addField(fields, 'LoggedByService', fields.loggedByService);
  addField(fields, 'properties.result', fields.result);
  addField(fields, 'failure_status_reason', fields.resultReason);
  addField(
    fields,
    'Initiatedby',
    fields['initiatedBy.user.userPrincipalName'] ?? fields['initiatedBy.app.displayName'],
  );
  addDetails(fields, opened);
  addTargetTexts(fields, targets, activity);
}

/** `[{key, value}]` as `additionalDetails.<key>`; rules write the key's first letter small. */
function addDetails(fields: DraftFields, opened: EntraRecord): void {
  for (const { key, value } of recordsOf(nestedOf(opened, 'additionalDetails')).slice(
    0,
    maxProperties,
  )) {
    const name = nameOf(key);
    if (name !== null && typeof value === 'string') {
      addField(fields, `additionalDetails.${name.charAt(0).toLowerCase()}${name.slice(1)}`, value);
    }
  }
}

/** Rules look for words in the targets as text, and in what changed. */
function addTargetTexts(
  fields: DraftFields,
  targets: readonly JsonRecord[],
  activity: string | null,
): void {
  const text = toJson(targets);
  const changes = targets
    .flatMap((target) => recordsOf(target.modifiedProperties))
    .slice(0, maxProperties);
  const changed = changes.flatMap((change) => toJson(change)?.slice(1, -1) ?? []);
  if (text !== null && targets.length > 0) {
    fields.TargetResources = text;
    addField(fields, 'properties.targetResources', text);
    if (fields['targetResources.type'] === undefined)
      flattenInto(fields, 'targetResources', targets);
  }
  if (changed.length > 0) setField(fields, 'TargetResources.modifiedProperties', changed);
  const list = (name: string): readonly unknown[] =>
    changes.map((change) => textOf(change[name])).filter(Boolean);
  for (const [capital, own] of [
    ['DisplayName', 'displayName'],
    ['NewValue', 'newValue'],
  ] as const) {
    if (list(own).length === 0) continue;
    setField(fields, `TargetResources.ModifiedProperties.${capital}`, list(own));
    setField(fields, `TargetResources.modifiedProperties.${own}`, list(own));
  }
  if (activity !== null) addField(fields, 'properties.message', [activity, ...changed]);
}
