import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ConflictError,
  ForbiddenError,
  IllegalStateError,
  InvalidInputError,
  newId,
  NotFoundError,
} from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import { listDeeds } from '../deed/deed-operations.ts';
import { grantCustomer, loadGrants } from '../grant/grant-operations.ts';
import { updateIssuer } from '../issuer/issuer-operations.ts';
import type { IssuerRow } from '../issuer/issuer-store.ts';
import { asViewer, buildPrincipals, twoProviders } from '../testing/principal-builders.ts';
import type { PrincipalBuilders, TwoProviders } from '../testing/principal-builders.ts';
import { adminOf, operatorAdmin, startTenancyTables } from '../testing/test-tenancy.ts';
import type { TenancyTables } from '../testing/test-tenancy.ts';
import { getUser, inviteUser, listUsers, updateUser } from './user-operations.ts';
import type { InviteUserInput } from './user-operations.ts';
import type { UserRow } from './user-store.ts';

let tables: TenancyTables;
let make: PrincipalBuilders;
let world: TwoProviders;
let issuers: Readonly<Record<'operator' | 'provider' | 'other' | 'customer', IssuerRow>>;

beforeAll(async () => {
  tables = await startTenancyTables();
  make = buildPrincipals(tables);
  world = await twoProviders(tables);
  issuers = {
    operator: await make.anIssuer(),
    provider: await make.anIssuer({ providerId: world.provider.providerId }),
    other: await make.anIssuer({ providerId: world.otherProvider.providerId }),
    customer: await make.anIssuer({ customerId: world.customer.customerId }),
  };
});

afterAll(() => tables.stop());

const asOperator = () => make.contextFor(operatorAdmin);
const asAdmin = () => make.contextFor(adminOf(world.provider, world.customer));

function invite(
  ctx: ReturnType<typeof asOperator>,
  issuer: { readonly issuerId: string },
  input: Partial<InviteUserInput> & Pick<InviteUserInput, 'role'>,
) {
  const { issuerId } = issuer;
  return inviteUser(ctx, { issuerId, subject: newId(), name: 'Jens Petersen', ...input });
}

describe('inviting somebody', () => {
  it("lets an issuer's subject sign in, and tells of it", async () => {
    const { providerId } = world.provider;
    const { customerId } = world.customer;
    const email = 'mara@nordlicht.example';
    const user = await invite(asAdmin(), issuers.customer, {
      ...{ role: 'CUSTOMER_APPROVER', customerId, name: ' Mara ', email },
    });
    expect(user).toMatchObject({
      ...{ providerId, customerId, name: 'Mara', email, role: 'CUSTOMER_APPROVER' },
      ...{ isActive: true, version: 1 },
    });
    expect(await tables.toldOf(user.userId)).toEqual([
      `vedette.tenancy.principal_changed.${providerId}.${customerId}`,
    ]);
    const { nodes: deeds } = await listDeeds(asOperator(), { filter: { customerId } });
    expect(deeds.find(({ kind }) => kind === 'user.invite')).toMatchObject({
      targetId: user.userId,
      change: { before: null, after: { name: 'Mara', email, subject: user.subject } },
    });
  });

  it('needs an issuer that is bound to whoever they work for', async () => {
    const { providerId } = world.provider;
    const { customerId } = world.customer;
    const refused: readonly (readonly [IssuerRow, Parameters<typeof invite>[2]])[] = [
      [issuers.provider, { role: 'OPERATOR_ANALYST' }],
      [issuers.other, { role: 'PROVIDER_ADMIN', providerId }],
      [issuers.operator, { role: 'PROVIDER_ADMIN', providerId }],
      [issuers.customer, { role: 'PROVIDER_ADMIN', providerId }],
      [issuers.other, { role: 'CUSTOMER_VIEWER', customerId }],
      [issuers.operator, { role: 'CUSTOMER_VIEWER', customerId }],
      [issuers.customer, { role: 'CUSTOMER_VIEWER', customerId: world.sibling.customerId }],
      [issuers.provider, { role: 'PROVIDER_ADMIN' }],
      [issuers.provider, { role: 'PROVIDER_ADMIN', customerId }],
      [issuers.provider, { role: 'CUSTOMER_VIEWER', providerId }],
      [issuers.provider, { role: 'CUSTOMER_VIEWER', providerId, customerId }],
      [issuers.operator, { role: 'OPERATOR_ADMIN', providerId }],
      [issuers.provider, { role: 'INTEGRATION', providerId }],
      [issuers.provider, { role: 'SERVICE', providerId }],
      [issuers.provider, { role: 'PROVIDER_ADMIN', providerId, subject: '' }],
      [issuers.provider, { role: 'PROVIDER_ADMIN', providerId, subject: 'a\0b' }],
      [issuers.provider, { role: 'PROVIDER_ADMIN', providerId, subject: 'x'.repeat(256) }],
      [issuers.provider, { role: 'PROVIDER_ADMIN', providerId, email: 'nobody' }],
    ];
    for (const [issuer, input] of refused) {
      await expect(invite(asOperator(), issuer, input)).rejects.toThrow(InvalidInputError);
    }
  });

  it('says whose id is missing for the role', async () => {
    const { providerId } = world.provider;
    const tries = [
      [{ role: 'PROVIDER_ADMIN' }, 'input.providerId', 'is missing: the role is of a provider'],
      [{ role: 'CUSTOMER_VIEWER' }, 'input.customerId', 'is missing: the role is of a customer'],
      [
        { role: 'CUSTOMER_VIEWER', providerId },
        'input.customerId',
        'is missing: the role is of a customer',
      ],
      [{ role: 'OPERATOR_LEAD', providerId }, 'input.role', 'is not for the people of providers'],
    ] as const;
    for (const [input, path, problem] of tries) {
      await expect(invite(asOperator(), issuers.provider, input)).rejects.toMatchObject({
        details: { fields: [{ path, problem }] },
      });
    }
  });

  it("takes a customer's own issuer while it has an active one, and no other", async () => {
    const { customerId } = await tables.aCustomer(world.provider);
    const admin = make.contextFor({ ...adminOf(world.provider), customerIds: [customerId] });
    const byProvider = () =>
      invite(admin, issuers.provider, { role: 'CUSTOMER_APPROVER', customerId });
    expect(await byProvider()).toMatchObject({ customerId });
    const own = await make.anIssuer({ customerId });
    await expect(byProvider()).rejects.toThrow(/has an issuer of its own/);
    const person = await invite(admin, own, { role: 'CUSTOMER_APPROVER', customerId });
    expect(person).toMatchObject({ customerId, issuerId: own.issuerId });
    const { issuerId } = own;
    await updateIssuer(asOperator(), { issuerId, expectedVersion: 1, isActive: false });
    expect(await byProvider()).toMatchObject({ customerId });
  });

  it("is for a provider's admin among its own: what belongs to others answers like nothing", async () => {
    const { providerId } = world.provider;
    const { foreign, otherProvider, sibling } = world;
    const role = 'PROVIDER_TECHNICIAN';
    expect(await invite(asAdmin(), issuers.provider, { role, providerId })).toMatchObject({ role });
    const hidden: readonly (readonly [
      IssuerRow | { issuerId: string },
      Parameters<typeof invite>[2],
    ])[] = [
      [issuers.other, { role, providerId }],
      [issuers.operator, { role, providerId }],
      [{ issuerId: newId() }, { role, providerId }],
      [issuers.provider, { role, providerId: otherProvider.providerId }],
      [issuers.provider, { role: 'CUSTOMER_VIEWER', customerId: foreign.customerId }],
      [issuers.provider, { role: 'CUSTOMER_VIEWER', customerId: sibling.customerId }],
    ];
    for (const [issuer, input] of hidden) {
      await expect(invite(asAdmin(), issuer, input)).rejects.toThrow(NotFoundError);
    }
    const rising = invite(asAdmin(), issuers.provider, { role: 'OPERATOR_ADMIN' });
    await expect(rising).rejects.toThrow(ForbiddenError);
    const technician = { ...adminOf(world.provider), role } as const;
    const attempt = invite(make.contextFor(technician), issuers.provider, { role, providerId });
    await expect(attempt).rejects.toThrow(ForbiddenError);
  });

  it('happens once, also when two invite at the same moment', async () => {
    const { providerId } = world.provider;
    const input = { role: 'PROVIDER_VIEWER', providerId, subject: newId() } as const;
    const attempts = await Promise.allSettled([
      invite(asAdmin(), issuers.provider, input),
      invite(asAdmin(), issuers.provider, input),
    ]);
    expect(attempts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await expect(invite(asAdmin(), issuers.provider, input)).rejects.toThrow(ConflictError);
  });
});

describe('changing a user', () => {
  it('changes what is given, once, and tells of it', async () => {
    const user = await make.aUser(issuers.provider, 'PROVIDER_TECHNICIAN');
    const { userId } = user;
    const change = { userId, expectedVersion: 1, name: 'Inken', email: 'inken@nordlicht.example' };
    const changed = await updateUser(asAdmin(), change);
    expect(changed).toEqual({ ...user, name: 'Inken', email: change.email, version: 2 });
    await expect(updateUser(asAdmin(), change)).rejects.toThrow(ConflictError);
    const cleared = { userId, expectedVersion: 2, email: null };
    expect(await updateUser(asAdmin(), cleared)).toMatchObject({ email: null, name: 'Inken' });
    const same = { userId, expectedVersion: 3, name: 'Inken' };
    expect(await updateUser(asAdmin(), same)).toMatchObject({ version: 3 });
    expect(await tables.toldOf(userId)).toHaveLength(3);
  });

  it('keeps a role within the same owner, and takes approving from who is no technician', async () => {
    const { userId } = await make.aUser(issuers.provider, 'PROVIDER_TECHNICIAN');
    const { customerId } = world.customer;
    await grantCustomer(asAdmin(), { principalId: userId, customerId, canApprove: true });
    const become = (role: 'PROVIDER_VIEWER' | 'PROVIDER_TECHNICIAN', expectedVersion: number) =>
      updateUser(asAdmin(), { userId, expectedVersion, role });
    await become('PROVIDER_VIEWER', 2);
    await become('PROVIDER_TECHNICIAN', 3);
    expect(await loadGrants(asAdmin(), [userId])).toMatchObject([
      [{ customerId, canApprove: false }],
    ]);
    const foreign = { userId, expectedVersion: 4, role: 'OPERATOR_ADMIN' } as const;
    for (const ctx of [asAdmin(), asOperator()]) {
      await expect(updateUser(ctx, foreign)).rejects.toThrow(InvalidInputError);
    }
  });

  it("ends approving everywhere, with a deed each, also where the viewer's token does not reach yet", async () => {
    const { userId } = await make.aUser(issuers.provider, 'PROVIDER_TECHNICIAN');
    const fresh = await tables.aCustomer(world.provider);
    const granted = [world.customer, fresh];
    for (const { customerId } of granted) {
      await grantCustomer(asOperator(), { principalId: userId, customerId, canApprove: true });
    }
    await updateUser(asAdmin(), { userId, expectedVersion: 3, role: 'PROVIDER_VIEWER' });
    const [grants] = await loadGrants(asOperator(), [userId]);
    expect(grants?.map(({ canApprove }) => canApprove)).toEqual([false, false]);
    for (const { customerId, providerId } of granted) {
      const { nodes } = await listDeeds(asOperator(), { filter: { customerId } });
      expect(nodes.find(({ targetId }) => targetId === userId)).toMatchObject({
        ...{ kind: 'grant.set', providerId, targetType: 'Principal' },
        change: { before: { canApprove: true }, after: { canApprove: false } },
      });
    }
  });

  it("is for the people of the viewer's own: others answer like nobody", async () => {
    const hidden = [
      await make.aUser(issuers.other, 'PROVIDER_ADMIN'),
      await make.aUser(issuers.operator, 'OPERATOR_ANALYST'),
      await make.aUser(issuers.provider, 'CUSTOMER_VIEWER', {
        customerId: world.sibling.customerId,
      }),
    ];
    for (const { userId } of [...hidden, { userId: newId() }]) {
      const attempt = updateUser(asAdmin(), { userId, expectedVersion: 1, isActive: false });
      await expect(attempt).rejects.toThrow(new NotFoundError('User', userId));
    }
  });

  it('locks out nobody by their own hand', async () => {
    const admin = await make.aUser(issuers.provider, 'PROVIDER_ADMIN');
    const { userId } = admin;
    const ctx = make.contextFor(asViewer(admin));
    for (const change of [{ isActive: false }, { role: 'PROVIDER_VIEWER' }] as const) {
      const attempt = updateUser(ctx, { userId, expectedVersion: 1, ...change });
      await expect(attempt).rejects.toThrow(IllegalStateError);
    }
    const renamed = await updateUser(ctx, { userId, expectedVersion: 1, name: 'Still here' });
    expect(renamed).toMatchObject({ name: 'Still here' });
  });

  it("keeps the operator's last administrator, also when two lock out each other", async () => {
    const admins = [
      await make.aUser(issuers.operator, 'OPERATOR_ADMIN'),
      await make.aUser(issuers.operator, 'OPERATOR_ADMIN'),
    ] as const;
    const change = (viewer: Viewer, userId: string, role: 'OPERATOR_LEAD') =>
      updateUser(make.contextFor(viewer), { userId, expectedVersion: 1, role });
    const attempts = await Promise.allSettled([
      change(asViewer(admins[0]), admins[1].userId, 'OPERATOR_LEAD'),
      change(asViewer(admins[1]), admins[0].userId, 'OPERATOR_LEAD'),
    ]);
    expect(attempts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const refused = attempts.find((each) => each.status === 'rejected');
    expect(refused).toMatchObject({ reason: expect.any(IllegalStateError) });
  });

  it("keeps a provider's last administrator from its own people, and not from the operator", async () => {
    const { providerId } = await tables.aProvider();
    const issuer = await make.anIssuer({ providerId });
    const [one, two] = [
      await make.aUser(issuer, 'PROVIDER_ADMIN'),
      await make.aUser(issuer, 'PROVIDER_ADMIN'),
    ];
    const lockOut = (viewer: Viewer, { userId }: UserRow) =>
      updateUser(make.contextFor(viewer), { userId, expectedVersion: 1, isActive: false });
    const attempts = await Promise.allSettled([
      lockOut(asViewer(one), two),
      lockOut(asViewer(two), one),
    ]);
    expect(attempts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const refused = attempts.find((each) => each.status === 'rejected');
    expect(refused).toMatchObject({ reason: expect.any(IllegalStateError) });
    const last = attempts[0].status === 'fulfilled' ? one : two;
    expect(await lockOut(operatorAdmin, last)).toMatchObject({ isActive: false });
  });
});

describe('one user', () => {
  it('is shown to whoever administers those that it belongs to', async () => {
    const user = await make.aUser(issuers.provider, 'PROVIDER_VIEWER');
    expect(await getUser(asAdmin(), user.userId)).toEqual(user);
    expect(await getUser(asOperator(), user.userId)).toEqual(user);
    const strange = await make.aUser(issuers.other, 'PROVIDER_VIEWER');
    for (const userId of [strange.userId, newId()]) {
      await expect(getUser(asAdmin(), userId)).rejects.toThrow(new NotFoundError('User', userId));
    }
  });
});

describe('the list of users', () => {
  it("shows a provider's admin the people of its own and of its customers", async () => {
    const { customer, foreign, provider } = world;
    const { customerId } = customer;
    const own = await make.aUser(issuers.provider, 'PROVIDER_VIEWER');
    const customers = await make.aUser(issuers.customer, 'CUSTOMER_VIEWER', { customerId });
    const { nodes } = await listUsers(asAdmin(), {});
    expect(nodes).toEqual(expect.arrayContaining([customers, own]));
    const strangers = nodes.filter(
      (each) =>
        each.providerId !== provider.providerId || ![null, customerId].includes(each.customerId),
    );
    expect(strangers).toEqual([]);
    const { providerId } = provider;
    const narrowed = await listUsers(asAdmin(), { filter: { providerId } });
    expect(narrowed.nodes).toContainEqual(own);
    expect(narrowed.nodes.filter((each) => each.customerId !== null)).toEqual([]);
    for (const filter of [{ customerId: foreign.customerId }, { providerId: foreign.providerId }]) {
      await expect(listUsers(asAdmin(), { filter })).rejects.toThrow(NotFoundError);
    }
  });
});
