import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ConflictError,
  ForbiddenError,
  IllegalStateError,
  newId,
  NotFoundError,
} from '@vedette/service-kit';
import { waitFor } from '@vedette/testkit';
import { setContactLadder } from '../contact/contact-ladder-operations.ts';
import { addContact } from '../contact/contact-operations.ts';
import type { AccountableContext } from '../deed/deed-book.ts';
import { offboardCustomer } from '../customer-leaving/customer-leaving-operations.ts';
import { grantCustomer } from '../grant/grant-operations.ts';
import type { ProviderRow } from '../provider/provider-store.ts';
import { setProviderResponsePolicy } from '../response-policy/response-policy-operations.ts';
import { buildPrincipals } from '../testing/principal-builders.ts';
import { adminOf, operatorAdmin, startTenancyTables } from '../testing/test-tenancy.ts';
import type { TenancyTables } from '../testing/test-tenancy.ts';
import { countWaiting } from '../testing/waiting.ts';
import { updateUser } from '../user/user-operations.ts';
import type { UserRow } from '../user/user-store.ts';
import { moveCustomer } from './customer-move-operations.ts';
import { getCustomer } from './customer-operations.ts';
import type { CustomerRow } from './customer-store.ts';

let tables: TenancyTables;
let from: ProviderRow;
let to: ProviderRow;
let customer: CustomerRow;

beforeAll(async () => {
  tables = await startTenancyTables();
});

afterAll(() => tables.stop());

beforeEach(async () => {
  from = await tables.aProvider();
  to = await tables.aProvider();
  customer = await tables.aCustomer(from);
});

const asOperator = (): AccountableContext => tables.contextFor(operatorAdmin);
const move = (input: Partial<Parameters<typeof moveCustomer>[1]> = {}): Promise<CustomerRow> => {
  const { customerId } = customer;
  return moveCustomer(asOperator(), { customerId, providerId: to.providerId, ...input });
};

function select<Row>(sql: string, ...parameters: readonly unknown[]): Promise<Row[]> {
  return asOperator().db.transaction({ kind: 'OPERATOR' }, (tx) =>
    tx.query<Row[]>(sql, [...parameters]),
  );
}

describe('a customer that moves', () => {
  it('is at its new provider from then on, told under it, and nowhere else', async () => {
    const moved = await move();
    const { customerId } = customer;
    expect(moved).toEqual({ ...customer, providerId: to.providerId, version: 2 });
    expect(await tables.toldOf(customerId)).toEqual([
      `vedette.tenancy.customer_onboarded.${from.providerId}.${customerId}`,
      `vedette.tenancy.customer_moved.${to.providerId}.${customerId}`,
    ]);
    // Also for whose identity token was made a moment ago.
    const before = tables.contextFor(adminOf(from, customer));
    await expect(getCustomer(before, customerId)).rejects.toThrow(NotFoundError);
    expect(await getCustomer(tables.contextFor(adminOf(to, customer)), customerId)).toEqual(moved);
  });

  it("leaves its old provider's people, keys and rungs behind, and takes its own along", async () => {
    const { customerId } = customer;
    const principals = buildPrincipals(tables);
    const ofProvider = await principals.anIssuer({ providerId: from.providerId });
    const technician = await principals.aUser(ofProvider, 'PROVIDER_TECHNICIAN');
    await grantCustomer(asOperator(), { principalId: technician.userId, customerId });
    await principals.aUser(ofProvider, 'CUSTOMER_VIEWER', { customerId });
    const own = await principals.anIssuer({ customerId });
    const approver = await principals.aUser(own, 'CUSTOMER_APPROVER', { customerId });
    await principals.aKey({ customerId });
    const person = { name: 'Jens', email: 'jens@hafen.example' };
    const ours = await addContact(asOperator(), { customerId, contact: person });
    const theirs = await addContact(asOperator(), {
      ...{ providerId: from.providerId, contact: { ...person, name: 'Mara' } },
    });
    const rungs = [theirs, ours].map(({ contactId }) => ({ contactId, channel: 'EMAIL' as const }));
    await setContactLadder(asOperator(), { customerId, expectedVersion: 0, rungs });
    await move();
    const counts = await select(
      `select (select count(*)::int from grants where customer_id = $1) as grants,
              (select count(*)::int from api_keys where customer_id = $1) as keys`,
      customerId,
    );
    expect(counts).toEqual([{ grants: 0, keys: 0 }]);
    const { providerId } = to;
    const follows = { customer_id: customerId, provider_id: providerId };
    expect(
      await select(
        'select user_id, customer_id, provider_id from users where customer_id = $1',
        customerId,
      ),
    ).toEqual([{ user_id: approver.userId, ...follows }]);
    expect(
      await select(
        'select customer_id, provider_id from issuers where customer_id = $1',
        customerId,
      ),
    ).toEqual([follows]);
    expect(
      await select(
        'select customer_id, provider_id from contacts where customer_id = $1',
        customerId,
      ),
    ).toEqual([follows]);
    expect(await select('select contact_id from rungs where customer_id = $1', customerId)).toEqual(
      [{ contact_id: ours.contactId }],
    );
    expect(await tables.toldOf(technician.userId)).toHaveLength(2 + 1);
  });

  it("is under its new provider's policy", async () => {
    const mandate = {
      ...{ signatory: { name: 'Inken' }, documentSha256: 'ab'.repeat(32) },
      highestMode: 'AUTHORIZE',
    } as const;
    const { customerId } = (customer = await tables.aCustomer(from, { mandate }));
    await setProviderResponsePolicy(asOperator(), {
      ...{ providerId: to.providerId, expectedVersion: 0, policy: { mode: 'COLLABORATE' } },
    });
    await move();
    expect((await tables.toldUnder(customerId)).slice(-2)).toEqual([
      ...['customer_moved', 'effective_policy_changed'],
    ]);
  });

  it('moves however many reach it', async () => {
    const { customerId } = customer;
    await select(
      `insert into grants (customer_id, principal_id, can_approve, granted_at)
       select $1, gen_random_uuid(), false, now() from generate_series(1, 4700)`,
      customerId,
    );
    expect(await move()).toMatchObject({ providerId: to.providerId });
    expect(await select('select 1 from grants where customer_id = $1', customerId)).toEqual([]);
  });

  it('and somebody who changes meanwhile wait for each other, and never both', async () => {
    const { customerId } = customer;
    const principals = buildPrincipals(tables);
    const ofProvider = await principals.anIssuer({ providerId: from.providerId });
    const own = await principals.anIssuer({ customerId });
    const technician = await principals.aUser(ofProvider, 'PROVIDER_TECHNICIAN');
    const { userId: principalId } = technician;
    await grantCustomer(asOperator(), { principalId, customerId, canApprove: true });
    const approver = await principals.aUser(own, 'CUSTOMER_APPROVER', { customerId });
    const change = (userId: string, expectedVersion: number, role: UserRow['role']) =>
      updateUser(tables.contextFor(adminOf(from, customer)), { userId, expectedVersion, role });
    const changes = [
      () => change(principalId, 2, 'PROVIDER_VIEWER'),
      () => change(approver.userId, 1, 'CUSTOMER_VIEWER'),
    ];
    const done: Promise<unknown>[] = [];
    await asOperator().db.transaction({ kind: 'OPERATOR' }, async (tx) => {
      // Whoever comes first is held here, so that the move comes in between its steps.
      await tx.query('select 1 from users where user_id = any ($1) for update', [
        [principalId, approver.userId],
      ]);
      for (const [index, begin] of [...changes, move].entries()) {
        done.push(begin());
        done.at(-1)?.catch(() => undefined);
        await waitFor(async () => (await countWaiting(tx)) === index + 1);
      }
    });
    const outcomes = await Promise.allSettled(done);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
  });

  it('to where it is changes nothing', async () => {
    expect(await move({ providerId: from.providerId })).toEqual(customer);
    expect(await tables.toldUnder(customer.customerId)).toEqual(['customer_onboarded']);
  });

  it('does not move under a name or reference that another one has there', async () => {
    await tables.aCustomer(to, { name: customer.name.toUpperCase() });
    await expect(move()).rejects.toThrow(ConflictError);
    const externalReference = newId();
    await tables.aCustomer(to, { externalReference });
    customer = await tables.aCustomer(from, { externalReference });
    await expect(move()).rejects.toThrow(ConflictError);
    expect(await getCustomer(asOperator(), customer.customerId)).toEqual(customer);
  });

  it('does not move when it is an own estate, or no longer served', async () => {
    await expect(move({ customerId: from.ownEstateId })).rejects.toThrow(IllegalStateError);
    const { customerId } = customer;
    await offboardCustomer(asOperator(), { customerId, reason: 'Closed' });
    await expect(move()).rejects.toThrow(IllegalStateError);
  });

  it('moves between what exists', async () => {
    const id = newId();
    await expect(move({ providerId: id })).rejects.toThrow(new NotFoundError('Provider', id));
    await expect(move({ customerId: id })).rejects.toThrow(new NotFoundError('Customer', id));
  });

  it("is moved by the operator's admins only", async () => {
    const { customerId } = customer;
    const input = { customerId, providerId: to.providerId };
    const attempt = moveCustomer(tables.contextFor(adminOf(from, customer)), input);
    await expect(attempt).rejects.toThrow(ForbiddenError);
  });
});
