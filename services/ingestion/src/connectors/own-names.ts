import { fieldCatalogue, findField, ocsfNameOf } from '@vedette/event-model';
import type { EventKind, FieldEntry, Fields, FieldValue } from '@vedette/event-model';

import { firstOf } from './cloud-record.ts';
import { nameOf } from './json-values.ts';
import type { DraftFields } from './record-fields.ts';

type Vocabulary = 'ocsf' | 'ecs';

/** Rows by their name in a vocabulary; without list positions, which a flattened document has not. */
const rowsByName: Readonly<Record<Vocabulary, ReadonlyMap<string, readonly FieldEntry[]>>> = {
  ocsf: indexBy(ocsfNameOf),
  ecs: indexBy(({ ecs }) => ecs),
};

function indexBy(nameIn: (entry: FieldEntry) => string | null): Map<string, FieldEntry[]> {
  const index = new Map<string, FieldEntry[]>();
  for (const entry of fieldCatalogue) {
    const name = nameIn(entry)?.replaceAll(/\.0(?=\.|$)/g, '');
    if (name !== undefined) index.set(name, [...(index.get(name) ?? []), entry]);
  }
  return index;
}

/** Rows whose name in a vocabulary is an object: what it holds makes one field of ours. */
const objectTypes = new Set<FieldEntry['type']>(['account', 'hashes', 'answers']);

/** Which fields of an event may be put back. */
export interface OwnNames {
  /** What the answers depend on besides class and event id. */
  readonly key: string;
  /** False: never. */
  readonly isWanted: (sigma: string) => boolean;
  /** True: only where there is no other name for the same fact. */
  readonly isSecond: (sigma: string) => boolean;
}

/**
 * Puts the fields of an event back that a document in another vocabulary tells: rules read the source's own names.
 * A field that is there already stays. What is not reversible: see `README.md` of `ecs-json`.
 * @param fields the document's fields by its own dotted names
 */
export function restoreOwnNames(
  fields: DraftFields,
  vocabulary: Vocabulary,
  kind: EventKind,
  names: OwnNames,
): void {
  const chosen = chosenFor(
    `${vocabulary}/${kind.source ?? ''}/${String(kind.classUid)}/${String(kind.eventId)}/${names.key}`,
  );
  for (const name of Object.keys(fields)) {
    let entry = chosen.get(name);
    if (entry === undefined) {
      entry = chooseRow(vocabulary, kind, name, names);
      remember(chosen, name, entry);
    }
    if (entry === null || fields[entry.sigma] !== undefined) continue;
    const value = objectTypes.has(entry.type)
      ? toWhole(entry, name, fields)
      : toOwn(entry, name, fields);
    if (value !== null) fields[entry.sigma] = value;
  }
}

type Chosen = Map<string, FieldEntry | null>;

/** Names repeat in every document, so what each leads to is kept; cleared when a sender invents names. */
const chosenByKind = new Map<string, Chosen>();
const maxKinds = 128;
const maxNames = 512;
const maxKnownNameLength = 128;

function chosenFor(key: string): Chosen {
  const known = chosenByKind.get(key);
  if (known !== undefined) return known;
  if (chosenByKind.size >= maxKinds) chosenByKind.clear();
  const chosen: Chosen = new Map();
  // A sender's event id may be any text.
  if (key.length <= maxKnownNameLength) chosenByKind.set(key, chosen);
  return chosen;
}

function remember(chosen: Chosen, name: string, entry: FieldEntry | null): void {
  if (name.length > maxKnownNameLength) return;
  if (chosen.size >= maxNames) chosen.clear();
  chosen.set(name, entry);
}

/**
 * The row that a name of the document leads to, or null. A row for an account as a whole goes before one for its
 * name alone, unless only the latter is of the event's class.
 */
function chooseRow(
  vocabulary: Vocabulary,
  kind: EventKind,
  name: string,
  { isWanted, isSecond }: OwnNames,
): FieldEntry | null {
  const index = rowsByName[vocabulary];
  const rows = [
    ...(index.get(name.slice(0, Math.max(name.lastIndexOf('.'), 0))) ?? []).filter(({ type }) =>
      objectTypes.has(type),
    ),
    ...(index.get(name) ?? []),
  ].filter((row) => isWanted(row.sigma) && holds(row, kind));
  let best: FieldEntry | null = null;
  let bestRank = -1;
  for (const row of rows) {
    const rank = (isSecond(row.sigma) ? 0 : 8) + nearness(row);
    if (rank > bestRank) [best, bestRank] = [row, rank];
  }
  return best;
}

/** Tells whether a row holds for an event and no other one hides it there. */
function holds(row: FieldEntry, kind: EventKind): boolean {
  const isOfClass = row.classUids.length === 0 || row.classUids.includes(kind.classUid);
  const isOfSource = row.source === null || row.source === kind.source;
  return isOfClass && isOfSource && findField(kind, row.sigma) === row;
}

/** The more a row says whom it is for, the nearer it is. */
function nearness(row: FieldEntry): number {
  return (
    (row.source === null ? 0 : 4) +
    (row.classUids.length === 0 ? 0 : 2) +
    (row.eventIds.length === 0 ? 0 : 1)
  );
}

/** The value of one field from all that stands under an object of the document. */
function toWhole(entry: FieldEntry, name: string, fields: Fields): FieldValue {
  const place = name.slice(0, name.lastIndexOf('.'));
  if (entry.type === 'account') return toAccount(place, fields);
  if (entry.type === 'hashes') return toHashes(place, fields);
  const answers = [fields[`${place}.data`] ?? fields[`${place}.rdata`] ?? []].flat(2);
  return answers.length === 0 ? null : `${answers.join(';')};`;
}

function toAccount(place: string, fields: Fields): FieldValue {
  const name = nameOf(firstOf(fields[`${place}.name`]));
  const domain = nameOf(firstOf(fields[`${place}.domain`]));
  if (name === null) return null;
  return domain === null || /[\\@]/.test(name) ? name : `${domain}\\${name}`;
}

const algorithms = ['sha1', 'md5', 'sha256', 'sha384', 'sha512'];

/** Sysmon's form, `SHA1=…,MD5=…`. */
function toHashes(place: string, fields: Fields): FieldValue {
  const names = [fields[`${place}.algorithm`] ?? []].flat(1);
  const values = [fields[`${place}.value`] ?? []].flat(1);
  const parent = place.slice(0, place.lastIndexOf('.'));
  const pairs: (readonly [unknown, FieldValue | undefined])[] = [
    ...names.map((each, index) => [each, values[index]] as const),
    ...algorithms.map((each) => [each.toUpperCase(), fields[`${place}.${each}`]] as const),
    ['IMPHASH', fields[`${parent}.pe.imphash`]],
  ];
  const hashes = pairs.flatMap(([algorithm, value]) =>
    typeof algorithm === 'string' && typeof value === 'string' ? [`${algorithm}=${value}`] : [],
  );
  return hashes.length === 0 ? null : hashes.join(',');
}

/** Access masks, which rules write in hexadecimal as Windows does. */
const masks = new Set(['GrantedAccess', 'AccessMask']);

/** The value of one field from one of the document's. */
function toOwn(entry: FieldEntry, name: string, fields: Fields): FieldValue {
  const value = fields[name] ?? null;
  const first = firstOf(value) ?? null;
  if (masks.has(entry.sigma) && typeof first === 'number' && first >= 0) {
    return `0x${first.toString(16)}`;
  }
  switch (entry.type) {
    case 'direction':
      return entry.sigma === 'Direction' ? toMessageId(toInitiated(first)) : toInitiated(first);
    case 'list':
      return Array.isArray(value) ? value.join(' ') : value;
    case 'time':
      return typeof first === 'number' ? toTimeText(first) : first;
    case 'registryValue': {
      // OCSF has the key and the value's name apart, ECS the whole path.
      const valueName = fields[name.replace(/\.path$/, '.name')];
      const isApart = name.startsWith('reg_value.') && typeof valueName === 'string';
      return isApart && typeof first === 'string' ? `${first}\\${valueName}` : first;
    }
    default:
      return Array.isArray(value) && value.length === 1 ? first : value;
  }
}

/** Sysmon's `Initiated`: whether the connection went out. */
function toInitiated(direction: FieldValue): FieldValue {
  if (direction === 1 || direction === 'inbound' || direction === 'ingress') return 'false';
  return direction === 2 || direction === 'outbound' || direction === 'egress' ? 'true' : null;
}

/** The filtering platform of Windows says it by the number of a message. */
function toMessageId(initiated: FieldValue): FieldValue {
  if (initiated === null) return null;
  return initiated === 'true' ? '%%14593' : '%%14592';
}

function toTimeText(epochMs: number): FieldValue {
  const isTime = Number.isFinite(epochMs) && Math.abs(epochMs) < 8.64e15;
  return isTime ? new Date(epochMs).toISOString() : null;
}
