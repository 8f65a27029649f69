import { addToOutbox } from '@vedette/event-bus';
import type { Transaction } from '@vedette/service-kit';
import { weighOpinions } from '../asset/assessment.ts';
import type { Opinion, Verdict } from '../asset/assessment.ts';
import { loadOpinions } from '../asset/assessment-store.ts';
import { isSameVerdict } from '../asset/settle-assets.ts';
import { identityMerged, identityRiskChanged } from '../events.ts';
import type { Doing } from '../events.ts';
import { isPrincipalName } from './account-name.ts';
import type { IdentityLink } from './identity-facts.ts';
import { loadLinked } from './identity-link-store.ts';

/** What settling decides of an identity. */
interface SettledIdentity {
  readonly identityId: string;
  readonly name: string;
  readonly version: number;
  readonly mergedInto: string | null;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
  readonly verdict: Verdict;
}

/**
 * Decides anew which of a customer's identities are one and how much harm each could do, for some and all that are
 * linked with them; saves what has changed, with its events. Names are one only where a record stated both. Safe to
 * repeat. The caller holds the customer's lock (`lockFacts`).
 */
export async function settleIdentities(
  tx: Transaction,
  customerId: string,
  seeds: readonly string[],
  doing: Doing,
): Promise<void> {
  const { ids, links } = await loadLinked(tx, customerId, seeds);
  const held = await holdIdentities(tx, customerId, ids);
  const sids = links.filter(({ kind }) => kind === 'SID').map(({ linkedId }) => linkedId);
  const opinions = await loadOpinions(tx, customerId, [...ids, ...sids]);
  const changed: { before: SettledIdentity; after: SettledIdentity }[] = [];
  for (const members of groupByName(held, links)) {
    const [survivor] = members;
    if (!survivor) continue;
    const subjects = subjectsOf(members, links);
    const verdict = weighOpinions(
      subjects.flatMap((id): readonly Opinion[] => opinions.get(id) ?? []),
    );
    for (const before of members) {
      const after = settle(before, survivor, members, verdict);
      if (!isSame(before, after)) changed.push({ before, after });
    }
  }
  await saveIdentities(
    tx,
    customerId,
    changed.map(({ after }) => after),
  );
  await addToOutbox(
    tx,
    changed.flatMap(({ before, after }) => {
      const identity = { customerId, identityId: after.identityId, version: after.version };
      return [
        ...(after.mergedInto !== null && after.mergedInto !== before.mergedInto
          ? [identityMerged(identity, after.mergedInto, doing)]
          : []),
        ...(isSameVerdict(before.verdict, after.verdict)
          ? []
          : [identityRiskChanged(identity, after.verdict, doing)]),
      ];
    }),
  );
}

function settle(
  before: SettledIdentity,
  survivor: SettledIdentity,
  members: readonly SettledIdentity[],
  verdict: Verdict,
): SettledIdentity {
  const version = before.version + 1;
  if (before.identityId !== survivor.identityId) {
    return { ...before, version, mergedInto: survivor.identityId };
  }
  return {
    ...{ ...before, version, verdict, mergedInto: null },
    firstSeenAt: new Date(Math.min(...members.map((each) => each.firstSeenAt.getTime()))),
    lastSeenAt: new Date(Math.max(...members.map((each) => each.lastSeenAt.getTime()))),
  };
}

function isSame(before: SettledIdentity, after: SettledIdentity): boolean {
  return (
    before.mergedInto === after.mergedInto &&
    before.firstSeenAt.getTime() === after.firstSeenAt.getTime() &&
    before.lastSeenAt.getTime() === after.lastSeenAt.getTime() &&
    isSameVerdict(before.verdict, after.verdict)
  );
}

/**
 * Identities in groups that are one account each, the one that is shown first: a `name@domain` is known in all of the
 * estate and the cloud; among equals the id decides.
 */
function groupByName(
  identities: readonly SettledIdentity[],
  links: readonly IdentityLink[],
): readonly (readonly SettledIdentity[])[] {
  const groupOf = new Map(identities.map((identity) => [identity.identityId, [identity]]));
  for (const { identityId, kind, linkedId } of links) {
    const [into, from] = [groupOf.get(identityId), groupOf.get(linkedId)];
    if (kind !== 'NAME' || !into || !from || into === from) continue;
    for (const identity of from) {
      into.push(identity);
      groupOf.set(identity.identityId, into);
    }
  }
  return [...new Set(groupOf.values())].map((group) =>
    group.toSorted(
      (a, b) =>
        Number(isPrincipalName(b.name)) - Number(isPrincipalName(a.name)) ||
        (a.identityId < b.identityId ? -1 : 1),
    ),
  );
}

/** Whose opinions count for a group: its members' and their security identifiers'. */
function subjectsOf(
  members: readonly SettledIdentity[],
  links: readonly IdentityLink[],
): readonly string[] {
  const ids = new Set(members.map(({ identityId }) => identityId));
  const sids = links
    .filter(({ kind, identityId }) => kind === 'SID' && ids.has(identityId))
    .map(({ linkedId }) => linkedId);
  return [...new Set([...ids, ...sids])];
}

type StoredIdentity = Omit<SettledIdentity, 'verdict'> & Verdict;

async function holdIdentities(
  tx: Transaction,
  customerId: string,
  identityIds: readonly string[],
): Promise<SettledIdentity[]> {
  const rows: StoredIdentity[] = await tx.query(
    `select identity_id as "identityId", name, version, merged_into as "mergedInto",
            first_seen_at as "firstSeenAt", last_seen_at as "lastSeenAt", risk as level,
            risk_source as source, risk_reason as reason, risk_set_by as "setBy",
            risk_set_at as "setAt"
     from identities where customer_id = $1 and identity_id = any ($2::uuid[])
     order by identity_id for update`,
    [customerId, identityIds],
  );
  return rows.map(({ level, source, reason, setBy, setAt, ...identity }) => ({
    ...identity,
    verdict: { level, source, reason, setBy, setAt },
  }));
}

async function saveIdentities(
  tx: Transaction,
  customerId: string,
  identities: readonly SettledIdentity[],
): Promise<void> {
  if (identities.length === 0) return;
  await tx.query(
    `update identities set
       version = s.version, merged_into = s.merged_into, first_seen_at = s.first_seen_at,
       last_seen_at = s.last_seen_at, risk = s.level, risk_source = s.source,
       risk_reason = s.reason, risk_set_by = s.set_by, risk_set_at = s.set_at
     from unnest($2::uuid[], $3::int[], $4::uuid[], $5::timestamptz[], $6::timestamptz[], $7::text[],
                 $8::text[], $9::text[], $10::text[], $11::timestamptz[])
       as s(identity_id, version, merged_into, first_seen_at, last_seen_at, level, source, reason,
            set_by, set_at)
     where identities.customer_id = $1 and identities.identity_id = s.identity_id`,
    [
      customerId,
      identities.map(({ identityId }) => identityId),
      identities.map(({ version }) => version),
      identities.map(({ mergedInto }) => mergedInto),
      identities.map(({ firstSeenAt }) => firstSeenAt.toISOString()),
      identities.map(({ lastSeenAt }) => lastSeenAt.toISOString()),
      identities.map(({ verdict }) => verdict.level),
      identities.map(({ verdict }) => verdict.source),
      identities.map(({ verdict }) => verdict.reason),
      identities.map(({ verdict }) => verdict.setBy),
      identities.map(({ verdict }) => verdict.setAt?.toISOString() ?? null),
    ],
  );
}
