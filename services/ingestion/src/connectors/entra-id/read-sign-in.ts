import {
  firstName,
  firstText,
  firstTime,
  idOf,
  parseAddress,
  recordOf,
  severityOf,
  textOf,
  toJson,
} from '../json-values.ts';
import type { ReadEvent } from '../json-values.ts';
import type { DraftFields } from '../record-fields.ts';
import { addFacts, addField, factOf, nestedOf, readFields } from './entra-record.ts';
import type { EntraRecord } from './entra-record.ts';

const facts = [
  ...['id', 'createdDateTime', 'correlationId', 'userPrincipalName', 'userDisplayName', 'userId'],
  ...[
    'servicePrincipalName',
    'servicePrincipalId',
    'appId',
    'appDisplayName',
    'resourceDisplayName',
  ],
  ...['clientAppUsed', 'userAgent', 'conditionalAccessStatus', 'authenticationRequirement'],
  ...['riskLevelDuringSignIn', 'riskLevelAggregated', 'riskState', 'riskDetail'],
] as const;

/** A sign-in of a user, a service principal or a managed identity, interactive or not. */
export function readSignIn(opened: EntraRecord, receivedAt: number): ReadEvent {
  const fields = readFields(opened);
  addFacts(fields, opened, facts);
  addAddress(fields, factOf(opened, 'ipAddress'), opened.record.callerIpAddress);
  addParts(fields, opened);
  addOutcome(fields, opened);
  addSigmaNames(fields, opened);
  const time = firstTime(
    receivedAt,
    fields.createdDateTime,
    opened.record.time,
    opened.record.TimeGenerated,
  );
  return {
    source: 'entra-id',
    occurredAt: time ?? receivedAt,
    meaning: [3002, 1, riskOf(fields)],
    sourceRef: referenceOf(fields, time),
    hostname: firstName(fields['deviceDetail.displayName']),
    userName: firstName(
      ...[fields.userPrincipalName, fields.servicePrincipalName],
      ...[fields.userDisplayName, opened.record.identity, fields.userId],
    ),
    fields,
  };
}

/** What the log says of the risk; a sign-in without any is informational. */
function riskOf(fields: DraftFields): number {
  if (fields.riskState === 'confirmedCompromised') return 4;
  const words = [fields.riskLevelDuringSignIn, fields.riskLevelAggregated];
  return Math.max(1, ...words.map((word) => severityOf(word)));
}

/** The record's own id; several steps of one sign-in share a correlation id, so that needs the time. */
export function referenceOf(fields: DraftFields, time: number | null): string | null {
  const id = firstName(fields.id, fields.Id);
  if (id !== null) return id;
  const correlation = firstName(fields.correlationId, fields.CorrelationId);
  return correlation === null || time === null ? null : `${correlation}:${String(time)}`;
}

/** The first of the texts that is an address; some records have an id in its place. */
export function addAddress(fields: DraftFields, ...texts: readonly unknown[]): void {
  for (const text of texts) {
    const { address, port } = parseAddress(textOf(text) ?? '');
    if (address === null) continue;
    fields.ipAddress = address;
    if (port !== null) fields.ipPort = port;
    return;
  }
}

function addParts(fields: DraftFields, opened: EntraRecord): void {
  const device = recordOf(nestedOf(opened, 'deviceDetail'));
  for (const name of [
    'displayName',
    'deviceId',
    'operatingSystem',
    'browser',
    'trustType',
    'isCompliant',
  ]) {
    addField(fields, `deviceDetail.${name}`, device[name]);
    addField(
      fields,
      name === 'trustType' ? 'DeviceDetail.trusttype' : `DeviceDetail.${name}`,
      device[name],
    );
  }
  const location = recordOf(nestedOf(opened, 'location') ?? nestedOf(opened, 'locationDetails'));
  for (const name of ['countryOrRegion', 'city', 'state'])
    addField(fields, `location.${name}`, location[name]);
}

/** Success is error 0. What Entra calls interrupted (a second step was asked for) is no success yet. */
function addOutcome(fields: DraftFields, opened: EntraRecord): void {
  const status = recordOf(nestedOf(opened, 'status'));
  const code = idOf(status.errorCode) ?? idOf(factOf(opened, 'resultType'));
  const additional = firstText(status.additionalDetails);
  addField(fields, 'status.errorCode', code === null ? null : Number(code));
  addField(fields, 'status.failureReason', status.failureReason);
  addField(fields, 'status.additionalDetails', additional);
  if (code !== null && Number.isInteger(Number(code))) {
    fields.status_id = Number(code) === 0 ? 1 : 2;
    fields.Status = Number(code) === 0 ? 'success' : 'failure';
    fields.ResultType = Number(code);
  }
  const requirement = fields.authenticationRequirement;
  if (requirement === 'multiFactorAuthentication' || additional?.startsWith('MFA ') === true) {
    fields.is_mfa = true;
  } else if (requirement === 'singleFactorAuthentication') fields.is_mfa = false;
}

/** How Entra's protocols are called in rules. */
const protocolNames: ReadonlyMap<unknown, string> = new Map([
  ['deviceCode', 'Device Code'],
  ['ropc', 'ROPC'],
]);

/** The names by which Sigma's rules for sign-in logs know facts that the record names otherwise. */
function addSigmaNames(fields: DraftFields, opened: EntraRecord): void {
  const description = firstText(
    ...[fields['status.failureReason'], factOf(opened, 'resultDescription')],
    fields['status.additionalDetails'],
  );
  fields.ActivityDetails ??= 'Sign-ins';
  // Rules for sign-in logs are bound to records with these two.
  fields.ConditionalAccessStatus ??= fields.conditionalAccessStatus ?? 'notApplied';
  fields.ResultType ??= null;
  addField(fields, 'ResultDescription', description);
  addField(fields, 'Resultdescription', description);
  addField(fields, 'AuthenticationRequirement', fields.authenticationRequirement);
  addField(fields, 'RiskState', fields.riskState);
  addField(fields, 'ResourceDisplayName', fields.resourceDisplayName);
  addField(fields, 'ClientApp', fields.clientAppUsed);
  addField(fields, 'Username', fields.userPrincipalName);
  addField(fields, 'NetworkLocationDetails', toJson(nestedOf(opened, 'networkLocationDetails')));
  const protocol = factOf(opened, 'authenticationProtocol');
  addField(fields, 'properties.message', protocolNames.get(protocol) ?? description);
}
