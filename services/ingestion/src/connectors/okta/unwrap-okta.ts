import type { JsonRecord } from '../connector-definition.ts';
import { isRecord } from '../record-fields.ts';

/** Event hooks send `data.events`, log streams to EventBridge the event as `detail`; null where it is one event. */
export function unwrapOkta(record: JsonRecord): readonly JsonRecord[] | null {
  if (record.eventType === undefined || isRecord(record.data)) {
    const { data, detail } = record;
    if (isRecord(data) && Array.isArray(data.events) && data.events.length > 0) {
      return data.events.map((item: unknown) => (isRecord(item) ? item : { message: item }));
    }
    if (isRecord(detail) && typeof record['detail-type'] === 'string') return [detail];
  }
  return null;
}
