import { uuidV5 } from '@vedette/event-model';

export type IdentityKind = 'USER' | 'SERVICE' | 'MACHINE' | 'WELL_KNOWN';

/** An account by its name. */
export interface AccountName {
  /** What its id is derived from: the whole name in lower case. */
  readonly normalised: string;
  /** Without the domain of `DOMAIN\\name`; whole where it is `name@domain`, for that is its name. */
  readonly name: string;
  readonly domain: string | null;
  readonly kind: IdentityKind;
}

/** Domains whose accounts every Windows system has, in the languages that have words of their own for them. */
const wellKnownDomains = new Set([
  ...['nt authority', 'nt-autorität', 'autorite nt', 'autorité nt', 'nt service', 'builtin'],
  ...['window manager', 'font driver host', 'iis apppool', 'nt virtual machine'],
]);

/** Accounts that every system has, where no domain is told. */
const wellKnownNames = new Set([
  ...['system', 'localsystem', 'local system', 'local service', 'network service'],
  ...['anonymous logon', 'anonymous', 'root', 'daemon', 'nobody', 'www-data'],
]);

/** How people name the accounts that they make for programs. */
const serviceName = /^(?:svc|srv|service|sa)[-_.]|[-_.](?:svc|service)$/;
/** A role that was assumed, or a service of Amazon's itself. */
const cloudService = /:assumed-role\/|\.amazonaws\.com$/;

/** Reads an account as a source writes it: `DOMAIN\name`, `name@domain` or a name; null where it is none. */
export function readAccountName(text: string): AccountName | null {
  const account = text.trim();
  const slash = account.indexOf('\\');
  const name = account.slice(slash + 1);
  if (name === '' || name === '-') return null;
  const told = slash > 0 ? account.slice(0, slash) : account.slice(atSign(account)).slice(1);
  const domain = told === '' || told === '.' || told === '-' ? null : told;
  const normalised = (domain === null ? name : account).toLowerCase();
  return { normalised, name, domain, kind: kindOf(name.toLowerCase(), domain?.toLowerCase()) };
}

/** Where the domain of `name@domain` begins; the end where it has none. */
function atSign(account: string): number {
  const at = account.lastIndexOf('@');
  return at > 0 ? at : account.length;
}

function kindOf(name: string, domain: string | undefined): IdentityKind {
  if (domain === undefined ? wellKnownNames.has(name) : wellKnownDomains.has(domain)) {
    return 'WELL_KNOWN';
  }
  const [own = name] = isPrincipalName(name) ? name.split('@', 1) : [name];
  // Managed service accounts end so as well: their names do not tell them from a computer's.
  if (own.endsWith('$')) return 'MACHINE';
  return serviceName.test(own) || cloudService.test(name) ? 'SERVICE' : 'USER';
}

/** Whether an account's name is of the form `name@domain`. */
export function isPrincipalName(name: string): boolean {
  return name.lastIndexOf('@') > 0;
}

/** @param account whose name it is */
export function identityId(customerId: string, account: Pick<AccountName, 'normalised'>): string {
  return uuidV5(customerId, `identity:${account.normalised}`);
}

/** What stands for a security identifier where opinions and links need an id. */
export function sidSubjectId(customerId: string, sid: string): string {
  return uuidV5(customerId, `identity-sid:${sid.toLowerCase()}`);
}
