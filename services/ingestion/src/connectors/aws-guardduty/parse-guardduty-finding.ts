import type { Fields, NormalisedEvent } from '@vedette/event-model';

import { nameIn, readDotted, timeIn } from '../cloud-record.ts';
import type { JsonRecord } from '../connector-definition.ts';
import { toEvent } from '../json-values.ts';
import { readFinding } from './finding-fields.ts';

const source = 'aws-guardduty';
const findingClass = 2004;

/**
 * Normalises one GuardDuty finding: as EventBridge (camel case) or the API (capitals) has it, or in Security Hub's
 * format. Another shape becomes class `unmapped` with its own fields.
 * @param receivedAt epoch milliseconds
 */
export function parseGuardDutyFinding(record: JsonRecord, receivedAt: number): NormalisedEvent {
  const finding = readFinding(record);
  if (!isGuardDutyFinding(finding)) return unknownShape(record, receivedAt);
  const times = ['updatedAt', 'service.eventLastSeen', 'createdAt'];
  return toEvent({
    source,
    occurredAt: timeIn(finding, times, receivedAt) ?? receivedAt,
    meaning: [findingClass, activityOf(finding), severityOf(finding)],
    sourceRef: readSourceRef(finding),
    hostname: nameIn(finding, ['resource.instanceDetails.instanceId']),
    userName: nameIn(finding, userFields),
    fields: finding,
  });
}

function unknownShape(record: JsonRecord, receivedAt: number): NormalisedEvent {
  const fields = readDotted(record);
  return toEvent({
    source,
    occurredAt: receivedAt,
    meaning: [0, 0, 1],
    sourceRef: null,
    hostname: null,
    userName: null,
    fields,
  });
}

/** Whose credentials were used, or who signed in; GuardDuty's samples name one on every kind of resource. */
const userFields = [
  'resource.accessKeyDetails.userName',
  'resource.kubernetesDetails.kubernetesUserDetails.username',
  'resource.rdsDbUserDetails.user',
  'resources.details.AwsIamAccessKey.PrincipalName',
  'resources.details.awsIamAccessKey.principalName',
];

function isGuardDutyFinding(fields: Fields): boolean {
  if (nameIn(fields, ['id']) === null || typeof fields.type !== 'string') return false;
  if (fields.awsAccountId !== undefined) return fields.productName === 'GuardDuty';
  const service = fields['service.serviceName'] ?? fields['service.detectorId'];
  return service !== undefined || fields['resource.resourceType'] !== undefined;
}

function countOf(fields: Fields): number {
  const count = Number(fields['service.count'] ?? 1);
  return Number.isSafeInteger(count) ? count : 1;
}

/** GuardDuty sends a finding again when it is seen again: that is an update. Archived is its word for closed. */
function activityOf(fields: Fields): number {
  const archived = fields['service.archived'] ?? fields.recordState;
  if (archived === true || archived === 'true' || archived === 'ARCHIVED') return 3;
  return countOf(fields) > 1 ? 2 : 1;
}

/** The same finding comes with a higher count or a later update: each is a record of its own, told once. */
function readSourceRef(fields: Fields): string | null {
  const id = nameIn(fields, ['id']);
  if (id === null) return null;
  const updatedAt = nameIn(fields, ['updatedAt']) ?? '';
  return `${id}|${String(countOf(fields))}|${updatedAt}`;
}

/** Bands of GuardDuty's number: from 1 low, 4 medium, 7 high, 9 critical. */
function severityOf(fields: Fields): number {
  const severity = Number(fields.severity ?? fields['severity.product'] ?? Number.NaN);
  if (!(severity >= 0 && severity <= 10)) return 0;
  if (severity >= 9) return 5;
  if (severity >= 7) return 4;
  if (severity >= 4) return 3;
  return severity >= 1 ? 2 : 1;
}
