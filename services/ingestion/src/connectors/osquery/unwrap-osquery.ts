import type { JsonRecord } from '../connector-definition.ts';
import { isRecord } from '../record-fields.ts';

/**
 * One record a row, each with the envelope: of a snapshot, of the older batch format (`diffResults`), and of a whole
 * call of the TLS logger that something passes on. Null where it is one record already.
 */
export function unwrapOsquery(record: JsonRecord): readonly JsonRecord[] | null {
  const { data, snapshot, diffResults } = record;
  if (typeof record.log_type === 'string' && Array.isArray(data)) {
    // The key of the node that called is not part of what it says.
    return data.flatMap((item: unknown) =>
      isRecord(item) ? (unwrapRows(item) ?? [item]) : [{ message: item }],
    );
  }
  return snapshot === undefined && diffResults === undefined ? null : unwrapRows(record);
}

function unwrapRows(record: JsonRecord): readonly JsonRecord[] | null {
  const { snapshot, diffResults, ...envelope } = record;
  if (Array.isArray(snapshot) && snapshot.length > 0) {
    return snapshot.map((row: unknown) => ({ ...envelope, action: 'snapshot', columns: row }));
  }
  if (!isRecord(diffResults)) return null;
  const rows = (['added', 'removed'] as const).flatMap((action) => {
    const list: unknown = diffResults[action];
    return Array.isArray(list)
      ? list.map((row: unknown) => ({ ...envelope, action, columns: row }))
      : [];
  });
  return rows.length > 0 ? rows : null;
}
