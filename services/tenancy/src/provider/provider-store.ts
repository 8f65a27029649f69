import { ConflictError } from '@vedette/service-kit';
import type { Page, TenantScope, Transaction } from '@vedette/service-kit';
import { EntitySchema, QueryFailedError } from 'typeorm';
import type { SelectQueryBuilder } from 'typeorm';
import type { Provider } from './provider.ts';

/** A provider as it is stored. */
export type ProviderRow = Provider;

export const providerRows = new EntitySchema<ProviderRow>({
  name: 'Provider',
  tableName: 'providers',
  columns: {
    providerId: { type: 'uuid', primary: true, name: 'provider_id' },
    name: { type: 'text' },
    ownEstateId: { type: 'uuid', name: 'own_estate_id' },
    onboardedAt: { type: 'timestamptz', name: 'onboarded_at' },
    frozenAt: { type: 'timestamptz', name: 'frozen_at', nullable: true },
    frozenBy: { type: 'text', name: 'frozen_by', nullable: true },
    freezeReason: { type: 'text', name: 'freeze_reason', nullable: true },
    liftRequestedBy: { type: 'text', name: 'lift_requested_by', nullable: true },
    version: { type: 'int' },
  },
});

/** @throws {ConflictError} another provider has the name */
export async function insertProvider(tx: Transaction, row: ProviderRow): Promise<void> {
  try {
    await tx.getRepository(providerRows).insert(row);
  } catch (error) {
    if (error instanceof QueryFailedError && error.message.includes('uq_providers_name')) {
      throw new ConflictError(`There is a provider named '${row.name}' already.`);
    }
    throw error;
  }
}

export async function updateProvider(tx: Transaction, row: ProviderRow): Promise<void> {
  const { providerId, ...changed } = row;
  await tx.getRepository(providerRows).update({ providerId }, changed);
}

export function findProviders(
  tx: Transaction,
  scope: TenantScope,
  providerIds: readonly string[],
): Promise<ProviderRow[]> {
  return visible(tx, scope)
    .andWhere('provider.providerId = any (:providerIds)', { providerIds: [...providerIds] })
    .getMany();
}

/**
 * A provider that the scope sees, locked until the end of the transaction. `CHANGE` is for whoever
 * changes it, or many of its customers at once; `JOIN` for whoever gives it a customer or changes the
 * name of one, several at a time. Locked before its customers are, everywhere.
 */
export function lockProvider(
  tx: Transaction,
  scope: TenantScope,
  providerId: string,
  purpose: 'CHANGE' | 'JOIN',
): Promise<ProviderRow | null> {
  return visible(tx, scope)
    .andWhere('provider.providerId = :providerId', { providerId })
    .setLock(purpose === 'CHANGE' ? 'for_no_key_update' : 'pessimistic_read')
    .getOne();
}

/** Providers by name, one row more than the page holds. */
export function listProviders(
  tx: Transaction,
  scope: TenantScope,
  page: Page<['TEXT', 'ID']>,
): Promise<ProviderRow[]> {
  const query = visible(tx, scope);
  if (page.after) {
    query.andWhere('(provider.name, provider.providerId) > (:name, :providerId)', {
      name: page.after[0],
      providerId: page.after[1],
    });
  }
  return query
    .orderBy('provider.name')
    .addOrderBy('provider.providerId')
    .limit(page.limit + 1)
    .getMany();
}

function visible(tx: Transaction, scope: TenantScope): SelectQueryBuilder<ProviderRow> {
  const query = tx.getRepository(providerRows).createQueryBuilder('provider');
  if (scope.kind === 'OPERATOR') return query;
  return query.where('provider.providerId = :own', { own: scope.providerId ?? null });
}
