import { listAll, type Ask } from '../gateway-client.ts';
import { audience, mfaAcr, toIssuerUrl, toJwksUrl } from '../openid-provider/application.ts';
import { issuerNames, people, type IssuerName, type Person } from '../people.ts';
import type { Principal } from '../principals.ts';
import type { Provider } from './ensure-companies.ts';

/** Whose something is; of nobody's it is the operator's. */
type Owner = { readonly providerId?: string } | { readonly customerId: string };

/**
 * Sees to it that the issuers are registered and the people invited; nobody of a customer that has left.
 * By key of `endpoints.json`.
 */
export async function ensurePeople(
  ask: Ask,
  oidcUrl: string,
  providers: readonly Provider[],
): Promise<Readonly<Record<string, Principal>>> {
  const issuerIds = await ensureIssuers(ask, oidcUrl, providers);
  const fields = 'id issuerId subject name version';
  const known = await listAll<FoundUser>(ask, 'users', fields);
  const principals: Record<string, Principal> = {};
  for (const person of people) {
    const issuerId = issuerIds[person.issuer];
    const owner = ownerOf(person, providers);
    if (issuerId === undefined || owner === null) continue;
    const found = known.find(
      (user) => user.issuerId === issuerId && user.subject === person.subject,
    );
    const id = found?.id ?? (await inviteUser(ask, issuerId, person, owner));
    if (found && found.name !== person.name) await rename(ask, found, person);
    principals[person.principal] = { id };
  }
  return principals;
}

interface FoundUser {
  readonly id: string;
  readonly issuerId: string;
  readonly subject: string;
  readonly name: string;
  readonly version: number;
}

async function ensureIssuers(
  ask: Ask,
  oidcUrl: string,
  providers: readonly Provider[],
): Promise<Readonly<Partial<Record<IssuerName, string>>>> {
  const known = await listAll<{ id: string; issuer: string }>(ask, 'issuers', 'id issuer');
  const ids = [];
  for (const name of issuerNames) {
    const issuer = toIssuerUrl(oidcUrl, name);
    const found = known.find((each) => each.issuer === issuer);
    const owner = ownerOfIssuer(name, providers);
    if (owner === null) continue;
    const id = found?.id ?? (await registerIssuer(ask, issuer, owner));
    ids.push([name, id] as const);
  }
  return Object.fromEntries(ids);
}

async function registerIssuer(ask: Ask, issuer: string, owner: Owner): Promise<string> {
  const { registerIssuer: made } = await ask<{ registerIssuer: { issuer: { id: string } } }>(
    `mutation ($input: RegisterIssuerInput!) {
      registerIssuer(input: $input) { issuer { id } }
    }`,
    {
      input: {
        ...{ ...owner, issuer, jwksUrl: toJwksUrl(issuer), audience },
        ...{ algorithms: ['ES256'], mfaAcrValues: [mfaAcr] },
      },
    },
  );
  return made.issuer.id;
}

async function inviteUser(
  ask: Ask,
  issuerId: string,
  { subject, name, email, role }: Person,
  owner: Owner,
): Promise<string> {
  const { inviteUser: made } = await ask<{ inviteUser: { user: { id: string } } }>(
    'mutation ($input: InviteUserInput!) { inviteUser(input: $input) { user { id } } }',
    { input: { issuerId, subject, name, email, role, ...owner } },
  );
  return made.user.id;
}

/** Tenancy lets the first administrator in without knowing who that is. */
async function rename(
  ask: Ask,
  { id: userId, version: expectedVersion }: FoundUser,
  { name, email }: Person,
): Promise<void> {
  await ask('mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }', {
    input: { userId, expectedVersion, name, email },
  });
}

/** Null when it is of a customer that has left. */
function ownerOf({ role, issuer }: Person, providers: readonly Provider[]): Owner | null {
  return role.startsWith('CUSTOMER_')
    ? firstCustomerOf(providers)
    : ownerOfIssuer(issuer, providers);
}

function ownerOfIssuer(name: IssuerName, providers: readonly Provider[]): Owner | null {
  if (name === 'operator') return {};
  const provider = providers.find(({ company }) => company.issuer === name);
  return provider ? { providerId: provider.providerId } : firstCustomerOf(providers);
}

/** The customer with people and an issuer of its own. */
function firstCustomerOf([first]: readonly Provider[]): Owner | null {
  const customerId = first?.customerIdByName.get(first.company.customers[0]?.name ?? '');
  return customerId === undefined ? null : { customerId };
}
