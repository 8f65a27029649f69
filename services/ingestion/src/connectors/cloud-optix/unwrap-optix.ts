import type { JsonRecord } from '../connector-definition.ts';
import { isRecord } from '../record-fields.ts';

/** The alerts of an object that only lists them (`alerts`, `items` or `data`); null where it is one alert. */
export function unwrapOptix(record: JsonRecord): readonly JsonRecord[] | null {
  const { alerts, items, data } = record;
  const list = [alerts, items, data].find((each) => Array.isArray(each) && each.length > 0);
  if (!Array.isArray(list) || !list.every(isRecord)) return null;
  // An alert may list things too; it says what it is about itself.
  return record.severity === undefined && record.alertDescription === undefined ? list : null;
}
