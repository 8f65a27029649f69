import type { Fields, NormalisedEvent } from '@vedette/event-model';

import { firstOf, nameIn, readDotted, timeIn } from '../cloud-record.ts';
import type { JsonRecord } from '../connector-definition.ts';
import {
  accountOf,
  ownNamesFor,
  restoreWindowsEnvelope,
  sourceOfProduct,
  unnest,
} from '../dialect.ts';
import { severityOf as severityOfWord, toEvent } from '../json-values.ts';
import type { EventMeaning } from '../json-values.ts';
import { restoreOwnNames } from '../own-names.ts';
import { isRecord } from '../record-fields.ts';
import type { DraftFields } from '../record-fields.ts';
import { classify } from './classify.ts';

/**
 * Normalises one ECS document, or a hit of Elasticsearch that holds one. The fields are kept by their dotted ECS
 * names, and stand beside them under the names that rules use. Class and activity come from the Windows event that
 * the document was made from, else from `event.category`, `event.type` and `event.kind`; without any it is `unmapped`.
 * @param receivedAt epoch milliseconds
 */
export function parseEcsDocument(record: JsonRecord, receivedAt: number): NormalisedEvent {
  const isHit = isRecord(record._source) && record._id !== undefined;
  const fields = readDotted(isHit ? (record._source as JsonRecord) : record);
  unnest(fields, ['winlog.event_data.', 'winlog.user_data.', 'vedette.']);
  const meaning = addOwnNames(fields);
  const times = ['@timestamp', 'event.created', 'event.start', 'event.ingested'];
  return toEvent({
    source: 'ecs-json',
    occurredAt: timeIn(fields, times, receivedAt) ?? receivedAt,
    meaning,
    sourceRef: nameIn(fields, ['event.id', '_id']) ?? hitId(record),
    hostname: nameIn(fields, [
      'host.name',
      'host.hostname',
      'winlog.computer_name',
      'agent.hostname',
    ]),
    userName: accountOf(fields, 'user') ?? nameIn(fields, ['user.email', 'user.id']),
    fields,
  });
}

function hitId(record: JsonRecord): string | null {
  return typeof record._id === 'string' && record._id.length <= 512 ? record._id : null;
}

function addOwnNames(fields: DraftFields): EventMeaning {
  const windows = restoreWindowsEnvelope(fields, {
    provider: fields['winlog.provider_name'] ?? fields['event.provider'],
    channel: fields['winlog.channel'],
    eventId: fields['winlog.event_id'] ?? fields['event.code'],
  });
  const [ownClass, ownActivity, ownSeverity] = windows ?? [0, 0, 1];
  const [classUid, activityId] = ownClass === 0 ? classify(fields) : [ownClass, ownActivity];
  const source = sourceOfProduct(firstOf(fields['event.dataset']) ?? fields['event.module']);
  const kind = { ...(source !== undefined && { source }), classUid, eventId: fields.EventID };
  restoreOwnNames(fields, 'ecs', kind, ownNamesFor(fields, windows !== null));
  return [classUid, activityId, severityOf(fields) ?? ownSeverity];
}

/** Elastic's risk numbers: 21 low, 47 medium, 73 high, 99 critical. Up to 6 a number is read as OCSF's. */
const risks: readonly (readonly [least: number, severityId: number])[] = [
  [99, 5],
  [73, 4],
  [47, 3],
  [21, 2],
];

/** Null where the document tells none. */
function severityOf(fields: Fields): number | null {
  const word = severityOfWord(fields['kibana.alert.severity'] ?? fields['rule.severity']);
  if (word !== 0) return word;
  const number = fields['event.severity'] ?? fields['kibana.alert.risk_score'];
  if (typeof number !== 'number') return null;
  if (Number.isInteger(number) && number >= 0 && number <= 6) return number;
  return risks.find(([least]) => number >= least)?.[1] ?? null;
}
