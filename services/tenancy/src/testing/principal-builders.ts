import { newId } from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import { createApiKey } from '../api-key/api-key-operations.ts';
import type { CreateApiKeyInput, NewSecret } from '../api-key/api-key-operations.ts';
import type { CustomerRow } from '../customer/customer-store.ts';
import { registerIssuer } from '../issuer/issuer-operations.ts';
import type { IssuerContext, RegisterIssuerInput } from '../issuer/issuer-operations.ts';
import type { IssuerRow } from '../issuer/issuer-store.ts';
import type { ProviderRow } from '../provider/provider-store.ts';
import { inviteUser } from '../user/user-operations.ts';
import type { InviteUserInput } from '../user/user-operations.ts';
import type { UserRow } from '../user/user-store.ts';
import { operatorAdmin } from './test-tenancy.ts';
import type { TenancyTables } from './test-tenancy.ts';

/** Makes issuers, people and keys as the operator does, each under a name of its own. */
export interface PrincipalBuilders {
  contextFor(viewer: Viewer, now?: Date): IssuerContext;
  /** Without a provider and customer it is the operator's. */
  anIssuer(input?: Partial<RegisterIssuerInput>): Promise<IssuerRow>;
  aUser(
    issuer: IssuerRow,
    role: UserRow['role'],
    input?: Partial<InviteUserInput>,
  ): Promise<UserRow>;
  aKey(input: Partial<CreateApiKeyInput>, now?: Date): Promise<NewSecret>;
}

export function buildPrincipals(tables: TenancyTables): PrincipalBuilders {
  const contextFor: PrincipalBuilders['contextFor'] = (...who) => ({
    ...tables.contextFor(...who),
    allowsLoopbackIssuers: false,
  });
  return {
    contextFor,
    anIssuer: (input = {}) => {
      const issuer = `https://${newId()}.example`;
      const described = { issuer, jwksUrl: `${issuer}/jwks`, audience: 'vedette' };
      return registerIssuer(contextFor(operatorAdmin), { ...described, ...input });
    },
    aUser: ({ issuerId, providerId, customerId }, role, input = {}) => {
      const owner = role.startsWith('OPERATOR_')
        ? {}
        : customerId
          ? { customerId }
          : { providerId };
      const person = { issuerId, subject: newId(), name: 'Mara Lindqvist', role };
      return inviteUser(contextFor(operatorAdmin), {
        ...person,
        ...(input.customerId ? {} : owner),
        ...input,
      });
    },
    aKey: (input, now) =>
      createApiKey(contextFor(operatorAdmin, now), { name: 'Ticket bridge', ...input }),
  };
}

/** A user as the gateway lets it in. */
export function asViewer(user: UserRow, ...customers: readonly CustomerRow[]): Viewer {
  const { userId, role, providerId } = user;
  const isOperator = role.startsWith('OPERATOR_');
  return {
    ...{ principalId: userId, role },
    ...(isOperator ? {} : { providerId }),
    customerIds: isOperator ? 'ALL' : customers.map(({ customerId }) => customerId),
  };
}

/** Customers and what looks after them: two providers that know nothing of each other. */
export interface TwoProviders {
  readonly provider: ProviderRow;
  readonly customer: CustomerRow;
  readonly sibling: CustomerRow;
  readonly otherProvider: ProviderRow;
  readonly foreign: CustomerRow;
}

export async function twoProviders(tables: TenancyTables): Promise<TwoProviders> {
  const provider = await tables.aProvider();
  const otherProvider = await tables.aProvider();
  return {
    ...{ provider, otherProvider },
    customer: await tables.aCustomer(provider),
    sibling: await tables.aCustomer(provider),
    foreign: await tables.aCustomer(otherProvider),
  };
}
