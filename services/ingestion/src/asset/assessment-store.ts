import type { Transaction } from '@vedette/service-kit';
import type { Finding } from './asset-facts.ts';
import { person } from './assessment.ts';
import type { Level, Opinion } from './assessment.ts';

/** What a rule says wherever it finds something. */
export interface RuleOpinion {
  readonly id: string;
  readonly level: Level;
  readonly reason: string;
}

/**
 * Keeps what rules found, each once for a subject, for the next settling.
 * @returns the findings that were there already, and so are there for certain
 */
export async function addFindings(
  tx: Transaction,
  customerId: string,
  findings: readonly Finding[],
  ruleOf: (ruleId: string) => RuleOpinion,
): Promise<readonly Finding[]> {
  if (findings.length === 0) return [];
  const rules = findings.map(({ ruleId }) => ruleOf(ruleId));
  const added: { subject_id: string; basis: string }[] = await tx.query(
    `insert into assessments (customer_id, subject_id, basis, level, reason, set_by, set_at)
     select $1, f.subject_id, f.basis, f.level, f.reason, f.basis, f.set_at
     from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
       as f(subject_id, basis, level, reason, set_at)
     order by f.subject_id, f.basis
     on conflict do nothing
     returning subject_id, basis`,
    [
      customerId,
      findings.map(({ subjectId }) => subjectId),
      rules.map(({ id }) => id),
      rules.map(({ level }) => level),
      rules.map(({ reason }) => reason),
      findings.map(({ at }) => at.toISOString()),
    ],
  );
  const fresh = new Set(added.map(({ subject_id: id, basis }) => `${id} ${basis}`));
  return findings.filter(({ subjectId, ruleId }) => !fresh.has(`${subjectId} ${ruleId}`));
}

/** Keeps what a person says of a subject in place of what a person said before. */
export async function savePersonsOpinion(
  tx: Transaction,
  customerId: string,
  subjectId: string,
  opinion: Omit<Opinion, 'basis'>,
): Promise<void> {
  await tx.query(
    `insert into assessments
       (customer_id, subject_id, basis, level, reason, set_by, set_at, is_settled)
     values ($1, $2, $3, $4, $5, $6, $7, true)
     on conflict (customer_id, subject_id, basis) do update set
       level = excluded.level, reason = excluded.reason, set_by = excluded.set_by,
       set_at = excluded.set_at`,
    [
      ...[customerId, subjectId, person, opinion.level, opinion.reason],
      ...[opinion.setBy, opinion.setAt.toISOString()],
    ],
  );
}

/** All opinions on some subjects, by subject. */
export async function loadOpinions(
  tx: Transaction,
  customerId: string,
  subjectIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Opinion[]>> {
  const rows: (Opinion & { readonly subjectId: string })[] = await tx.query(
    `select subject_id as "subjectId", basis, level, reason, set_by as "setBy", set_at as "setAt"
     from assessments where customer_id = $1 and subject_id = any ($2::uuid[])`,
    [customerId, subjectIds],
  );
  return Map.groupBy(rows, ({ subjectId }) => subjectId);
}

/** An opinion by whose it is and of what. */
export interface OpinionKey {
  readonly subjectId: string;
  readonly basis: string;
}

/** Up to `limit` opinions that were not weighed yet. */
export function findUnsettledOpinions(
  tx: Transaction,
  customerId: string,
  limit: number,
): Promise<readonly OpinionKey[]> {
  return tx.query(
    `select subject_id as "subjectId", basis from assessments
     where customer_id = $1 and not is_settled limit $2`,
    [customerId, limit],
  );
}

/** Notes that some opinions were weighed. */
export async function markOpinionsSettled(
  tx: Transaction,
  customerId: string,
  opinions: readonly OpinionKey[],
): Promise<void> {
  if (opinions.length === 0) return;
  await tx.query(
    `update assessments set is_settled = true
     from unnest($2::uuid[], $3::text[]) as o(subject_id, basis)
     where assessments.customer_id = $1 and assessments.subject_id = o.subject_id
       and assessments.basis = o.basis`,
    [customerId, opinions.map(({ subjectId }) => subjectId), opinions.map(({ basis }) => basis)],
  );
}
