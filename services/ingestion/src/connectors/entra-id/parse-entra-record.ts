import type { NormalisedEvent } from '@vedette/event-model';

import type { JsonRecord } from '../connector-definition.ts';
import { firstName, firstText, firstTime, toEvent } from '../json-values.ts';
import type { ReadEvent } from '../json-values.ts';
import { factOf, nestedOf, openRecord, readFields } from './entra-record.ts';
import type { EntraRecord } from './entra-record.ts';
import { readAzureActivity, readGraphActivity, readRisk } from './read-activity.ts';
import { readAudit } from './read-audit.ts';
import { readSignIn } from './read-sign-in.ts';

/**
 * Normalises one record of Entra ID or Azure in any of its shapes; which kind it is is told by its keys. Never
 * throws for an object: another shape becomes class `unmapped` with its own fields.
 */
export function parseEntraRecord(record: JsonRecord, receivedAt: number): NormalisedEvent {
  const opened = openRecord(record);
  return toEvent(readerOf(opened)(opened, receivedAt));
}

type Reader = (opened: EntraRecord, receivedAt: number) => ReadEvent;

function readerOf(opened: EntraRecord): Reader {
  const has = (name: string): boolean => factOf(opened, name) !== undefined;
  const log = firstText(opened.record.category, opened.record.Category, opened.record.Type) ?? '';
  if (has('riskEventType') || isRoleAlert(opened.record)) return readRisk;
  if (has('requestMethod') && has('requestUri')) return readGraphActivity;
  const isSignIn = has('createdDateTime') && (has('appId') || has('userId')) && has('status');
  if (isSignIn || /signinlogs$/i.test(log)) return readSignIn;
  if (has('activityDisplayName') || nestedOf(opened, 'targetResources') !== undefined)
    return readAudit;
  return isAzureActivity(opened.record) ? readAzureActivity : readOther;
}

/** Privileged Identity Management calls its incidents by type (`…graph.noMfaOnRoleActivationAlertIncident`). */
function isRoleAlert(record: JsonRecord): boolean {
  return firstText(record['@odata.type'])?.endsWith('AlertIncident') ?? false;
}

function isAzureActivity(record: JsonRecord): boolean {
  const resource = firstText(record.resourceId, record.ResourceId, record._ResourceId);
  const operation = firstText(record.operationName, record.OperationNameValue);
  return operation !== null && /^\/subscriptions\//i.test(resource ?? '');
}

function readOther(opened: EntraRecord, receivedAt: number): ReadEvent {
  const { record } = opened;
  const time = firstTime(receivedAt, record.time, record.TimeGenerated, record.createdDateTime);
  return {
    source: 'entra-id',
    occurredAt: time ?? receivedAt,
    meaning: [0, 0, 1],
    sourceRef: null,
    hostname: null,
    userName: firstName(factOf(opened, 'userPrincipalName'), record.identity),
    fields: readFields(opened),
  };
}
