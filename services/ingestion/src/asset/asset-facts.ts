import type { NewTelemetryRow } from '../telemetry/telemetry-store.ts';
import { normaliseHostName, normaliseMac, shortNameOf } from './asset-names.ts';
import { criticalityRules } from './criticality-rules.ts';
import type { CriticalityRule } from './criticality-rules.ts';
import { fieldIn } from './json-text-field.ts';

export type AssetKeyKind = 'AGENT_ID' | 'HOSTNAME' | 'MAC' | 'SHORT_NAME';

/** Something that an asset has and another may have too. `SHORT_NAME` is derived from the host's name, to be found by. */
export interface AssetKey {
  readonly assetId: string;
  readonly kind: AssetKeyKind;
  readonly value: string;
}

/** A rule found an asset. */
export interface Finding {
  readonly subjectId: string;
  readonly ruleId: string;
  readonly at: Date;
}

/** What an inventory says of an asset. */
export interface InventoryItem {
  readonly assetId: string;
  /** Null where it does not say. */
  readonly os: string | null;
  readonly keys: readonly AssetKey[];
}

type Row = Pick<
  NewTelemetryRow,
  'assetId' | 'hostName' | 'classUid' | 'activityId' | 'connectorId' | 'occurredAt' | 'fields'
>;

const inventoryTypes = new Set<unknown>(
  criticalityRules.flatMap(({ inventoryType }) => inventoryType ?? []),
);

/** The keys that a host's name gives its asset. */
export function keysOfName(assetId: string, name: string): AssetKey[] {
  const hostName = normaliseHostName(name);
  const short = shortNameOf(hostName);
  const keys: AssetKey[] = [{ assetId, kind: 'HOSTNAME', value: hostName }];
  return short === null ? keys : [...keys, { assetId, kind: 'SHORT_NAME', value: short }];
}

const inventoryClass = 5001;
/** Beyond this a list of adapters is not a computer's. */
const maxMacs = 64;
const maxTextLength = 256;

/**
 * Reads an inventory's item: so far Sophos Central's, which is told by its shape (`id`, `hostname`, `type`). An event
 * does not say which connector type read it.
 */
export function readInventoryItem(row: Row): InventoryItem | null {
  if (row.classUid !== inventoryClass || row.assetId === null) return null;
  const { assetId } = row;
  const fields = JSON.parse(row.fields) as Readonly<Record<string, unknown>>;
  const { id, hostname, type, macAddresses } = fields;
  if (typeof id !== 'string' || typeof hostname !== 'string' || !inventoryTypes.has(type))
    return null;
  const macs = Array.isArray(macAddresses) ? macAddresses.slice(0, maxMacs) : [macAddresses];
  const values = macs.map((mac) => (typeof mac === 'string' ? normaliseMac(mac) : null));
  const agents = id === '' || id.length > maxTextLength ? [] : [`sophos:${id.toLowerCase()}`];
  const os = fields['os.name'];
  return {
    assetId,
    os: typeof os === 'string' && os !== '' ? os.slice(0, maxTextLength) : null,
    keys: [
      ...agents.map((value) => ({ assetId, kind: 'AGENT_ID', value }) as const),
      ...[...new Set(values)]
        .filter((value) => value !== null)
        .map((value) => ({ assetId, kind: 'MAC', value }) as const),
    ],
  };
}

const byProgram = new Map(
  criticalityRules.flatMap((rule) => (rule.programs ?? []).map((name) => [name, rule] as const)),
);
const byEventId = new Map(
  criticalityRules.flatMap((rule) => (rule.securityEventIds ?? []).map((id) => [String(id), rule])),
);
const byHostName = criticalityRules.flatMap((rule) =>
  rule.hostName ? [{ rule, pattern: rule.hostName }] : [],
);
const byFields = criticalityRules.flatMap((rule) =>
  rule.fields ? [{ rule, names: rule.fields, except: rule.exceptFields ?? [] }] : [],
);
const byInventoryType = new Map(
  criticalityRules.flatMap((rule) =>
    rule.inventoryType === undefined ? [] : [[rule.inventoryType, rule] as const],
  ),
);

/**
 * What rules find in a batch, each rule once an asset. Most rows are passed over by their class alone; what a rule
 * reads of a record's own fields is read of the first record of each connector and asset.
 * @param isKnown whether a rule is known to have found an asset before
 */
export function readFindings(
  rows: readonly Row[],
  isKnown: (assetId: string, ruleId: string) => boolean,
): Finding[] {
  const findings = new Map<string, Finding>();
  const seen = new Set<string>();
  for (const row of rows) {
    const { assetId, hostName, occurredAt: at } = row;
    if (assetId === null || hostName === null) continue;
    const first = `${row.connectorId} ${assetId}`;
    const rules = seen.has(first)
      ? rulesOf(row)
      : [...rulesOf(row), ...rulesOfFirst(row, hostName)];
    seen.add(first);
    for (const { id: ruleId } of rules) {
      const key = `${assetId} ${ruleId}`;
      if (findings.has(key) || isKnown(assetId, ruleId)) continue;
      findings.set(key, { subjectId: assetId, ruleId, at });
    }
  }
  return [...findings.values()];
}

const processClass = 1007;
const launch = 1;
/** Directory changes and sign-ins: the classes that a domain controller's own events have. */
const domainClasses = new Set([3002, 3004]);
const kerberosActivities = new Set([3, 4, 5, 6]);
/** Where sources name the program of a started process. */
const programFields = ['Image', 'NewProcessName', 'process.executable', 'process_path', 'path'];

function rulesOf(row: Row): readonly CriticalityRule[] {
  const { classUid, activityId, fields } = row;
  if (classUid === processClass && activityId === launch) return toList(ruleOfProgram(fields));
  if (classUid === inventoryClass) {
    if (fieldIn(fields, 'id') === null || fieldIn(fields, 'hostname') === null) return [];
    return toList(byInventoryType.get(fieldIn(fields, 'type') ?? ''));
  }
  if (!domainClasses.has(classUid)) return [];
  if (classUid === 3002 && !kerberosActivities.has(activityId)) return [];
  if (fieldIn(fields, 'Channel')?.toLowerCase() !== 'security') return [];
  return toList(byEventId.get(fieldIn(fields, 'EventID') ?? ''));
}

function ruleOfProgram(fields: string): CriticalityRule | undefined {
  for (const name of programFields) {
    const path = fieldIn(fields, name);
    if (path === null) continue;
    const start = Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1;
    return byProgram.get(path.slice(start).toLowerCase());
  }
  return undefined;
}

function rulesOfFirst({ fields }: Row, hostName: string): readonly CriticalityRule[] {
  const name = normaliseHostName(hostName);
  return [
    ...byHostName.filter(({ pattern }) => pattern.test(name)),
    ...byFields.filter(
      ({ names, except }) =>
        names.every((each) => fieldIn(fields, each) !== null) &&
        except.every((each) => !fieldIn(fields, each)),
    ),
  ].map(({ rule }) => rule);
}

function toList<Item>(item: Item | undefined): readonly Item[] {
  return item === undefined ? [] : [item];
}
