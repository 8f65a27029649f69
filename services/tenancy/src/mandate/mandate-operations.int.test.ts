import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ForbiddenError, IllegalStateError, newId, NotFoundError } from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import type { CustomerRow } from '../customer/customer-store.ts';
import type { AccountableContext } from '../deed/deed-book.ts';
import { listDeeds } from '../deed/deed-operations.ts';
import type { ProviderRow } from '../provider/provider-store.ts';
import { adminOf, operatorAdmin, startTenancyTables } from '../testing/test-tenancy.ts';
import type { TenancyTables } from '../testing/test-tenancy.ts';
import { toldEvents } from '../testing/told-events.ts';
import type { MandateInput } from './mandate-input.ts';
import { loadMandates, recordMandate, revokeMandate } from './mandate-operations.ts';
import { mandateInForce } from './mandate.ts';

let tables: TenancyTables;
let provider: ProviderRow;
let customer: CustomerRow;
let stranger: Viewer;

beforeAll(async () => {
  tables = await startTenancyTables();
  provider = await tables.aProvider();
  customer = await tables.aCustomer(provider);
  const otherProvider = await tables.aProvider();
  stranger = adminOf(otherProvider, await tables.aCustomer(otherProvider));
});

afterAll(() => tables.stop());

const asAdmin = (now?: Date): AccountableContext =>
  tables.contextFor(adminOf(provider, customer), now);

function aMandate(changed: Partial<MandateInput> = {}): MandateInput {
  return {
    signatory: { name: 'Inken Thomsen', title: 'Managing director' },
    documentSha256: 'ab'.repeat(32),
    highestMode: 'COLLABORATE',
    ...changed,
  };
}

describe('recording a mandate', () => {
  it('keeps it, notes the deed, and tells what may be done from now on', async () => {
    const { customerId } = customer;
    const ctx = asAdmin();
    const mandate = await recordMandate(ctx, { customerId, mandate: aMandate() });
    const recorded = { number: 1, recordedBy: ctx.viewer.principalId, revokedAt: null };
    expect(mandate).toMatchObject({ ...recorded, customerId, signatoryName: 'Inken Thomsen' });
    expect(await loadMandates(ctx, [customerId])).toEqual([[mandate]]);
    const deeds = await listDeeds(ctx, { filter: { customerId } });
    const after: unknown = expect.objectContaining({ highestMode: 'COLLABORATE' });
    expect(deeds.nodes[0]).toMatchObject({
      ...{ kind: 'mandate.record', targetId: mandate.mandateId },
      change: { before: null, after },
    });
    const [told] = await toldEvents(ctx.db, `${customerId}/policy`);
    expect(told?.meta).toMatchObject({ customerId, aggregateVersion: 1n });
    expect(told?.event.value).toMatchObject({ mandate: { mandateId: mandate.mandateId } });
  });

  it('is in the order of recording, whatever the clocks say', async () => {
    const other = await tables.aCustomer(provider);
    const { customerId } = other;
    const viewer = adminOf(provider, other);
    const record = (at: string, highestMode: MandateInput['highestMode']) =>
      recordMandate(tables.contextFor(viewer, new Date(at)), {
        ...{ customerId, mandate: aMandate({ highestMode, validFrom: new Date('2026-01-01') }) },
      });
    await record('2026-03-01T08:00:01Z', 'AUTHORIZE');
    await record('2026-03-01T08:00:00Z', 'NOTIFY');
    const [mandates = []] = await loadMandates(tables.contextFor(viewer), [customerId]);
    const { highestMode } = mandateInForce(mandates, new Date('2026-03-02')) ?? {};
    expect([mandates.map(({ number }) => number), highestMode]).toEqual([[2, 1], 'NOTIFY']);
  });

  it('by many at once gives each its number', async () => {
    const other = await tables.aCustomer(provider);
    const { customerId } = other;
    const ctx = tables.contextFor(adminOf(provider, other));
    const input = { customerId, mandate: aMandate() };
    await Promise.all(Array.from({ length: 8 }, () => recordMandate(ctx, input)));
    const [mandates = []] = await loadMandates(ctx, [customerId]);
    expect(mandates.map(({ number }) => number)).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it("is for those who guard the customer: another one's answers like none", async () => {
    const input = { customerId: customer.customerId, mandate: aMandate() };
    const technician = { ...adminOf(provider, customer), role: 'PROVIDER_TECHNICIAN' } as const;
    const attempt = (viewer: Viewer, customerId = customer.customerId) =>
      recordMandate(tables.contextFor(viewer), { ...input, customerId });
    await expect(attempt(technician)).rejects.toThrow(ForbiddenError);
    await expect(attempt(stranger)).rejects.toThrow(NotFoundError);
    await expect(attempt(operatorAdmin, newId())).rejects.toThrow(NotFoundError);
  });

  it('is refused once the customer is no longer served', async () => {
    const gone = await tables.aCustomer(provider);
    const ctx = tables.contextFor(operatorAdmin);
    await ctx.db.transaction({ kind: 'OPERATOR' }, (tx) =>
      tx.query(`update customers set status = 'OFFBOARDED' where customer_id = $1`, [
        gone.customerId,
      ]),
    );
    const input = { customerId: gone.customerId, mandate: aMandate() };
    await expect(recordMandate(ctx, input)).rejects.toThrow(IllegalStateError);
  });
});

describe('revoking a mandate', () => {
  it('ends it at once, notes why, and is told once however often it is repeated', async () => {
    const { customerId } = customer;
    const { mandateId } = await recordMandate(asAdmin(), { customerId, mandate: aMandate() });
    const later = new Date('2026-03-01T09:00:00Z');
    const before = (await toldEvents(asAdmin().db, `${customerId}/policy`)).length;
    const input = { mandateId, reason: 'New management' };
    const revoked = await Promise.all([1, 2, 3].map(() => revokeMandate(asAdmin(later), input)));
    expect(new Set(revoked.map(({ revokedAt }) => revokedAt?.getTime()))).toEqual(
      new Set([later.getTime()]),
    );
    const told = await toldEvents(asAdmin().db, `${customerId}/policy`);
    expect(told).toHaveLength(before + 1);
    expect(told.at(-1)?.event.value).not.toHaveProperty('mandate');
    const deeds = await listDeeds(asAdmin(), { filter: { customerId }, first: 2 });
    expect(deeds.nodes.map(({ kind }) => kind)).toEqual(['mandate.revoke', 'mandate.record']);
    expect(deeds.nodes[0]?.change?.after).toMatchObject({ reason: 'New management' });
  });

  it("of somebody else's customer answers like one that is not there", async () => {
    const { customerId } = customer;
    const { mandateId } = await recordMandate(asAdmin(), { customerId, mandate: aMandate() });
    for (const id of [mandateId, newId()]) {
      const attempt = revokeMandate(tables.contextFor(stranger), { mandateId: id, reason: 'No' });
      await expect(attempt).rejects.toThrow(new NotFoundError('Mandate', id));
    }
  });
});
