/**
 * How a field's text becomes a typed value in OCSF and ECS.
 * - `string`, `integer` (decimal or `0x…`), `boolean`, `time` (OCSF: epoch ms; ECS: ISO 8601), `ip`
 * - `list`: white-space separated words become a list
 * - `path`: a file object (`path`, `name`) in OCSF; the path, and its last part under `name` beside it, in ECS
 * - `account`: `DOMAIN\name` becomes `name` and `domain`
 * - `hashes`: Sysmon's `SHA1=…,MD5=…` becomes fingerprints
 * - `registryValue`: `KEY\value` becomes the key's path and the value's name
 * - `answers`: Sysmon's `type: 5 a.example;::ffff:192.0.2.1;` becomes DNS answers
 * - `direction`: Sysmon's `Initiated` or the filtering platform's message id becomes in- or outbound
 */
export type FieldType =
  | 'string'
  | 'integer'
  | 'boolean'
  | 'time'
  | 'ip'
  | 'list'
  | 'path'
  | 'account'
  | 'hashes'
  | 'registryValue'
  | 'answers'
  | 'direction';

/** One row of the field catalogue: the same fact by its three names. */
export interface FieldEntry {
  /** The connector type whose name it is, before rows without one; null: any source's. */
  readonly source: string | null;
  /** Classes the row holds for; empty: every class that has no row of its own for this name. */
  readonly classUids: readonly number[];
  /** Windows event ids the row holds for, before rows without any; empty: all. */
  readonly eventIds: readonly number[];
  /** Sigma's name, which is the source's own (without spaces). */
  readonly sigma: string;
  /** Dotted attribute path in OCSF; `0` is the first item of a list. Null: OCSF has no place for it. */
  readonly ocsf: string | null;
  /** Dotted field name in ECS. Null: ECS has no place for it. */
  readonly ecs: string | null;
  readonly type: FieldType;
  /** Unit of a number, where it has one. */
  readonly unit?: string;
}

type Row = readonly [sigma: string, ocsf: string | null, ecs: string | null, type?: FieldType];

/** Declares the rows of some classes (and event ids) as a table: Sigma name, OCSF path, ECS name, type. */
export function defineFields(
  classUids: readonly number[],
  eventIds: readonly number[],
  rows: readonly Row[],
): readonly FieldEntry[] {
  return rows.map(([sigma, ocsf, ecs, type = 'string']) => ({
    source: null,
    classUids,
    eventIds,
    sigma,
    ocsf,
    ecs,
    type,
  }));
}

/** Declares rows of one source alone: its names mean this there, whatever they mean elsewhere. */
export function defineSourceFields(
  source: string,
  classUids: readonly number[],
  rows: readonly Row[],
): readonly FieldEntry[] {
  return defineFields(classUids, [], rows).map((entry) => ({ ...entry, source }));
}
