import { commonFields } from './catalogue/common-fields.ts';
import type { FieldEntry } from './catalogue/field-entry.ts';
import { identityFields } from './catalogue/identity-fields.ts';
import { networkFields } from './catalogue/network-fields.ts';
import { processFields } from './catalogue/process-fields.ts';
import { systemFields } from './catalogue/system-fields.ts';

/**
 * Every field with a name in more than one vocabulary. Where two rows of one class share an OCSF path or an ECS
 * name, the first is the canonical one and the others are what another product calls the same fact.
 */
export const fieldCatalogue: readonly FieldEntry[] = [
  ...processFields,
  ...systemFields,
  ...networkFields,
  ...identityFields,
  ...commonFields,
];

/** Rows by class and name; the key of rows that hold for every class is `everyClass`. */
type NameIndex = ReadonlyMap<number, ReadonlyMap<string, readonly FieldEntry[]>>;

const everyClass = -1;

function indexBy(nameOf: (entry: FieldEntry) => string | null): NameIndex {
  const index = new Map<number, Map<string, FieldEntry[]>>();
  for (const entry of fieldCatalogue) {
    const name = nameOf(entry);
    if (name === null) continue;
    for (const classUid of entry.classUids.length === 0 ? [everyClass] : entry.classUids) {
      const names = index.get(classUid) ?? new Map<string, FieldEntry[]>();
      index.set(classUid, names);
      names.set(name, [...(names.get(name) ?? []), entry]);
    }
  }
  return index;
}

const bySigma = indexBy((entry) => entry.sigma);
const byOcsf = indexBy((entry) => leafOf(entry));
const byEcs = indexBy((entry) => entry.ecs);

/** The attribute that holds the text itself, where the row's path is an object. */
function leafOf(entry: FieldEntry): string | null {
  if (entry.ocsf === null) return null;
  return entry.type === 'path' || entry.type === 'registryValue'
    ? `${entry.ocsf}.path`
    : entry.ocsf;
}

/**
 * The row for a field of an event, or null where the catalogue has none.
 * A row for the event id goes before one for the class, and that before one for every class.
 */
export function findField(classUid: number, eventId: unknown, sigma: string): FieldEntry | null {
  let general: FieldEntry | null = null;
  for (const entry of bySigma.get(classUid)?.get(sigma) ?? []) {
    if (entry.eventIds.length === 0) general ??= entry;
    else if (typeof eventId === 'number' && entry.eventIds.includes(eventId)) return entry;
  }
  return general ?? bySigma.get(everyClass)?.get(sigma)?.[0] ?? null;
}

/**
 * The canonical row for a name in OCSF (`process.file.path`) or ECS (`process.executable`), or null: the way
 * back to the field of an event.
 */
export function findFieldByName(
  vocabulary: 'ocsf' | 'ecs',
  classUid: number,
  eventId: unknown,
  name: string,
): FieldEntry | null {
  const index = vocabulary === 'ocsf' ? byOcsf : byEcs;
  const entries = [
    ...(index.get(classUid)?.get(name) ?? []),
    ...(index.get(everyClass)?.get(name) ?? []),
  ];
  // A row that another one hides for this event would not lead back to the same name.
  const holds = (entry: FieldEntry) => findField(classUid, eventId, entry.sigma) === entry;
  return (
    entries.find((entry) => entry.eventIds.length > 0 && holds(entry)) ??
    entries.find(holds) ??
    null
  );
}
