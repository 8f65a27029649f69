import { operatorId } from '@vedette/service-kit';

/** What belongs to a customer, or to a provider itself; the operator's carries `operatorId` for one. */
export interface Owned {
  readonly providerId: string;
  /** A customer of the provider; null for what is the provider's own. */
  readonly customerId: string | null;
}

export type OwnerKind = 'OPERATOR' | 'PROVIDER' | 'CUSTOMER';

export function kindOfOwner({ providerId, customerId }: Owned): OwnerKind {
  if (customerId !== null) return 'CUSTOMER';
  return providerId === operatorId ? 'OPERATOR' : 'PROVIDER';
}
