import { readJsonText } from '../cloud-record.ts';
import type { JsonRecord } from '../connector-definition.ts';
import { isRecord } from '../record-fields.ts';

/** EventBridge in SNS in SQS in a list of messages: nobody wraps deeper. */
const maxEnvelopes = 6;

/**
 * The records inside what AWS wraps around them: EventBridge's `detail`, lists (`Records`, `Findings`, `Messages`,
 * `Events` of LookupEvents), and the JSON text of an SNS or SQS message. Null where there is no envelope. An envelope
 * that only says where an object lies (S3 notifications) holds no record and is left as it is.
 */
export function unwrapAws(record: JsonRecord): readonly JsonRecord[] | null {
  let records: readonly JsonRecord[] = [record];
  let isWrapped = false;
  for (let round = 0; round < maxEnvelopes; round += 1) {
    const opened = records.map((each) => ({ each, inside: openEnvelope(each) }));
    if (opened.every(({ inside }) => inside === null)) break;
    isWrapped = true;
    records = opened.flatMap(({ each, inside }) => inside ?? [each]);
  }
  return isWrapped ? records : null;
}

function openEnvelope(record: JsonRecord): readonly JsonRecord[] | null {
  const { detail } = record;
  if (typeof record['detail-type'] === 'string' && isRecord(detail)) return [detail];
  const list = record.Records ?? record.Findings ?? record.findings ?? record.Messages;
  if (Array.isArray(list) && list.length > 0) return list.map(toRecord);
  if (Array.isArray(record.Events) && record.Events.some(holdsCloudTrailText)) {
    return record.Events.map(toRecord);
  }
  if (isRecord(record.Sns)) return [record.Sns];
  const inside = readJsonText(messageText(record));
  if (inside === null) return null;
  return Array.isArray(inside) ? inside.map(toRecord) : [inside as JsonRecord];
}

function holdsCloudTrailText(item: unknown): boolean {
  return isRecord(item) && typeof item.CloudTrailEvent === 'string';
}

/** The text that an SNS notification, an SQS message or an item of LookupEvents carries. */
function messageText(record: JsonRecord): unknown {
  if (record.CloudTrailEvent !== undefined) return record.CloudTrailEvent;
  if (record.TopicArn !== undefined) return record.Message;
  if (record.MessageId !== undefined) return record.Body;
  return record.eventSource === 'aws:sqs' ? record.body : undefined;
}

/** A list may hold anything: what is no object is kept as the text of an unmapped event. */
function toRecord(item: unknown): JsonRecord {
  return isRecord(item) ? item : { message: item };
}
