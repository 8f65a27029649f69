import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InvalidInputError, operatorId } from '@vedette/service-kit';
import { listDeeds } from '../deed/deed-operations.ts';
import { listIssuers, updateIssuer } from '../issuer/issuer-operations.ts';
import { buildPrincipals } from '../testing/principal-builders.ts';
import type { PrincipalBuilders } from '../testing/principal-builders.ts';
import { operatorAdmin, startTenancyTables } from '../testing/test-tenancy.ts';
import type { TenancyTables } from '../testing/test-tenancy.ts';
import { listUsers, updateUser } from '../user/user-operations.ts';
import { ensureOperator } from './ensure-operator.ts';

let tables: TenancyTables;
let make: PrincipalBuilders;

beforeAll(async () => {
  tables = await startTenancyTables();
  make = buildPrincipals(tables);
});

afterAll(() => tables.stop());

const settings = {
  OPERATOR_ISSUER: 'https://id.operator.example',
  OPERATOR_JWKS_URL: 'https://id.operator.example/jwks',
  OPERATOR_AUDIENCE: 'vedette',
  OPERATOR_ADMIN_SUBJECT: 'olga',
  ISSUERS_ALLOW_LOOPBACK: false,
};
const asOperator = () => make.contextFor(operatorAdmin);
const ensure = (changes: Partial<typeof settings> = {}) =>
  ensureOperator(asOperator(), { ...settings, ...changes });
const issuers = async () => (await listIssuers(asOperator(), {})).nodes;
const users = async () => (await listUsers(asOperator(), {})).nodes;

describe('the first start', () => {
  it("makes the operator's issuer and its first administrator, once for all replicas", async () => {
    await Promise.all([ensure(), ensure(), ensure()]);
    const [issuer, ...others] = await issuers();
    expect(others).toEqual([]);
    expect(issuer).toMatchObject({
      ...{ providerId: operatorId, customerId: null, isActive: true },
      ...{ issuer: 'https://id.operator.example', audience: 'vedette' },
    });
    expect(await users()).toMatchObject([
      { issuerId: issuer?.issuerId, subject: 'olga', role: 'OPERATOR_ADMIN', isActive: true },
    ]);
  });

  it('is a deed of tenancy itself', async () => {
    const { nodes: deeds } = await listDeeds(asOperator(), {});
    expect(deeds.map(({ kind }) => kind).toSorted()).toEqual(['issuer.register', 'user.invite']);
    expect(new Set(deeds.map(({ actor }) => actor))).toEqual(new Set(['system:tenancy']));
  });
});

describe('every other start', () => {
  it('changes nothing of what is as the settings say', async () => {
    const before = [await issuers(), await users()];
    await ensure();
    expect([await issuers(), await users()]).toEqual(before);
  });

  it('makes the issuer what the settings say again, and leaves what they do not name', async () => {
    const [issuer] = await issuers();
    if (!issuer) throw new Error('nothing was made');
    const { issuerId } = issuer;
    await make.aUser(await make.anIssuer(), 'OPERATOR_ADMIN');
    await updateIssuer(asOperator(), {
      ...{ issuerId, expectedVersion: 1, audience: 'vedete', isActive: false },
      ...{ jwksUrl: 'https://id.operator.example/keys', mfaAcrValues: ['2'] },
    });
    await ensure();
    expect(await issuers()).toContainEqual({ ...issuer, mfaAcrValues: ['2'], version: 3 });
    const { nodes: deeds } = await listDeeds(asOperator(), {});
    expect(deeds[0]).toMatchObject({
      ...{ kind: 'issuer.change', actor: 'system:tenancy', targetId: issuerId },
      change: { before: { audience: 'vedete', isActive: false }, after: { audience: 'vedette' } },
    });
    expect(await tables.toldOf(issuerId)).toHaveLength(3);
  });

  it('does not let in again whom somebody locked out', async () => {
    const olga = (await users()).find(({ subject }) => subject === 'olga');
    if (!olga) throw new Error('nobody was made');
    await updateUser(asOperator(), { userId: olga.userId, expectedVersion: 1, isActive: false });
    await ensure();
    expect(await users()).toContainEqual({ ...olga, isActive: false, version: 2 });
  });

  it('lets another first administrator in when the settings name one: the way back after a lock-out', async () => {
    await ensure({ OPERATOR_ADMIN_SUBJECT: 'inken' });
    expect((await users()).map(({ subject, isActive }) => [subject, isActive])).toContainEqual([
      'inken',
      true,
    ]);
  });

  it('fails with settings that cannot be, and says which', async () => {
    const { providerId } = await tables.aProvider();
    const { issuer } = await make.anIssuer({ providerId });
    await expect(ensure({ OPERATOR_ISSUER: issuer })).rejects.toThrow('bound to a provider');
    const local = { OPERATOR_ISSUER: 'http://127.0.0.1:4004/operator' };
    await expect(ensure(local)).rejects.toThrow(InvalidInputError);
    await expect(ensure(local)).rejects.toThrow('OPERATOR_ISSUER');
    const allowed = { ...local, ISSUERS_ALLOW_LOOPBACK: true };
    await ensure({ ...allowed, OPERATOR_JWKS_URL: 'http://127.0.0.1:4004/operator/jwks' });
    expect((await issuers()).map((each) => each.issuer)).toContain(local.OPERATOR_ISSUER);
  });
});
