import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ConflictError,
  ForbiddenError,
  IllegalStateError,
  InvalidInputError,
  newId,
  NotFoundError,
} from '@vedette/service-kit';
import { listDeeds } from '../deed/deed-operations.ts';
import { asViewer, buildPrincipals, twoProviders } from '../testing/principal-builders.ts';
import type { PrincipalBuilders, TwoProviders } from '../testing/principal-builders.ts';
import { adminOf, operatorAdmin, startTenancyTables } from '../testing/test-tenancy.ts';
import type { TenancyTables } from '../testing/test-tenancy.ts';
import { listIssuers, registerIssuer, updateIssuer } from './issuer-operations.ts';

let tables: TenancyTables;
let make: PrincipalBuilders;
let world: TwoProviders;

beforeAll(async () => {
  tables = await startTenancyTables();
  make = buildPrincipals(tables);
  world = await twoProviders(tables);
});

afterAll(() => tables.stop());

const asOperator = () => make.contextFor(operatorAdmin);
const asAdmin = () => make.contextFor(adminOf(world.provider, world.customer));

describe('registering an issuer', () => {
  it('binds it to the operator, a provider or a customer, and tells of it', async () => {
    const { provider, customer } = world;
    const { providerId } = provider;
    const { customerId } = customer;
    const operators = await make.anIssuer();
    const providers = await make.anIssuer({ providerId });
    const customers = await make.anIssuer({ customerId });
    expect([providers, customers]).toMatchObject([
      { providerId, customerId: null, isActive: true, version: 1 },
      { providerId, customerId },
    ]);
    expect(await tables.toldOf(operators.issuerId, providers.issuerId, customers.issuerId)).toEqual(
      [
        'vedette.tenancy.issuer_changed._._',
        `vedette.tenancy.issuer_changed.${providerId}._`,
        `vedette.tenancy.issuer_changed.${providerId}.${customerId}`,
      ],
    );
  });

  it('is possible once: a second owner would mean that one asserts the people of the other', async () => {
    const { providerId } = world.provider;
    const { issuer } = await make.anIssuer({ providerId });
    for (const owner of [{}, { providerId }, { providerId: world.otherProvider.providerId }]) {
      await expect(make.anIssuer({ ...owner, issuer })).rejects.toThrow(ConflictError);
    }
  });

  it("is for the operator's admins, and for owners that exist", async () => {
    const { providerId } = world.provider;
    const issuer = `https://${newId()}.example`;
    const input = { providerId, issuer, jwksUrl: `${issuer}/jwks`, audience: 'vedette' };
    await expect(registerIssuer(asAdmin(), input)).rejects.toThrow(ForbiddenError);
    for (const owner of [{ providerId: newId() }, { customerId: newId() }]) {
      await expect(make.anIssuer(owner)).rejects.toThrow(NotFoundError);
    }
    const { customerId } = world.customer;
    await expect(make.anIssuer({ providerId, customerId })).rejects.toThrow(InvalidInputError);
    await expect(make.anIssuer({ issuer: 'http://127.0.0.1:1/' })).rejects.toThrow(
      InvalidInputError,
    );
  });
});

describe('changing an issuer', () => {
  it('changes what is given, once, and writes down from what to what', async () => {
    const { providerId } = world.otherProvider;
    const { issuerId } = await make.anIssuer({ providerId });
    const change = { issuerId, expectedVersion: 1, audience: 'vedette-2' };
    const attempts = await Promise.allSettled([
      updateIssuer(asOperator(), change),
      updateIssuer(asOperator(), { ...change, audience: 'vedette-3' }),
    ]);
    expect(attempts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const stale = updateIssuer(asOperator(), change);
    await expect(stale).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { expectedVersion: 1, version: 2 },
    });
    const { nodes: deeds } = await listDeeds(asOperator(), { filter: { providerId } });
    expect(deeds.find(({ kind }) => kind === 'issuer.change')).toMatchObject({
      targetId: issuerId,
      change: { before: { audience: 'vedette' }, after: { audience: expect.any(String) } },
    });
    expect(await tables.toldOf(issuerId)).toHaveLength(2);
  });

  it('that changes nothing is no change', async () => {
    const issuer = await make.anIssuer();
    const { issuerId, audience } = issuer;
    const same = await updateIssuer(asOperator(), { issuerId, expectedVersion: 1, audience });
    expect(same).toEqual(issuer);
    expect(await tables.toldOf(issuerId)).toHaveLength(1);
  });

  it('never leaves the operator without an administrator who can sign in', async () => {
    const [one, two] = [await make.anIssuer(), await make.anIssuer()];
    for (const issuer of [one, two]) await make.aUser(issuer, 'OPERATOR_ADMIN');
    const deactivate = ({ issuerId }: typeof one) =>
      updateIssuer(asOperator(), { issuerId, expectedVersion: 1, isActive: false });
    const attempts = await Promise.allSettled([deactivate(one), deactivate(two)]);
    expect(attempts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const refused = attempts.find((each) => each.status === 'rejected');
    expect(refused).toMatchObject({ reason: expect.any(IllegalStateError) });
  });

  it('is not done by whom it lets in, where it could lock them out', async () => {
    const issuer = await make.anIssuer();
    const ctx = make.contextFor(asViewer(await make.aUser(issuer, 'OPERATOR_ADMIN')));
    const { issuerId } = issuer;
    for (const change of [
      ...[{ isActive: false }, { audience: 'vedete' }, { jwksUrl: 'https://id.example/keys' }],
      { algorithms: ['EdDSA'] },
    ]) {
      const attempt = updateIssuer(ctx, { issuerId, expectedVersion: 1, ...change });
      await expect(attempt).rejects.toMatchObject({ code: 'ILLEGAL_STATE' });
    }
    const harmless = { mfaAcrValues: ['2'], algorithms: [...issuer.algorithms, 'ES512'] };
    const changed = await updateIssuer(ctx, { issuerId, expectedVersion: 1, ...harmless });
    expect(changed).toMatchObject(harmless);
    const other = await make.anIssuer();
    const elsewhere = { issuerId: other.issuerId, expectedVersion: 1, audience: 'vedette-2' };
    expect(await updateIssuer(ctx, elsewhere)).toMatchObject({ audience: 'vedette-2' });
  });
});

describe('the list of issuers', () => {
  it("shows a provider's admin its own and its customers', and nobody else's", async () => {
    const { provider, customer, sibling, foreign } = world;
    const own = await make.anIssuer({ providerId: provider.providerId });
    const customers = await make.anIssuer({ customerId: customer.customerId });
    const hidden = [
      await make.anIssuer({ customerId: sibling.customerId }),
      await make.anIssuer({ customerId: foreign.customerId }),
      await make.anIssuer({ providerId: foreign.providerId }),
      await make.anIssuer(),
    ];
    const { nodes } = await listIssuers(asAdmin(), { first: 100 });
    expect(nodes).toEqual(expect.arrayContaining([customers, own]));
    const shown = new Set(nodes.map(({ issuerId }) => issuerId));
    expect(hidden.filter(({ issuerId }) => shown.has(issuerId))).toEqual([]);
    const { customerId } = customer;
    const narrowed = await listIssuers(asAdmin(), { filter: { customerId } });
    expect(new Set(narrowed.nodes.map((each) => each.customerId))).toEqual(new Set([customerId]));
    for (const filter of [
      ...[{ customerId: foreign.customerId }, { customerId: newId() }],
      ...[{ providerId: foreign.providerId }, { providerId: newId() }],
    ]) {
      await expect(listIssuers(asAdmin(), { filter })).rejects.toThrow(NotFoundError);
    }
    for (const filter of [{ customerId: newId() }, { providerId: newId() }]) {
      await expect(listIssuers(asOperator(), { filter })).rejects.toThrow(NotFoundError);
    }
  });

  it('gives each once, newest first', async () => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page = await listIssuers(asOperator(), { first: 3, after });
      seen.push(...page.nodes.map(({ issuerId }) => issuerId));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after);
    expect(seen).toEqual([...new Set(seen)].toSorted().toReversed());
  });
});
