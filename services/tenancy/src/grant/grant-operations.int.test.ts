import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IllegalStateError, InvalidInputError, newId, NotFoundError } from '@vedette/service-kit';
import { listDeeds } from '../deed/deed-operations.ts';
import { buildPrincipals, twoProviders } from '../testing/principal-builders.ts';
import type { PrincipalBuilders, TwoProviders } from '../testing/principal-builders.ts';
import { adminOf, operatorAdmin, startTenancyTables } from '../testing/test-tenancy.ts';
import type { TenancyTables } from '../testing/test-tenancy.ts';
import type { UserRow } from '../user/user-store.ts';
import { grantCustomer, loadGrants, revokeGrant } from './grant-operations.ts';

let tables: TenancyTables;
let make: PrincipalBuilders;
let world: TwoProviders;
let technician: UserRow;
let stranger: UserRow;

beforeAll(async () => {
  tables = await startTenancyTables();
  make = buildPrincipals(tables);
  world = await twoProviders(tables);
  const { providerId } = world.provider;
  technician = await make.aUser(await make.anIssuer({ providerId }), 'PROVIDER_TECHNICIAN');
  const other = await make.anIssuer({ providerId: world.otherProvider.providerId });
  stranger = await make.aUser(other, 'PROVIDER_TECHNICIAN');
});

afterAll(() => tables.stop());

const asOperator = () => make.contextFor(operatorAdmin);
const asAdmin = () => make.contextFor(adminOf(world.provider, world.customer));

describe('granting a customer', () => {
  it('is told and written down, and repeated it changes the grant', async () => {
    const { customerId } = world.customer;
    const { userId: principalId } = technician;
    const input = { principalId, customerId };
    const granted = await grantCustomer(asAdmin(), input);
    expect(granted).toMatchObject({ customerId, principalId, canApprove: false });
    expect(await grantCustomer(asAdmin(), input)).toEqual(granted);
    const approving = { ...granted, canApprove: true };
    expect(await grantCustomer(asAdmin(), { ...input, canApprove: true })).toEqual(approving);
    expect(await loadGrants(asAdmin(), [principalId, newId()])).toEqual([[approving], []]);
    // Invited, granted, changed.
    expect(await tables.toldOf(principalId)).toHaveLength(3);
    const { nodes: deeds } = await listDeeds(asOperator(), { filter: { customerId } });
    expect(deeds.filter(({ kind }) => kind === 'grant.set').map(({ change }) => change)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ before: null }),
        {
          before: expect.objectContaining({ canApprove: false }),
          after: expect.objectContaining({ canApprove: true }),
        },
      ]),
    );
  });

  it('to a key works as to a person', async () => {
    const { providerId } = world.provider;
    const { customerId } = world.customer;
    const { apiKey } = await make.aKey({ providerId });
    const input = { principalId: apiKey.apiKeyId, customerId };
    expect(await grantCustomer(asAdmin(), input)).toMatchObject(input);
    const approving = grantCustomer(asAdmin(), { ...input, canApprove: true });
    await expect(approving).rejects.toThrow(InvalidInputError);
  });

  it('of another provider, or to its people, answers like one that does not exist', async () => {
    const { customer, sibling, foreign } = world;
    const own = { principalId: technician.userId, customerId: customer.customerId };
    const attempts = [
      { ...own, customerId: foreign.customerId },
      { ...own, customerId: sibling.customerId },
      { ...own, customerId: newId() },
      { ...own, principalId: stranger.userId },
      { ...own, principalId: newId() },
    ];
    for (const input of attempts) {
      await expect(grantCustomer(asAdmin(), input)).rejects.toThrow(NotFoundError);
      await expect(revokeGrant(asAdmin(), input)).rejects.toThrow(NotFoundError);
    }
    for (const input of [
      { ...own, customerId: foreign.customerId },
      { ...own, principalId: stranger.userId },
    ]) {
      await expect(grantCustomer(asOperator(), input)).rejects.toThrow(NotFoundError);
    }
  });

  it("is over with the customer's service", async () => {
    const leaving = await tables.aCustomer(world.provider);
    const { customerId } = leaving;
    const input = { principalId: technician.userId, customerId };
    await grantCustomer(asOperator(), input);
    await asOperator().db.transaction({ kind: 'OPERATOR' }, (tx) =>
      tx.query(`update customers set status = 'OFFBOARDED' where customer_id = $1`, [customerId]),
    );
    const again = grantCustomer(asOperator(), { ...input, canApprove: true });
    await expect(again).rejects.toThrow(IllegalStateError);
    expect(await revokeGrant(asOperator(), input)).toEqual({ principalId: technician.userId });
  });
});

describe('revoking a grant', () => {
  it('takes it away and is safe to repeat', async () => {
    const { customerId } = world.customer;
    const { userId: principalId } = await make.aUser(
      await make.anIssuer({ providerId: world.provider.providerId }),
      'PROVIDER_VIEWER',
    );
    const input = { principalId, customerId };
    await grantCustomer(asAdmin(), input);
    for (let n = 0; n < 2; n += 1) {
      expect(await revokeGrant(asAdmin(), input)).toEqual({ principalId });
    }
    expect(await loadGrants(asAdmin(), [principalId])).toEqual([[]]);
    expect(await tables.toldOf(principalId)).toHaveLength(3);
  });
});
