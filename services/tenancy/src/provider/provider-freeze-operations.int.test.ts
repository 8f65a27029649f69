import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ForbiddenError,
  IllegalStateError,
  InvalidInputError,
  newId,
  NotFoundError,
} from '@vedette/service-kit';
import type { Role, Viewer } from '@vedette/service-kit';
import type { AccountableContext } from '../deed/deed-book.ts';
import { listDeeds } from '../deed/deed-operations.ts';
import { adminOf, operatorAdmin, startTenancyTables } from '../testing/test-tenancy.ts';
import type { TenancyTables } from '../testing/test-tenancy.ts';
import { freezeProvider, liftProviderFreeze } from './provider-freeze-operations.ts';
import { getProvider } from './provider-operations.ts';

let tables: TenancyTables;

beforeAll(async () => {
  tables = await startTenancyTables();
});

afterAll(() => tables.stop());

const as = (viewer: Viewer): AccountableContext => tables.contextFor(viewer);

function anOperator(role: Role = 'OPERATOR_LEAD'): AccountableContext {
  return as({ principalId: newId(), role, customerIds: 'ALL' });
}

const told = async (providerId: string): Promise<string[]> =>
  (await tables.toldOf(providerId)).map((subject) => subject.split('.')[2] ?? '');

describe('freezing a provider', () => {
  it('is kept and told once, with a deed, and repeating it changes nothing', async () => {
    const { providerId } = await tables.aProvider();
    const analyst = anOperator('OPERATOR_ANALYST');
    const input = { providerId, reason: ' The RMM was abused ' };
    const frozen = await freezeProvider(analyst, input);
    expect(frozen).toMatchObject({
      ...{ freezeReason: 'The RMM was abused', frozenBy: analyst.viewer.principalId, version: 2 },
    });
    expect(await freezeProvider(anOperator(), input)).toEqual(frozen);
    expect(await getProvider(anOperator(), providerId)).toEqual(frozen);
    expect(await told(providerId)).toEqual(['provider_onboarded', 'provider_frozen']);
    const { nodes } = await listDeeds(anOperator(), { filter: { providerId } });
    expect(nodes.map(({ kind }) => kind).toSorted()).toEqual(['freeze.set', 'provider.onboard']);
  });

  it('is undone by two people of the operator, of whom the second is told of', async () => {
    const { providerId } = await tables.aProvider();
    await freezeProvider(anOperator(), { providerId, reason: 'Abuse' });
    const [first, second] = [anOperator(), anOperator('OPERATOR_ADMIN')];
    const asked = await liftProviderFreeze(first, { providerId });
    expect(asked).toMatchObject({ freezeReason: 'Abuse', version: 2 });
    expect(await liftProviderFreeze(first, { providerId })).toEqual(asked);
    expect(await liftProviderFreeze(second, { providerId })).toMatchObject({
      ...{ frozenAt: null, freezeReason: null, liftRequestedBy: null, version: 3 },
    });
    expect(await told(providerId)).toEqual([
      ...['provider_onboarded', 'provider_frozen', 'provider_unfrozen'],
    ]);
    const { nodes } = await listDeeds(anOperator(), { filter: { providerId } });
    const deeds = nodes.map(({ kind, actor }) => [kind, actor]);
    expect(deeds).toContainEqual(['freeze.request-lift', first.viewer.principalId]);
    expect(deeds).toContainEqual(['freeze.lift', second.viewer.principalId]);
  });

  it('while somebody wants to lift it makes them begin anew', async () => {
    const { providerId } = await tables.aProvider();
    await freezeProvider(anOperator(), { providerId, reason: 'Abuse' });
    await liftProviderFreeze(anOperator(), { providerId });
    await freezeProvider(anOperator(), { providerId, reason: 'Not yet' });
    const asked = await liftProviderFreeze(anOperator(), { providerId });
    expect(asked).toMatchObject({ freezeReason: 'Not yet', version: 3 });
    expect(asked.frozenAt).not.toBeNull();
  });

  it('of one that is not frozen cannot be lifted', async () => {
    const { providerId } = await tables.aProvider();
    const lift = liftProviderFreeze(anOperator(), { providerId });
    await expect(lift).rejects.toThrow(IllegalStateError);
  });

  it('is not undone by two people who ask at the same moment as one', async () => {
    const { providerId } = await tables.aProvider();
    await freezeProvider(anOperator(), { providerId, reason: 'Abuse' });
    const one = anOperator();
    await Promise.all([1, 2, 3].map(() => liftProviderFreeze(one, { providerId })));
    expect((await getProvider(one, providerId)).frozenAt).not.toBeNull();
  });

  it("is the operator's, and lifting it its leads'", async () => {
    const provider = await tables.aProvider();
    const { providerId } = provider;
    const admin = as(adminOf(provider));
    const input = { providerId, reason: 'Abuse' };
    await expect(freezeProvider(admin, input)).rejects.toThrow(ForbiddenError);
    await expect(liftProviderFreeze(admin, { providerId })).rejects.toThrow(ForbiddenError);
    const analyst = anOperator('OPERATOR_ANALYST');
    await expect(liftProviderFreeze(analyst, { providerId })).rejects.toThrow(ForbiddenError);
  });

  it('needs a provider and a reason', async () => {
    const { providerId } = await tables.aProvider();
    const ctx = as(operatorAdmin);
    for (const reason of ['', ' ', 'x'.repeat(1_001)]) {
      await expect(freezeProvider(ctx, { providerId, reason })).rejects.toThrow(InvalidInputError);
    }
    const nobody = { providerId: newId(), reason: 'Abuse' };
    await expect(freezeProvider(ctx, nobody)).rejects.toThrow(NotFoundError);
    await expect(liftProviderFreeze(ctx, nobody)).rejects.toThrow(NotFoundError);
  });
});
