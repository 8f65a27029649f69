import { ConflictError } from '@vedette/service-kit';
import type { Page, TenantScope, Transaction } from '@vedette/service-kit';
import { EntitySchema, QueryFailedError } from 'typeorm';
import { restrictToOwners } from '../owned-list.ts';
import type { NarrowedOwner } from '../owned-list.ts';
import type { Owned } from '../owner/owner.ts';
import type { TokenRules } from './issuer-input.ts';

/** An OpenID provider as it is stored. */
export interface IssuerRow extends Owned, TokenRules {
  readonly issuerId: string;
  /** The `iss` of its tokens. */
  readonly issuer: string;
  readonly isActive: boolean;
  readonly registeredAt: Date;
  readonly version: number;
}

export const issuerRows = new EntitySchema<IssuerRow>({
  name: 'Issuer',
  tableName: 'issuers',
  columns: {
    issuerId: { type: 'uuid', primary: true, name: 'issuer_id' },
    providerId: { type: 'uuid', name: 'provider_id' },
    customerId: { type: 'uuid', name: 'customer_id', nullable: true },
    issuer: { type: 'text' },
    jwksUrl: { type: 'text', name: 'jwks_url' },
    audience: { type: 'text' },
    algorithms: { type: 'text', array: true },
    mfaAcrValues: { type: 'text', array: true, name: 'mfa_acr_values' },
    isActive: { type: 'boolean', name: 'is_active' },
    registeredAt: { type: 'timestamptz', name: 'registered_at' },
    version: { type: 'int' },
  },
});

/** @throws {ConflictError} the issuer is registered already; it is bound to one owner */
export async function insertIssuer(tx: Transaction, row: IssuerRow): Promise<void> {
  try {
    await tx.getRepository(issuerRows).insert(row);
  } catch (error) {
    if (error instanceof QueryFailedError && error.message.includes('uq_issuers_issuer')) {
      throw new ConflictError('This issuer is registered already.');
    }
    throw error;
  }
}

export async function saveIssuer(tx: Transaction, row: IssuerRow): Promise<void> {
  const { issuerId, ...changed } = row;
  await tx.getRepository(issuerRows).update({ issuerId }, changed);
}

/** @param lock holds the row until the end of the transaction */
export function findIssuer(
  tx: Transaction,
  scope: TenantScope,
  issuerId: string,
  lock: 'FOR_UPDATE' | 'NO_LOCK' = 'NO_LOCK',
): Promise<IssuerRow | null> {
  const query = restrictToOwners(
    tx.getRepository(issuerRows).createQueryBuilder('issuer'),
    scope,
  ).andWhere('issuer.issuerId = :issuerId', { issuerId });
  if (lock === 'FOR_UPDATE') query.setLock('pessimistic_write');
  return query.getOne();
}

/** By the `iss` of its tokens, whoever it is bound to. */
export function findIssuerByName(tx: Transaction, issuer: string): Promise<IssuerRow | null> {
  return tx.getRepository(issuerRows).findOneBy({ issuer });
}

/** Whether a customer has an issuer of its own whose tokens are believed; nobody else has one so. */
export async function hasActiveIssuer(tx: Transaction, { customerId }: Owned): Promise<boolean> {
  if (customerId === null) return false;
  return tx.getRepository(issuerRows).existsBy({ customerId, isActive: true });
}

/** Newest first, one row more than the page holds. */
export function listIssuers(
  tx: Transaction,
  scope: TenantScope,
  page: Page<['ID']>,
  owner: NarrowedOwner,
): Promise<IssuerRow[]> {
  const query = restrictToOwners(
    tx.getRepository(issuerRows).createQueryBuilder('issuer'),
    scope,
    owner,
  );
  if (page.after) query.andWhere('issuer.issuerId < :after', { after: page.after[0] });
  return query
    .orderBy('issuer.issuerId', 'DESC')
    .limit(page.limit + 1)
    .getMany();
}

/** Every one whose tokens are believed. */
export function listActiveIssuers(tx: Transaction): Promise<IssuerRow[]> {
  return tx
    .getRepository(issuerRows)
    .find({ where: { isActive: true }, order: { issuerId: 'ASC' } });
}
