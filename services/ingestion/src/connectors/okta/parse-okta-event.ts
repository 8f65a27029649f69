import type { NormalisedEvent } from '@vedette/event-model';

import { nameIn, readDotted, timeIn } from '../cloud-record.ts';
import type { JsonRecord } from '../connector-definition.ts';
import { toEvent } from '../json-values.ts';
import { isRecord, setField } from '../record-fields.ts';
import type { DraftFields } from '../record-fields.ts';
import { classify } from './classify.ts';

/** Results of Okta that mean that it did what was asked. */
const succeeded = ['SUCCESS', 'ALLOW'];
/** Results that mean that it did not; CHALLENGE, DEFERRED, SKIPPED and UNKNOWN are neither. */
const failed = ['FAILURE', 'DENY', 'REJECTED', 'ABANDONED'];

/**
 * Normalises one event of Okta's system log. Another shape becomes class `unmapped` with its own fields.
 * @param receivedAt epoch milliseconds
 */
export function parseOktaEvent(record: JsonRecord, receivedAt: number): NormalisedEvent {
  const fields = readDotted(record);
  const meaning = classify(fields);
  if (meaning[0] !== 0) addDerived(fields, record);
  return toEvent({
    source: 'okta',
    occurredAt: timeIn(fields, ['published'], receivedAt) ?? receivedAt,
    meaning,
    sourceRef: nameIn(fields, ['uuid']),
    hostname: null,
    userName: nameIn(fields, ['actor.alternateId', 'actor.displayName', 'actor.id']),
    fields,
  });
}

/**
 * What Okta tells, under names that the catalogue and rules can use: the outcome, who and which group was changed,
 * and the two names that rules written before 2023 have in lower case.
 */
function addDerived(fields: DraftFields, record: JsonRecord): void {
  const result = fields['outcome.result'];
  if (typeof result === 'string') {
    if (succeeded.includes(result)) fields.outcome = 'success';
    else if (failed.includes(result)) fields.outcome = 'failure';
  }
  setField(fields, 'eventtype', record.eventType);
  setField(fields, 'displaymessage', record.displayMessage);
  for (const [kind, name] of [
    ['User', 'targetUser'],
    ['UserGroup', 'targetGroup'],
  ] as const) {
    const target = findTarget(record.target, kind);
    if (target === null) continue;
    for (const key of ['id', 'alternateId', 'displayName']) {
      const value = target[key];
      if (typeof value === 'string') setField(fields, `${name}.${key}`, value);
    }
  }
}

function findTarget(targets: unknown, kind: string): JsonRecord | null {
  if (!Array.isArray(targets)) return null;
  const found: unknown = targets.find(
    (target: unknown) => isRecord(target) && target.type === kind,
  );
  return isRecord(found) ? found : null;
}
