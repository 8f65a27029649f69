import type { JsonRecord } from '../connector-definition.ts';
import { booleanOf } from '../json-values.ts';
import type { DraftFields } from '../record-fields.ts';
import { createFields, setField } from '../record-fields.ts';

/** The fields of a record by their own dotted names; some answers have booleans as `"True"` and `"False"`. */
export function readFields(record: JsonRecord): DraftFields {
  const fields = createFields();
  for (const [name, value] of Object.entries(record)) setField(fields, name, value);
  for (const [name, value] of Object.entries(fields)) {
    if (value === 'True' || value === 'False') fields[name] = booleanOf(value);
  }
  return fields;
}
