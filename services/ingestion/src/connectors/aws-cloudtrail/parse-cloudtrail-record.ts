import type { Fields, NormalisedEvent } from '@vedette/event-model';

import { nameIn, readDotted, setJsonText, timeIn } from '../cloud-record.ts';
import type { JsonRecord } from '../connector-definition.ts';
import { nameOf, toEvent } from '../json-values.ts';
import { classify } from './classify.ts';

/**
 * Normalises one CloudTrail record. Another shape becomes class `unmapped` with its own fields.
 * @param receivedAt epoch milliseconds
 */
export function parseCloudTrailRecord(record: JsonRecord, receivedAt: number): NormalisedEvent {
  const fields = readDotted(record);
  const meaning = classify(fields);
  if (meaning[0] !== 0) {
    setJsonText(fields, 'requestParameters', record.requestParameters);
    setJsonText(fields, 'responseElements', record.responseElements);
    fields.outcome = hasFailed(fields) ? 'failure' : 'success';
  }
  return toEvent({
    source: 'aws-cloudtrail',
    occurredAt: timeIn(fields, ['eventTime'], receivedAt) ?? receivedAt,
    meaning,
    sourceRef: nameIn(fields, ['eventID']),
    hostname: null,
    userName: readUser(fields),
    fields,
  });
}

/** A call fails with an error code; a sign-in says so under its own name. */
function hasFailed(fields: Fields): boolean {
  const { errorCode, eventName } = fields;
  if (errorCode !== undefined && errorCode !== null && errorCode !== '') return true;
  const name = String(eventName);
  return (
    fields[`responseElements.${name}`] === 'Failure' ||
    fields[`serviceEventDetails.${name}`] === 'Failure'
  );
}

/** AWS hides what was typed as a user name where no such user exists. */
const hidden = 'HIDDEN_DUE_TO_SECURITY_REASONS';

/** Who acted: a user's name, `root`, or `role/session` of who took on a role. A service is nobody. */
function readUser(fields: Fields): string | null {
  const type = fields['userIdentity.type'];
  if (type === 'AWSService') return null;
  if (type === 'Root') return 'root';
  const session = sessionOf(fields['userIdentity.arn']);
  if (session !== null) return session;
  const name = nameIn(fields, [
    'userIdentity.userName',
    'additionalEventData.UserName',
    'userIdentity.sessionContext.sessionIssuer.userName',
    'userIdentity.onBehalfOf.userId',
    'userIdentity.principalId',
  ]);
  return name === hidden ? null : name;
}

function sessionOf(arn: unknown): string | null {
  if (typeof arn !== 'string' || arn.length > 2048) return null;
  return nameOf(/:(?:assumed-role|federated-user)\/(.+)$/.exec(arn)?.[1]);
}
