import type { OperationContext } from '@vedette/service-kit';
import DataLoader from 'dataloader';
import { loadExports, loadPurges } from './customer-leaving/customer-leaving-operations.ts';
import type { AnsweredRequest } from './customer-leaving/customer-leaving.ts';
import { loadCustomers } from './customer/customer-operations.ts';
import type { Customer } from './customer/customer.ts';
import { loadProviders } from './provider/provider-operations.ts';
import type { Provider } from './provider/provider.ts';
import { loadReadiness } from './readiness/readiness-operations.ts';
import type { Readiness } from './readiness/readiness.ts';

/** Customers, and what the fields of one show, read for many at once within one request. */
export interface CustomerLoaders {
  readonly customers: DataLoader<string, Customer | null>;
  readonly providers: DataLoader<string, Provider | null>;
  readonly readiness: DataLoader<string, readonly Readiness[]>;
  readonly exports: DataLoader<string, AnsweredRequest | null>;
  readonly purges: DataLoader<string, AnsweredRequest | null>;
}

/** They batch and do not remember: the next mutation of a request must not see what the last one did. */
export function createCustomerLoaders(ctx: OperationContext): CustomerLoaders {
  const createLoader = <Value>(load: (ids: readonly string[]) => Promise<ArrayLike<Value>>) =>
    new DataLoader<string, Value>(load, { cache: false });
  return {
    customers: createLoader((ids) => loadCustomers(ctx, ids)),
    providers: createLoader((ids) => loadProviders(ctx, ids)),
    readiness: createLoader((ids) => loadReadiness(ctx, ids)),
    exports: createLoader((ids) => loadExports(ctx, ids)),
    purges: createLoader((ids) => loadPurges(ctx, ids)),
  };
}
