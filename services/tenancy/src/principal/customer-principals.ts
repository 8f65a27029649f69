import { addToOutbox } from '@vedette/event-bus';
import type { OutboxEvent } from '@vedette/event-bus';
import type { Transaction } from '@vedette/service-kit';
import { In } from 'typeorm';
import { apiKeyRows } from '../api-key/api-key-store.ts';
import type { AccountableContext, Deed } from '../deed/deed-book.ts';
import type { LeavingCustomer } from '../grant/grant-operations.ts';
import { issuerRows } from '../issuer/issuer-store.ts';
import { issuerChanged, principalChanged } from '../principal-events.ts';
import { userRows } from '../user/user-store.ts';

/**
 * Locks a customer's issuers and whoever signs in because of it or was granted it, in an order of
 * their own and before anything of theirs or any ledger: whoever changes one of them does it so, too,
 * and otherwise the two could block each other. The transaction has locked the customer.
 */
export async function holdPrincipalsOf(tx: Transaction, customerId: string): Promise<void> {
  const granted = 'select principal_id from grants where customer_id = $1';
  for (const { table, id } of [
    { table: 'issuers', id: 'issuer_id' },
    { table: 'users', id: 'user_id' },
    { table: 'api_keys', id: 'api_key_id' },
  ]) {
    await tx.query(
      `select 1 from ${table} where customer_id = $1 or ${id} in (${granted})
       order by ${id} for update`,
      [customerId],
    );
  }
}

/**
 * Removes people and keys of a customer that leaves, so that nobody signs in as them any more. At a
 * move (`PROVIDER`) these are its keys, which its old provider knows, and whom that provider's issuers
 * vouch for; at a purge (`ANYBODY`) all, and its own issuers. They are deleted, not deactivated: an
 * issuer's subject is one user only, and the old provider may invite the person for another customer.
 * The transaction must see the customer.
 */
export async function dropPrincipalsOf(
  tx: Transaction,
  ctx: AccountableContext,
  customer: LeavingCustomer,
  vouchedBy: 'PROVIDER' | 'ANYBODY',
): Promise<void> {
  const { customerId, providerId } = customer;
  const change = { at: ctx.clock(), actor: ctx.viewer.principalId };
  const users = await tx
    .getRepository(userRows)
    .createQueryBuilder('user')
    .where('user.customerId = :customerId', { customerId })
    .andWhere(
      vouchedBy === 'ANYBODY'
        ? 'true'
        : 'user.issuerId in (select issuer_id from issuers where customer_id is null)',
    )
    .setLock('pessimistic_write')
    .getMany();
  const keys = await tx
    .getRepository(apiKeyRows)
    .find({ where: { customerId }, lock: { mode: 'pessimistic_write' } });
  const gone = [
    ...users.map((user) => ({ ...user, principalId: user.userId, targetType: 'User' })),
    ...keys.map((key) => ({ ...key, principalId: key.apiKeyId, targetType: 'ApiKey' })),
  ];
  await tx.getRepository(userRows).delete({ userId: In(users.map(({ userId }) => userId)) });
  await tx.getRepository(apiKeyRows).delete({ apiKeyId: In(keys.map(({ apiKeyId }) => apiKeyId)) });
  const issuersGone = vouchedBy === 'ANYBODY' ? await dropIssuersOf(tx, customerId, change) : [];
  await addToOutbox(tx, [
    ...gone.map((each) => principalChanged({ ...each, version: each.version + 1 }, change)),
    ...issuersGone,
  ]);
  const deeds = gone.map(({ principalId, targetType, name }): Deed => {
    const target = { targetType, targetId: principalId };
    return {
      kind: 'principal.remove',
      customerId,
      providerId,
      ...target,
      before: { name },
      after: null,
    };
  });
  await ctx.deeds.record(tx, ctx, deeds);
}

/** Lets the customer's own issuers, and the people whom they vouch for, follow it to its new provider. */
export async function carryPrincipals(
  tx: Transaction,
  ctx: AccountableContext,
  customerId: string,
  toProviderId: string,
): Promise<void> {
  const change = { at: ctx.clock(), actor: ctx.viewer.principalId };
  const moved = { providerId: toProviderId, version: () => 'version + 1' };
  await tx.getRepository(issuerRows).update({ customerId }, moved);
  await tx.getRepository(userRows).update({ customerId }, moved);
  const issuers = await tx.getRepository(issuerRows).findBy({ customerId });
  const users = await tx.getRepository(userRows).findBy({ customerId });
  await addToOutbox(tx, [
    ...issuers.map((issuer) => issuerChanged(issuer, change)),
    ...users.map((user) => principalChanged({ ...user, principalId: user.userId }, change)),
  ]);
}

async function dropIssuersOf(
  tx: Transaction,
  customerId: string,
  change: { readonly at: Date; readonly actor: string },
): Promise<readonly OutboxEvent[]> {
  const issuers = await tx.getRepository(issuerRows).findBy({ customerId });
  await tx.getRepository(issuerRows).delete({ customerId });
  return issuers.map((issuer) => issuerChanged({ ...issuer, version: issuer.version + 1 }, change));
}
