import type { RuleOpinion } from '../asset/assessment-store.ts';

export interface RiskRule extends RuleOpinion {
  /** The end of the account's own security identifier within its domain or host. */
  readonly accountRid?: number;
  /** Groups that the account was added to: names in lower case, as Windows spells them in several languages. */
  readonly groupNames?: readonly string[];
  /** The ends of the groups' security identifiers, which are the same in every language. */
  readonly groupSids?: RegExp;
}

/**
 * Whose account does most harm. Leaving a group lowers nothing: what was done before stays done, and a person can say
 * that it is over.
 */
const riskRules: readonly RiskRule[] = [
  {
    id: 'domain-admin',
    level: 'CRITICAL',
    reason: 'It was added to a group that rules a whole Windows domain.',
    groupNames: [
      ...['domain admins', 'enterprise admins', 'schema admins', 'domänen-admins'],
      ...['organisations-admins', 'schema-admins', 'admins du domaine'],
    ],
    // Domain Admins, Schema Admins, Enterprise Admins (Microsoft: "Security identifiers", well-known SIDs).
    groupSids: /^S-1-5-21-(?:\d+-){3}51[289]$/,
  },
  {
    id: 'local-administrator',
    level: 'HIGH',
    reason: 'It was added to the administrators of a host, or to those of a domain controller.',
    groupNames: ['administrators', 'administratoren', 'administrateurs'],
    groupSids: /^S-1-5-32-544$/,
  },
  {
    id: 'built-in-administrator',
    level: 'HIGH',
    reason:
      'It is the built-in administrator of a domain or a host, whatever it is called (RID 500).',
    accountRid: 500,
  },
];

const ruleById = new Map(riskRules.map((rule) => [rule.id, rule]));

/** @throws {Error} there is no such rule: a fault of ours */
export function riskRule(ruleId: string): RiskRule {
  const rule = ruleById.get(ruleId);
  if (!rule) throw new Error(`There is no risk rule '${ruleId}'.`);
  return rule;
}

/** The rule that speaks of an account with this security identifier. */
export function ruleOfAccount(sid: string): RiskRule | undefined {
  const rid = Number(/^S-1-5-21-(?:\d+-){3}(\d+)$/i.exec(sid)?.[1]);
  return riskRules.find(({ accountRid }) => accountRid === rid);
}

/** The rule that speaks of a group's new member. */
export function ruleOfGroup(name: string | null, sid: string | null): RiskRule | undefined {
  return riskRules.find(
    ({ groupNames = [], groupSids }) =>
      (sid !== null && groupSids?.test(sid) === true) ||
      (name !== null && groupNames.includes(name.toLowerCase())),
  );
}
