import { ConflictError } from '@vedette/service-kit';
import type { Page, TenantScope, Transaction } from '@vedette/service-kit';
import { EntitySchema, QueryFailedError } from 'typeorm';
import { restrictToOwners } from '../owned-list.ts';
import type { NarrowedOwner } from '../owned-list.ts';
import type { Owned } from '../owner/owner.ts';
import { adminRoles } from './user.ts';
import type { UserRole } from './user.ts';

/** Somebody who may sign in, as stored. */
export interface UserRow extends Owned {
  readonly userId: string;
  readonly issuerId: string;
  readonly subject: string;
  readonly name: string;
  readonly email: string | null;
  readonly role: UserRole;
  readonly isActive: boolean;
  readonly invitedAt: Date;
  readonly version: number;
}

export const userRows = new EntitySchema<UserRow>({
  name: 'User',
  tableName: 'users',
  columns: {
    userId: { type: 'uuid', primary: true, name: 'user_id' },
    providerId: { type: 'uuid', name: 'provider_id' },
    customerId: { type: 'uuid', name: 'customer_id', nullable: true },
    issuerId: { type: 'uuid', name: 'issuer_id' },
    subject: { type: 'text' },
    name: { type: 'text' },
    email: { type: 'text', nullable: true },
    role: { type: 'text' },
    isActive: { type: 'boolean', name: 'is_active' },
    invitedAt: { type: 'timestamptz', name: 'invited_at' },
    version: { type: 'int' },
  },
});

/** @throws {ConflictError} the issuer's subject is a user already */
export async function insertUser(tx: Transaction, row: UserRow): Promise<void> {
  try {
    await tx.getRepository(userRows).insert(row);
  } catch (error) {
    if (error instanceof QueryFailedError && error.message.includes('uq_users_issuer_id_subject')) {
      throw new ConflictError('This subject of the issuer was invited already.');
    }
    throw error;
  }
}

export async function saveUser(tx: Transaction, row: UserRow): Promise<void> {
  const { userId, ...changed } = row;
  await tx.getRepository(userRows).update({ userId }, changed);
}

/** @param lock holds the row until the end of the transaction */
export function findUser(
  tx: Transaction,
  scope: TenantScope,
  userId: string,
  lock: 'FOR_UPDATE' | 'NO_LOCK' = 'NO_LOCK',
): Promise<UserRow | null> {
  const query = restrictToOwners(
    tx.getRepository(userRows).createQueryBuilder('user'),
    scope,
  ).andWhere('user.userId = :userId', { userId });
  if (lock === 'FOR_UPDATE') query.setLock('pessimistic_write');
  return query.getOne();
}

export function findUserBySubject(
  tx: Transaction,
  issuerId: string,
  subject: string,
): Promise<UserRow | null> {
  return tx.getRepository(userRows).findOneBy({ issuerId, subject });
}

/** Newest first, one row more than the page holds. */
export function listUsers(
  tx: Transaction,
  scope: TenantScope,
  page: Page<['ID']>,
  owner: NarrowedOwner,
): Promise<UserRow[]> {
  const query = restrictToOwners(
    tx.getRepository(userRows).createQueryBuilder('user'),
    scope,
    owner,
  );
  if (page.after) query.andWhere('user.userId < :after', { after: page.after[0] });
  return query
    .orderBy('user.userId', 'DESC')
    .limit(page.limit + 1)
    .getMany();
}

/** Administrators of the operator or a provider that can sign in. */
export async function countAdmins(tx: Transaction, providerId: string): Promise<number> {
  const [row]: { n: number }[] = await tx.query(
    `select count(*)::int as n from users join issuers using (issuer_id)
     where role = any ($1) and users.provider_id = $2 and users.is_active and issuers.is_active`,
    [adminRoles, providerId],
  );
  return row?.n ?? 0;
}
