import {
  firstName,
  firstText,
  firstTime,
  idOf,
  recordOf,
  severityOf,
  textOf,
} from '../json-values.ts';
import type { ReadEvent } from '../json-values.ts';
import { addFacts, addField, factOf, nestedOf, readFields } from './entra-record.ts';
import type { EntraRecord } from './entra-record.ts';
import { addAddress, referenceOf } from './read-sign-in.ts';

const apiActivity = 6003;
const other = 99;

const methods: ReadonlyMap<string, number> = new Map([
  ['POST', 1],
  ['GET', 2],
  ['HEAD', 2],
  ['PUT', 3],
  ['PATCH', 3],
  ['DELETE', 4],
]);

/** A call of Microsoft Graph. It names who called by an id only. */
export function readGraphActivity(opened: EntraRecord, receivedAt: number): ReadEvent {
  const fields = readFields(opened);
  addFacts(fields, opened, [
    ...['requestId', 'requestMethod', 'requestUri', 'responseStatusCode', 'userAgent'],
    ...['appId', 'userId', 'servicePrincipalId', 'correlationId', 'scopes', 'roles'],
  ]);
  addAddress(fields, factOf(opened, 'ipAddress'), opened.record.callerIpAddress);
  const code = Number(idOf(fields.responseStatusCode) ?? Number.NaN);
  if (code > 0) fields.status_id = code < 400 ? 1 : 2;
  const method = firstText(fields.requestMethod)?.toUpperCase() ?? '';
  const time = firstTime(receivedAt, factOf(opened, 'timeGenerated'), opened.record.time);
  return {
    source: 'entra-id',
    occurredAt: time ?? receivedAt,
    meaning: [apiActivity, methods.get(method) ?? other, 1],
    sourceRef: firstName(fields.requestId) ?? referenceOf(fields, time),
    hostname: null,
    userName: firstName(factOf(opened, 'userPrincipalName')),
    fields,
  };
}

/** Azure's activity log: operations on resources, `MICROSOFT.COMPUTE/VIRTUALMACHINES/DELETE`. */
export function readAzureActivity(opened: EntraRecord, receivedAt: number): ReadEvent {
  const { record } = opened;
  const fields = readFields(opened);
  const operation =
    firstText(record.operationName, record.OperationNameValue, record.OperationName) ?? '';
  addField(fields, 'operationName', operation);
  addField(fields, 'OperationNameValue', operation);
  addField(fields, 'CategoryValue', firstText(record.category, record.Category));
  addField(fields, 'ResourceProviderValue', operation.split('/', 1)[0]);
  addField(fields, 'ResourceId', record.resourceId);
  addField(fields, 'correlationId', record.CorrelationId);
  addAddress(fields, record.callerIpAddress, record.CallerIpAddress);
  const claims = recordOf(recordOf(nestedOf(opened, 'identity')).claims);
  const outcome = firstText(record.resultType, record.ActivityStatusValue)?.toLowerCase() ?? '';
  if (/^(?:succe|accept)/.test(outcome)) fields.status_id = 1;
  if (outcome.startsWith('fail')) fields.status_id = 2;
  const time = firstTime(receivedAt, record.time, record.TimeGenerated, record.eventTimestamp);
  const id = firstName(record.eventDataId, record.EventDataId);
  return {
    source: 'entra-id',
    occurredAt: time ?? receivedAt,
    meaning: [apiActivity, activityOf(operation), 1],
    sourceRef: id,
    hostname: null,
    userName: firstName(
      ...[record.caller, record.Caller, claims.upn, claims.name],
      claims['http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn'],
    ),
    fields,
  };
}

function activityOf(operation: string): number {
  const verb = operation.slice(operation.lastIndexOf('/') + 1).toLowerCase();
  if (verb === 'write') return 3;
  if (verb === 'delete') return 4;
  return verb === 'read' ? 2 : other;
}

/** A risk that Entra found in a sign-in or account, or an alert about privileged roles. */
export function readRisk(opened: EntraRecord, receivedAt: number): ReadEvent {
  const fields = readFields(opened);
  addFacts(fields, opened, [
    ...['id', 'riskEventType', 'riskLevel', 'riskState', 'riskDetail', 'detectedDateTime'],
    ...[
      'activityDateTime',
      'lastUpdatedDateTime',
      'userPrincipalName',
      'userDisplayName',
      'userId',
    ],
    ...['correlationId', 'activity', 'source', 'assigneeUserPrincipalName'],
  ]);
  const odataType = textOf(opened.record['@odata.type']) ?? '';
  addField(fields, 'riskEventType', odataType.slice(odataType.lastIndexOf('.') + 1));
  addAddress(fields, factOf(opened, 'ipAddress'), opened.record.callerIpAddress);
  const time = firstTime(
    receivedAt,
    ...[fields.activityDateTime, fields.detectedDateTime, opened.record.time],
    opened.record.TimeGenerated,
  );
  const id = firstName(fields.id);
  const version = firstName(fields.lastUpdatedDateTime);
  const severity = severityOf(fields.riskLevel);
  return {
    source: 'entra-id',
    occurredAt: time ?? receivedAt,
    meaning: [2004, 1, severity === 0 ? 3 : severity],
    // The same risk comes again when its state changes.
    sourceRef: id === null ? null : `risk:${id}:${version ?? ''}`,
    hostname: null,
    userName: firstName(
      fields.userPrincipalName,
      fields.assigneeUserPrincipalName,
      fields.userDisplayName,
    ),
    fields,
  };
}
