import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CustomerRow } from '../customer/customer-store.ts';
import { listDeeds } from '../deed/deed-operations.ts';
import { dropGrants, grantCustomer, loadGrants } from '../grant/grant-operations.ts';
import type { IssuerRow } from '../issuer/issuer-store.ts';
import { buildPrincipals, twoProviders } from '../testing/principal-builders.ts';
import type { PrincipalBuilders, TwoProviders } from '../testing/principal-builders.ts';
import { operatorAdmin, startTenancyTables } from '../testing/test-tenancy.ts';
import type { TenancyTables } from '../testing/test-tenancy.ts';
import { listUsers } from '../user/user-operations.ts';
import type { UserRow } from '../user/user-store.ts';
import { carryPrincipals, dropPrincipalsOf } from './customer-principals.ts';

let tables: TenancyTables;
let make: PrincipalBuilders;
let world: TwoProviders;
let ofProvider: IssuerRow;

beforeAll(async () => {
  tables = await startTenancyTables();
  make = buildPrincipals(tables);
  world = await twoProviders(tables);
  ofProvider = await make.anIssuer({ providerId: world.provider.providerId });
});

afterAll(() => tables.stop());

const asOperator = () => make.contextFor(operatorAdmin);

/** A customer with everybody who can sign in because of it. */
async function aCustomerWithPeople() {
  const customer = await tables.aCustomer(world.provider);
  const { customerId } = customer;
  const vouched = await make.aUser(ofProvider, 'CUSTOMER_VIEWER', { customerId });
  const ownIssuer = await make.anIssuer({ customerId });
  const technician = await make.aUser(ofProvider, 'PROVIDER_TECHNICIAN');
  const bridge = (await make.aKey({ providerId: world.provider.providerId })).apiKey;
  for (const principalId of [technician.userId, bridge.apiKeyId]) {
    await grantCustomer(asOperator(), { principalId, customerId });
  }
  return {
    ...{ customer, ownIssuer, technician, bridge, vouched },
    own: await make.aUser(ownIssuer, 'CUSTOMER_APPROVER', { customerId }),
    key: (await make.aKey({ customerId })).apiKey,
  };
}

async function usersOf({ customerId }: CustomerRow): Promise<readonly UserRow[]> {
  return (await listUsers(asOperator(), { filter: { customerId } })).nodes;
}

/** Providers under which it was told of an aggregate, in order. */
async function toldUnder(id: string): Promise<(string | undefined)[]> {
  return (await tables.toldOf(id)).map((subject) => subject.split('.')[3]);
}

describe('a customer that moves', () => {
  it('takes along its own people, and leaves behind whoever its old provider let in', async () => {
    const { customer, ownIssuer, technician, bridge, vouched, own, key } =
      await aCustomerWithPeople();
    const { customerId, providerId } = customer;
    const to = world.otherProvider.providerId;
    const ctx = asOperator();
    await ctx.db.transaction({ kind: 'OPERATOR' }, async (tx) => {
      await dropGrants(tx, ctx, customer);
      await dropPrincipalsOf(tx, ctx, customer, 'PROVIDER');
      await carryPrincipals(tx, ctx, customerId, to);
    });
    expect(await usersOf(customer)).toEqual([{ ...own, providerId: to, version: 2 }]);
    expect(await loadGrants(ctx, [technician.userId, bridge.apiKeyId])).toEqual([[], []]);
    // Who was let in is told of where it was, who comes along where it is.
    const [old, now] = [providerId, to];
    expect(await toldUnder(technician.userId)).toEqual([old, old, old]);
    expect(await toldUnder(bridge.apiKeyId)).toEqual([old, old, old]);
    expect(await toldUnder(vouched.userId)).toEqual([old, old]);
    expect(await toldUnder(key.apiKeyId)).toEqual([old, old]);
    expect(await toldUnder(own.userId)).toEqual([old, now]);
    expect(await toldUnder(ownIssuer.issuerId)).toEqual([old, now]);
    const { nodes: deeds } = await listDeeds(ctx, { first: 100, filter: { customerId } });
    const ended = deeds.filter(({ kind }) => /revoke|remove/.test(kind));
    expect(ended.map(({ targetId }) => targetId).toSorted()).toEqual(
      [technician.userId, bridge.apiKeyId, vouched.userId, key.apiKeyId].toSorted(),
    );
  });

  it('does not keep its old provider from inviting the same person for another customer', async () => {
    const { customer, vouched } = await aCustomerWithPeople();
    const ctx = asOperator();
    await ctx.db.transaction({ kind: 'OPERATOR' }, (tx) =>
      dropPrincipalsOf(tx, ctx, customer, 'PROVIDER'),
    );
    const { customerId } = world.sibling;
    const { subject } = vouched;
    const again = await make.aUser(ofProvider, 'CUSTOMER_VIEWER', { customerId, subject });
    expect(again.userId).not.toBe(vouched.userId);
  });
});

describe('a customer that is purged', () => {
  it('leaves nobody who signs in because of it, and no issuer of its own', async () => {
    const { customer, ownIssuer, own, vouched, key, technician } = await aCustomerWithPeople();
    const ctx = asOperator();
    // As tenancy itself does it for a message, which is for this customer only.
    const { customerId, providerId } = customer;
    const scope = { kind: 'CUSTOMERS', customerIds: [customerId], providerId } as const;
    await ctx.db.transaction(scope, async (tx) => {
      await dropGrants(tx, ctx, customer);
      await dropPrincipalsOf(tx, ctx, customer, 'ANYBODY');
      for (const table of ['users', 'issuers', 'grants', 'api_keys', 'api_key_secrets']) {
        const sql = `select 1 from ${table} where customer_id = $1`;
        expect([table, await tx.query(sql, [customerId])]).toEqual([table, []]);
      }
    });
    for (const id of [own.userId, vouched.userId, key.apiKeyId, ownIssuer.issuerId]) {
      expect(await tables.toldOf(id)).toHaveLength(2);
    }
    expect(await tables.toldOf(technician.userId)).toHaveLength(3);
    expect(await usersOf(world.sibling)).not.toEqual([]);
  });
});
