import type { JsonRecord } from '../connector-definition.ts';
import { fromJson, recordOf, textOf } from '../json-values.ts';
import type { DraftFields } from '../record-fields.ts';
import { createFields, setField } from '../record-fields.ts';

/** How a record's facts are found, whichever of the three shapes it has. */
export interface EntraRecord {
  readonly record: JsonRecord;
  readonly properties: JsonRecord;
}

export function openRecord(record: JsonRecord): EntraRecord {
  return { record, properties: recordOf(fromJson(record.properties)) };
}

/**
 * A fact by its name in Graph (`userPrincipalName`): under `properties` in diagnostic logs, at the top in Graph's
 * own answers, with a capital in Log Analytics, whose objects and lists are JSON text.
 */
export function factOf({ record, properties }: EntraRecord, name: string): unknown {
  const capital = name.charAt(0).toUpperCase() + name.slice(1);
  return [properties[name], record[name], record[capital]].find(
    (value) => value !== undefined && value !== null && value !== '',
  );
}

/** A fact that is an object or a list. */
export function nestedOf(opened: EntraRecord, name: string): unknown {
  const { record, properties } = opened;
  const capital = name.charAt(0).toUpperCase() + name.slice(1);
  for (const value of [properties[name], record[name], record[capital]]) {
    const nested = fromJson(value);
    if (typeof nested === 'object' && nested !== null) return nested;
  }
  return undefined;
}

/** The fields of a record by their own dotted names, whatever its shape. */
export function readFields({ record }: EntraRecord): DraftFields {
  const fields = createFields();
  for (const [name, value] of Object.entries(record)) {
    // Some pipelines deliver `properties` as JSON text.
    const held = name === 'properties' ? fromJson(value) : value;
    setField(fields, name, held ?? value);
  }
  return fields;
}

/** Adds facts by Graph's names where the record has them elsewhere; never over a field that is there. */
export function addFacts(fields: DraftFields, opened: EntraRecord, names: readonly string[]): void {
  for (const name of names) {
    const value = factOf(opened, name);
    if (fields[name] === undefined && (typeof value !== 'string' || textOf(value) !== null)) {
      setField(fields, name, value);
    }
  }
}

/** Adds a field unless it is there already or there is nothing to add. */
export function addField(fields: DraftFields, name: string, value: unknown): void {
  if (value === undefined || value === null || fields[name] !== undefined) return;
  setField(fields, name, value);
}
