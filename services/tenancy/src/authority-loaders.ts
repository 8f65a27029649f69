import type { OperationContext } from '@vedette/service-kit';
import DataLoader from 'dataloader';
import { loadLadders } from './contact/contact-ladder-operations.ts';
import type { ContactLadder } from './contact/contact.ts';
import { loadMandates } from './mandate/mandate-operations.ts';
import type { Mandate } from './mandate/mandate.ts';
import {
  loadCustomerPolicies,
  loadProviderPolicies,
} from './response-policy/response-policy-operations.ts';
import type { CustomerPolicies } from './response-policy/response-policy-operations.ts';
import type { ResponsePolicy } from './response-policy/response-policy-store.ts';
import { loadServiceContacts } from './service-contact/service-contact-operations.ts';
import type { NamedServiceContact } from './service-contact/service-contact-operations.ts';

/** What a page of customers or providers asks about each, in one query for all. */
export interface AuthorityLoaders {
  readonly mandates: DataLoader<string, readonly Mandate[]>;
  readonly customerPolicies: DataLoader<string, CustomerPolicies | null>;
  readonly providerPolicies: DataLoader<string, ResponsePolicy | null>;
  readonly contactLadders: DataLoader<string, ContactLadder>;
  readonly serviceContacts: DataLoader<string, NamedServiceContact | null>;
}

/** They batch and do not remember: the next mutation of a request must not see what the last one did. */
export function createAuthorityLoaders(ctx: OperationContext): AuthorityLoaders {
  const createLoader = <Value>(load: (ids: readonly string[]) => Promise<ArrayLike<Value>>) =>
    new DataLoader<string, Value>(load, { cache: false });
  return {
    mandates: createLoader((ids) => loadMandates(ctx, ids)),
    customerPolicies: createLoader((ids) => loadCustomerPolicies(ctx, ids)),
    providerPolicies: createLoader((ids) => loadProviderPolicies(ctx, ids)),
    contactLadders: createLoader((ids) => loadLadders(ctx, ids)),
    serviceContacts: createLoader((ids) => loadServiceContacts(ctx, ids)),
  };
}
