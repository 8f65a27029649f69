import type { Finding } from '../asset/asset-facts.ts';
import { fieldIn } from '../asset/json-text-field.ts';
import type { NewTelemetryRow } from '../telemetry/telemetry-store.ts';
import { identityId, readAccountName, sidSubjectId } from './account-name.ts';
import type { AccountName } from './account-name.ts';
import { ruleOfAccount, ruleOfGroup } from './risk-rules.ts';

/** Activity of an account within one batch. */
export interface IdentitySighting extends AccountName {
  readonly identityId: string;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
}

/**
 * What ties an identity to another id: `NAME` to another name that a record states of the same account, `SID` to what
 * stands for its security identifier, `SELF` to itself, so that a new one is settled.
 */
export interface IdentityLink {
  readonly identityId: string;
  readonly kind: 'NAME' | 'SID' | 'SELF';
  readonly linkedId: string;
}

/** What a batch tells of accounts. */
export interface IdentityFacts {
  readonly sightings: readonly IdentitySighting[];
  readonly links: readonly IdentityLink[];
  readonly findings: readonly Finding[];
}

type Row = Pick<NewTelemetryRow, 'userName' | 'classUid' | 'activityId' | 'occurredAt' | 'fields'>;

/** Classes whose Windows records state security identifiers, and two names of an account. */
const accountClasses = new Set([3001, 3002, 3003, 3006]);

/** Reads the accounts that a batch names. Of an account's records, the first of each class are read for its other names. */
export function readIdentityFacts(customerId: string, rows: readonly Row[]): IdentityFacts {
  const seen = new Sightings(customerId);
  const links: IdentityLink[] = [];
  const findings: Finding[] = [];
  const read = new Set<string>();
  for (const row of rows) {
    findings.push(...findNewMember(customerId, row));
    if (row.userName === null) continue;
    const id = seen.add(row.userName, row.occurredAt);
    const turn = `${String(row.classUid)} ${row.userName}`;
    if (id === null || read.has(turn)) continue;
    read.add(turn);
    for (const [one, other] of namesOf(row)) {
      const [identity, linked] = [seen.add(one, row.occurredAt), seen.add(other, row.occurredAt)];
      if (identity === null || linked === null || identity === linked) continue;
      links.push({ identityId: identity, kind: 'NAME', linkedId: linked });
    }
    const sid = sidOf(customerId, row, id);
    if (sid === null) continue;
    links.push({ identityId: id, kind: 'SID', linkedId: sidSubjectId(customerId, sid) });
    const rule = ruleOfAccount(sid);
    if (rule) findings.push({ subjectId: id, ruleId: rule.id, at: row.occurredAt });
  }
  return { sightings: seen.all(), links, findings };
}

/** The accounts of a batch, each once, with its first and last time. */
class Sightings {
  readonly #customerId: string;
  readonly #idByText = new Map<string, string | null>();
  readonly #byId = new Map<string, IdentitySighting>();

  constructor(customerId: string) {
    this.#customerId = customerId;
  }

  /** @returns the identity's id; null where the text names no account */
  add(text: string, at: Date): string | null {
    const known = this.#idByText.get(text);
    if (known === undefined) return this.#discover(text, at);
    const seen = known === null ? undefined : this.#byId.get(known);
    if (known !== null && seen) this.#widen(seen, at);
    return known;
  }

  all(): readonly IdentitySighting[] {
    return [...this.#byId.values()];
  }

  #discover(text: string, at: Date): string | null {
    const account = readAccountName(text);
    if (account === null) {
      this.#idByText.set(text, null);
      return null;
    }
    const id = identityId(this.#customerId, account);
    this.#idByText.set(text, id);
    const seen = this.#byId.get(id);
    if (seen) this.#widen(seen, at);
    else this.#byId.set(id, { ...account, identityId: id, firstSeenAt: at, lastSeenAt: at });
    return id;
  }

  #widen(seen: IdentitySighting, at: Date): void {
    if (at >= seen.firstSeenAt && at <= seen.lastSeenAt) return;
    const firstSeenAt = at < seen.firstSeenAt ? at : seen.firstSeenAt;
    const lastSeenAt = at > seen.lastSeenAt ? at : seen.lastSeenAt;
    this.#byId.set(seen.identityId, { ...seen, firstSeenAt, lastSeenAt });
  }
}

/** Fields in which one record states an account as `name@domain` and as `DOMAIN\name`: principal, domain, name. */
const namePairs = [
  ['UserPrincipalName', 'TargetDomainName', 'TargetUserName'],
  ['AccountUpn', 'AccountDomain', 'AccountName'],
  ['InitiatingProcessAccountUpn', 'InitiatingProcessAccountDomain', 'InitiatingProcessAccountName'],
] as const;

function namesOf({ fields }: Row): readonly (readonly [string, string])[] {
  return namePairs.flatMap(([principalField, domainField, nameField]) => {
    const principal = fieldIn(fields, principalField);
    if (!principal?.includes('@')) return [];
    const [domain, name] = [fieldIn(fields, domainField), fieldIn(fields, nameField)];
    if (!domain || !name || domain === '-' || name === '-' || name.includes('@')) return [];
    return [[principal, `${domain}\\${name}`] as const];
  });
}

/** The security identifier that a Windows record states of the account that it is about. */
function sidOf(customerId: string, { classUid, fields }: Row, id: string): string | null {
  if (!accountClasses.has(classUid)) return null;
  for (const [role, sidField] of [
    ['Target', 'TargetUserSid'],
    ['Target', 'TargetSid'],
    ['Subject', 'SubjectUserSid'],
  ] as const) {
    const sid = fieldIn(fields, sidField);
    if (!isAccountSid(sid)) continue;
    const domain = fieldIn(fields, `${role}DomainName`) ?? '';
    const account = readAccountName(`${domain}\\${fieldIn(fields, `${role}UserName`) ?? ''}`);
    if (account !== null && identityId(customerId, account) === id) return sid;
  }
  return null;
}

/** Whether it is of one account of one domain or host, and not one that every system has. */
function isAccountSid(sid: string | null): sid is string {
  return sid !== null && /^S-1-5-21-(?:\d+-){3}\d+$/i.test(sid);
}

const groupClass = 3006;
const memberAdded = 3;

/** Who was added to a group that a rule speaks of: by security identifier where one is told, else by name. */
function findNewMember(
  customerId: string,
  { classUid, activityId, fields, occurredAt }: Row,
): readonly Finding[] {
  if (classUid !== groupClass || activityId !== memberAdded) return [];
  const rule = ruleOfGroup(fieldIn(fields, 'TargetUserName'), fieldIn(fields, 'TargetSid'));
  const subjectId = rule && memberId(customerId, fields);
  return subjectId ? [{ subjectId, ruleId: rule.id, at: occurredAt }] : [];
}

function memberId(customerId: string, fields: string): string | null {
  const sid = fieldIn(fields, 'MemberSid');
  if (isAccountSid(sid)) return sidSubjectId(customerId, sid);
  // Some sources have resolved the identifier to `DOMAIN\name` already; a directory's name begins with the account's.
  const name = [sid, fieldIn(fields, 'MemberName')].find((text) => text?.includes('\\'));
  const common = /^CN=([^,\\]+)/i.exec(fieldIn(fields, 'MemberName') ?? '')?.[1];
  const domain = fieldIn(fields, 'TargetDomainName') ?? '';
  const text = name ?? (common === undefined ? null : `${domain}\\${common}`);
  const account = text === null ? null : readAccountName(text);
  return account === null ? null : identityId(customerId, account);
}
