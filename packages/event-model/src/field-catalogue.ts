import { commonFields } from './catalogue/common-fields.ts';
import type { FieldEntry } from './catalogue/field-entry.ts';
import { identityFields } from './catalogue/identity-fields.ts';
import { networkFields } from './catalogue/network-fields.ts';
import { processFields } from './catalogue/process-fields.ts';
import { systemFields } from './catalogue/system-fields.ts';
import { m365AuditFields } from './catalogue/sources/m365-audit-fields.ts';
import { entraIdFields } from './catalogue/sources/entra-id-fields.ts';
import { sophosCentralFields } from './catalogue/sources/sophos-central-fields.ts';
import { awsCloudtrailFields } from './catalogue/sources/aws-cloudtrail-fields.ts';
import { awsGuarddutyFields } from './catalogue/sources/aws-guardduty-fields.ts';
import { cloudOptixFields } from './catalogue/sources/cloud-optix-fields.ts';
import { ecsJsonFields } from './catalogue/sources/ecs-fields.ts';
import { ocsfJsonFields } from './catalogue/sources/ocsf-fields.ts';
import { oktaFields } from './catalogue/sources/okta-fields.ts';
import { osqueryFields } from './catalogue/sources/osquery-fields.ts';
import { sophosFirewallFields } from './catalogue/sources/sophos-firewall-fields.ts';
import { zeekFields } from './catalogue/sources/zeek-fields.ts';
import type { NormalisedEvent } from './event.ts';

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
  ...sophosCentralFields,
  ...entraIdFields,
  ...m365AuditFields,
  ...awsCloudtrailFields,
  ...awsGuarddutyFields,
  ...cloudOptixFields,
  ...ecsJsonFields,
  ...ocsfJsonFields,
  ...oktaFields,
  ...osqueryFields,
  ...sophosFirewallFields,
  ...zeekFields,
];

/** What decides which row a name means in an event. */
export interface EventKind {
  /** The connector type that read it; absent: only rows for any source count. */
  readonly source?: string;
  readonly classUid: number;
  /** The Windows event id, where there is one. */
  readonly eventId?: unknown;
}

export function kindOf(event: NormalisedEvent): EventKind {
  return { source: event.source, classUid: event.classUid, eventId: event.fields.EventID };
}

/** Rows by source, class and name, in the order of the catalogue. */
type NameIndex = ReadonlyMap<string, readonly FieldEntry[]>;

const everyClass = -1;
const everySource = '';

function keyOf(source: string, classUid: number, name: string): string {
  return `${source}/${classUid}/${name}`;
}

function indexBy(nameOf: (entry: FieldEntry) => string | null): NameIndex {
  const index = new Map<string, FieldEntry[]>();
  for (const entry of fieldCatalogue) {
    const name = nameOf(entry);
    if (name === null) continue;
    for (const classUid of entry.classUids.length === 0 ? [everyClass] : entry.classUids) {
      const key = keyOf(entry.source ?? everySource, classUid, name);
      index.set(key, [...(index.get(key) ?? []), entry]);
    }
  }
  return index;
}

const bySigma = indexBy((entry) => entry.sigma);
const byOcsf = indexBy((entry) => ocsfNameOf(entry));
const byEcs = indexBy((entry) => entry.ecs);

/** The OCSF attribute that holds the text itself, where the row's path is an object. */
export function ocsfNameOf(entry: FieldEntry): string | null {
  if (entry.ocsf === null) return null;
  return entry.type === 'path' || entry.type === 'registryValue'
    ? `${entry.ocsf}.path`
    : entry.ocsf;
}

/** The rows of a name for an event, nearest first: its source's own before any source's, its class's before any class's. */
function rowsFor(index: NameIndex, { source, classUid }: EventKind, name: string): FieldEntry[] {
  const sources = source === undefined ? [everySource] : [source, everySource];
  return sources.flatMap((each) =>
    [classUid, everyClass].flatMap((uid) => index.get(keyOf(each, uid, name)) ?? []),
  );
}

/**
 * The row for a field of an event, or null where the catalogue has none. A row for its event id goes before one
 * without any, within the same source and class.
 */
export function findField(kind: EventKind, sigma: string): FieldEntry | null {
  const { eventId } = kind;
  let general: FieldEntry | null = null;
  for (const entry of rowsFor(bySigma, kind, sigma)) {
    if (entry.eventIds.length === 0) general ??= entry;
    else if (typeof eventId === 'number' && entry.eventIds.includes(eventId)) return entry;
  }
  return general;
}

/**
 * The canonical row for a name in OCSF (`process.file.path`) or ECS (`process.executable`), or null: the way
 * back to the field of an event.
 */
export function findFieldByName(
  vocabulary: 'ocsf' | 'ecs',
  kind: EventKind,
  name: string,
): FieldEntry | null {
  const entries = rowsFor(vocabulary === 'ocsf' ? byOcsf : byEcs, kind, name);
  // A row that another one hides for this event would not lead back to the same name.
  const holds = (entry: FieldEntry): boolean => findField(kind, entry.sigma) === entry;
  return (
    entries.find((entry) => entry.eventIds.length > 0 && holds(entry)) ??
    entries.find(holds) ??
    null
  );
}
