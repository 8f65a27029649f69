import { hasAgentConflict, AssetGroups } from './asset-groups.ts';
import type { AssetFacts, Separation } from './asset-groups.ts';
import { isFullName, isSharedByNature, shortNameOf } from './asset-names.ts';

/**
 * Which asset each one is shown as: itself, unless it was merged into another. The rules, strongest first:
 *
 * 1. One agent id is one machine: assets that have it are merged.
 * 2. One hardware address and one short name are one machine, unless they stand for agents with different ids: docks
 *    and replaced computers have the same address, so an address alone says nothing. An address that is made up or
 *    of a virtual adapter says nothing as soon as hosts of several short names have it.
 * 3. A short name is the one full name that begins with it, where there is exactly one that it can be.
 *
 * What a person told apart stays apart, also through a third. The result depends on what is known and not on the order
 * in which it became known: a later fact can make an earlier reason ambiguous, and then the merge ends.
 * @param assets all assets that share a key with another of them, directly or through others
 */
export function mergeAssets(
  assets: readonly AssetFacts[],
  apart: readonly Separation[] = [],
): ReadonlyMap<string, string> {
  const sorted = assets.toSorted((a, b) => compare(a.assetId, b.assetId));
  const groups = new AssetGroups(sorted, apart);
  joinByAgent(sorted, groups);
  joinByMac(sorted, groups);
  joinByShortName(sorted, groups);
  return new Map(
    groups.all().flatMap((members) => {
      const survivor = survivorOf(members);
      return members.map(({ assetId }) => [assetId, survivor] as const);
    }),
  );
}

function joinByAgent(assets: readonly AssetFacts[], groups: AssetGroups): void {
  const byAgent = bucket(assets, ({ agentIds }) => agentIds);
  for (const [, members] of byAgent) groups.joinAll(members);
}

function joinByMac(assets: readonly AssetFacts[], groups: AssetGroups): void {
  for (const [mac, members] of bucket(assets, ({ macs }) => macs)) {
    const byName = bucket(members, ({ hostName }) => shortNameOf(hostName) ?? []);
    if (byName.length > 1 && isSharedByNature(mac)) continue;
    for (const [, alike] of byName) {
      const distinct = groups.of(alike);
      const isAmbiguous = distinct.some((one, index) =>
        distinct.slice(index + 1).some((other) => hasAgentConflict(one, other)),
      );
      if (!isAmbiguous) groups.joinAll(alike, { unlessAgentsDiffer: true });
    }
  }
}

/** All are decided from the groups as they were before: no short name is another's full name. */
function joinByShortName(assets: readonly AssetFacts[], groups: AssetGroups): void {
  const found: (readonly [AssetFacts, AssetFacts])[] = [];
  for (const [, alike] of bucket(assets, ({ hostName }) => shortNameOf(hostName) ?? [])) {
    const short = alike.find(({ hostName }) => !isFullName(hostName));
    if (!short) continue;
    const full = alike.filter(({ hostName }) => isFullName(hostName));
    const candidates = groups
      .of(full)
      .filter((group) => group.includes(short) || groups.mayJoin(short, group));
    const [only] = candidates;
    const target = only?.find(({ assetId }) => assetId !== short.assetId);
    if (candidates.length === 1 && target) found.push([short, target]);
  }
  for (const pair of found) groups.joinAll(pair, { unlessAgentsDiffer: true });
}

/** A full name says more than a short one; among equals the id decides, which never changes. */
function survivorOf(members: readonly AssetFacts[]): string {
  const full = members.filter(({ hostName }) => isFullName(hostName));
  const [survivor] = full.length > 0 ? full : members;
  return survivor?.assetId ?? '';
}

type Bucket = readonly [value: string, assets: readonly AssetFacts[]];

/** Assets by a value that they have, both in a fixed order. */
function bucket(
  assets: readonly AssetFacts[],
  valuesOf: (asset: AssetFacts) => string | readonly string[],
): readonly Bucket[] {
  const buckets = new Map<string, AssetFacts[]>();
  for (const asset of assets) {
    for (const value of new Set([valuesOf(asset)].flat())) {
      const present = buckets.get(value);
      if (present) present.push(asset);
      else buckets.set(value, [asset]);
    }
  }
  return [...buckets].toSorted(([a], [b]) => compare(a, b));
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
