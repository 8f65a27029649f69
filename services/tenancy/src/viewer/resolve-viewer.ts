import { ForbiddenError } from '@vedette/service-kit';
import type { Database, Role, Viewer } from '@vedette/service-kit';
import { listCustomerIds } from '../customer/customer-store.ts';

/** What a principal's token claims; the gateway has verified it. */
export interface Claims {
  readonly principalId: string;
  readonly role: Exclude<Role, 'SERVICE'>;
  readonly providerId?: string | undefined;
  /** Customers that the principal was granted one by one. */
  readonly customerIds?: readonly string[] | undefined;
}

/**
 * Says which customers a principal reaches today. Asked by the gateway only. A provider's admin
 * reaches all customers of the provider; everybody else what was granted and still belongs to the
 * provider. No grant means nothing.
 * @throws {ForbiddenError} the asker is not the gateway
 */
export async function resolveViewer(
  asker: Viewer,
  database: Database,
  claims: Claims,
): Promise<Viewer> {
  if (asker.principalId !== 'gateway' || asker.role !== 'SERVICE')
    throw new ForbiddenError('viewer:resolve');
  const { principalId, role, providerId } = claims;
  if (role.startsWith('OPERATOR_')) return { principalId, role, customerIds: 'ALL' };
  if (!providerId) return { principalId, role, customerIds: [] };
  // Who reaches what is decided here, so this one look-up sees every tenant.
  const owned = await database.transaction({ kind: 'OPERATOR' }, (tx) =>
    listCustomerIds(tx, providerId),
  );
  const granted = new Set(claims.customerIds ?? []);
  return {
    principalId,
    role,
    providerId,
    customerIds: role === 'PROVIDER_ADMIN' ? owned : owned.filter((id) => granted.has(id)),
  };
}
