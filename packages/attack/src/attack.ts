import { readFileSync } from 'node:fs';

/** Phases of Lockheed Martin's Cyber Kill Chain, first to last. */
export const killChainPhases = [
  'RECONNAISSANCE',
  'WEAPONIZATION',
  'DELIVERY',
  'EXPLOITATION',
  'INSTALLATION',
  'COMMAND_AND_CONTROL',
  'ACTIONS_ON_OBJECTIVES',
] as const;
export type KillChainPhase = (typeof killChainPhases)[number];

/** A tactic of ATT&CK: what somebody is after. */
export interface Tactic {
  /** Such as `TA0006`. */
  readonly id: string;
  /** Such as `credential-access`: what Sigma tags and STIX say. */
  readonly shortName: string;
  readonly name: string;
  /** By our own map, see the README: neither MITRE's nor Lockheed Martin's. */
  readonly killChainPhase: KillChainPhase;
}

/**
 * What an id is in this version: `CURRENT`, `REPLACED` by another, `DEPRECATED` without one, or
 * `UNKNOWN`, which may be older, newer or wrong.
 */
export type Standing = 'CURRENT' | 'REPLACED' | 'DEPRECATED' | 'UNKNOWN';

/** A technique or sub-technique of ATT&CK. */
export interface Technique {
  /** Such as `T1003.002`, as it was asked for. */
  readonly id: string;
  /** Null where this version has no name for the id: it is shown, never dropped. */
  readonly name: string | null;
  readonly standing: Standing;
  /** The technique that took its place; null unless it is `REPLACED`. Name and tactics are that one's. */
  readonly replacedBy: string | null;
  /** In the order of the matrix. */
  readonly tactics: readonly Tactic[];
}

/** The file `attack.json`: facts of ATT&CK Enterprise, and our map of phases. */
interface Table {
  readonly version: string;
  readonly tactics: readonly Tactic[];
  readonly techniques: readonly {
    readonly id: string;
    readonly name: string;
    readonly tactics: readonly string[];
  }[];
  readonly revoked: Readonly<Record<string, string>>;
  readonly deprecated: readonly string[];
}

const table = JSON.parse(readFileSync(new URL('../attack.json', import.meta.url), 'utf8')) as Table;

/** The version of ATT&CK that all of this is from. */
export const attackVersion = table.version;

/** All tactics in the order of the matrix. */
export const tactics: readonly Tactic[] = table.tactics;

const current = new Map(
  table.techniques.map(({ id, name, tactics: names }) => {
    const served = tactics.filter(({ shortName }) => names.includes(shortName));
    return [id, { name, tactics: served }];
  }),
);
const revoked = new Map(Object.entries(table.revoked));
const deprecated = new Set(table.deprecated);

/** What ATT&CK says of an id, whatever it is. */
export function findTechnique(id: string): Technique {
  const known = current.get(id);
  if (known) return { id, ...known, standing: 'CURRENT', replacedBy: null };
  const replacedBy = revoked.get(id);
  const successor = replacedBy === undefined ? undefined : current.get(replacedBy);
  if (replacedBy !== undefined && successor) {
    return { id, ...successor, standing: 'REPLACED', replacedBy };
  }
  const standing = deprecated.has(id) ? 'DEPRECATED' : 'UNKNOWN';
  return { id, name: null, standing, replacedBy: null, tactics: [] };
}

/**
 * The phases of the kill chain that techniques are signs of, first to last. A technique that serves
 * several tactics is a sign of each of their phases.
 */
export function phasesOf(techniqueIds: readonly string[]): readonly KillChainPhase[] {
  const served = techniqueIds.flatMap((id) => findTechnique(id).tactics);
  return killChainPhases.filter((phase) =>
    served.some(({ killChainPhase }) => killChainPhase === phase),
  );
}
