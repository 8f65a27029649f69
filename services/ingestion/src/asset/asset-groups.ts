/** What is known of one asset that can tell whether it is the same as another. */
export interface AssetFacts {
  readonly assetId: string;
  /** As {@link normaliseHostName} gives it. An asset has one: its id is derived from it. */
  readonly hostName: string;
  /** `<vendor>:<id>` of the agents on it. */
  readonly agentIds: readonly string[];
  /** As {@link normaliseMac} gives them. */
  readonly macs: readonly string[];
}

/** Two assets that a person told apart: they are never one again. */
export type Separation = readonly [assetId: string, otherAssetId: string];

type Group = readonly AssetFacts[];

/** Assets in groups of one machine each, at first one asset a group. */
export class AssetGroups {
  readonly #groupOf = new Map<string, AssetFacts[]>();
  readonly #apart = new Map<string, Set<string>>();

  constructor(assets: readonly AssetFacts[], apart: readonly Separation[]) {
    for (const asset of assets) this.#groupOf.set(asset.assetId, [asset]);
    for (const [one, other] of apart) {
      this.#tellApart(one, other);
      this.#tellApart(other, one);
    }
  }

  #tellApart(one: string, other: string): void {
    const known = this.#apart.get(one);
    if (known) known.add(other);
    else this.#apart.set(one, new Set([other]));
  }

  /** Every group, each in the order of its members' ids. */
  all(): readonly Group[] {
    return [...new Set(this.#groupOf.values())].map((group) =>
      group.toSorted((a, b) => (a.assetId < b.assetId ? -1 : 1)),
    );
  }

  /** The groups that some assets are in, each once. */
  of(assets: readonly AssetFacts[]): readonly Group[] {
    return [...new Set(assets.map((asset) => this.#holding(asset)))];
  }

  /** Whether nothing speaks against an asset's being of a group: no person, and no other agent's id. */
  mayJoin(asset: AssetFacts, group: Group): boolean {
    const own = this.#holding(asset);
    return !this.#isApart(own, group) && !hasAgentConflict(own, group);
  }

  /** Joins the groups of some assets, one after the other, as far as nothing speaks against it. */
  joinAll(assets: readonly AssetFacts[], { unlessAgentsDiffer = false } = {}): void {
    const joined: AssetFacts[][] = [];
    for (const asset of assets) {
      const group = this.#holding(asset);
      if (joined.includes(group)) continue;
      const partner = joined.find(
        (other) =>
          !this.#isApart(group, other) && !(unlessAgentsDiffer && hasAgentConflict(group, other)),
      );
      if (partner) this.#join(partner, group);
      else joined.push(group);
    }
  }

  #holding({ assetId }: AssetFacts): AssetFacts[] {
    return this.#groupOf.get(assetId) ?? [];
  }

  #join(into: AssetFacts[], group: readonly AssetFacts[]): void {
    for (const asset of group) {
      into.push(asset);
      this.#groupOf.set(asset.assetId, into);
    }
  }

  #isApart(one: Group, other: Group): boolean {
    if (this.#apart.size === 0) return false;
    return one.some(({ assetId }) => {
      const strangers = this.#apart.get(assetId);
      return strangers !== undefined && other.some((asset) => strangers.has(asset.assetId));
    });
  }
}

/** Whether two groups have agents of one vendor and share none: then they are two machines. */
export function hasAgentConflict(one: Group, other: Group): boolean {
  const ids = agentsOf(one);
  const others = agentsOf(other);
  const vendors = new Set([...ids].map(vendorOf));
  const shared = new Set([...ids].filter((id) => others.has(id)).map(vendorOf));
  return [...others].some((id) => vendors.has(vendorOf(id)) && !shared.has(vendorOf(id)));
}

function agentsOf(group: Group): ReadonlySet<string> {
  return new Set(group.flatMap(({ agentIds }) => agentIds));
}

function vendorOf(agentId: string): string {
  return agentId.slice(0, Math.max(0, agentId.indexOf(':')));
}
