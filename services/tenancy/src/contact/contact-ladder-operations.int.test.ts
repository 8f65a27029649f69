import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ContactLadderChanged } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import { Channel as WireChannel } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import { ConflictError, newId, NotFoundError } from '@vedette/service-kit';
import type { CustomerRow } from '../customer/customer-store.ts';
import type { AccountableContext } from '../deed/deed-book.ts';
import { listDeeds } from '../deed/deed-operations.ts';
import type { ProviderRow } from '../provider/provider-store.ts';
import { adminOf, operatorAdmin, startTenancyTables } from '../testing/test-tenancy.ts';
import type { TenancyTables } from '../testing/test-tenancy.ts';
import { toldEvents } from '../testing/told-events.ts';
import type { RungInput } from './contact-input.ts';
import {
  addContactsAndLadder,
  dropForeignRungs,
  loadLadders,
  setContactLadder,
} from './contact-ladder-operations.ts';
import { addContact } from './contact-operations.ts';
import type { Contact, ContactLadder } from './contact.ts';

let tables: TenancyTables;
let provider: ProviderRow;
let customer: CustomerRow;

beforeAll(async () => {
  tables = await startTenancyTables();
  provider = await tables.aProvider();
});

beforeEach(async () => {
  customer = await tables.aCustomer(provider);
});

afterAll(() => tables.stop());

const all = { kind: 'OPERATOR' } as const;
const asOperator = (): AccountableContext => tables.contextFor(operatorAdmin);

const add = (owner: object, changed: object = {}): Promise<Contact> =>
  addContact(asOperator(), {
    ...owner,
    contact: { name: 'Jens', email: 'jens@hafenwerk.example', ...changed },
  });

const set = (expectedVersion: number, rungs: readonly RungInput[], ctx = asOperator()) =>
  setContactLadder(ctx, { customerId: customer.customerId, expectedVersion, rungs });

async function ladderOf({ customerId }: CustomerRow): Promise<ContactLadder> {
  const [ladder] = await loadLadders(asOperator(), [customerId]);
  if (!ladder) throw new Error('every customer has a ladder');
  return ladder;
}

async function toldOf({ customerId }: CustomerRow): Promise<ContactLadderChanged[]> {
  const events = await toldEvents(asOperator().db, `${customerId}/ladder`);
  return events.map(({ event }) => event.value as ContactLadderChanged);
}

describe('the contact ladder', () => {
  it('is empty before it is set, at version 0', async () => {
    expect(await ladderOf(customer)).toEqual({
      ...{ customerId: customer.customerId, version: 0, rungs: [] },
    });
  });

  it('asks people of the customer and of its provider in order, the same one twice if need be', async () => {
    const own = await add({ customerId: customer.customerId }, { phone: '+4940123456' });
    const provided = await add({ providerId: provider.providerId });
    const rungs = [
      { contactId: own.contactId, channel: 'EMAIL' },
      { contactId: provided.contactId, channel: 'EMAIL', timeoutMinutes: 5 },
      { contactId: own.contactId, channel: 'VOICE', timeoutMinutes: 60 },
      { contactId: own.contactId, channel: 'VOICE', timeoutMinutes: 60 },
    ] as const;
    await set(0, rungs);
    const ladder = await ladderOf(customer);
    expect(ladder.version).toBe(1);
    expect(ladder.rungs).toMatchObject([
      { contact: own, channel: 'EMAIL', timeoutMinutes: 15 },
      { contact: provided, channel: 'EMAIL', timeoutMinutes: 5 },
      { contact: own, channel: 'VOICE', timeoutMinutes: 60 },
      { contact: own, channel: 'VOICE', timeoutMinutes: 60 },
    ]);
    const [told] = await toldOf(customer);
    expect(told?.rungs.map((rung) => [rung.channel, rung.timeoutSeconds])).toEqual([
      [WireChannel.EMAIL, 900],
      [WireChannel.EMAIL, 300],
      [WireChannel.VOICE, 3600],
      [WireChannel.VOICE, 3600],
    ]);
    const { customerId } = customer;
    const { nodes } = await listDeeds(asOperator(), { filter: { customerId } });
    const deed = nodes.find(({ kind }) => kind === 'ladder.set');
    expect(deed?.change).toMatchObject({ before: null, after: { rungs } });
  });

  it('names who was on it and is no longer, and changes nothing when it is the same', async () => {
    const [first, second] = [
      await add({ customerId: customer.customerId }),
      await add({ customerId: customer.customerId }),
    ];
    const rung = ({ contactId }: Contact): RungInput => ({ contactId, channel: 'EMAIL' });
    await set(0, [rung(first), rung(second)]);
    await set(1, [rung(first), rung(second)]);
    expect(await toldOf(customer)).toHaveLength(1);
    await set(1, [rung(second)]);
    await set(2, []);
    const told = await toldOf(customer);
    expect(told.map(({ removed }) => removed.map(({ contactId }) => contactId))).toEqual([
      ...[[], [first.contactId], [second.contactId]],
    ]);
    expect(await ladderOf(customer)).toMatchObject({ version: 3, rungs: [] });
  });

  it('takes nobody of another customer or another provider: they are not there', async () => {
    const sibling = await tables.aCustomer(provider);
    const foreign = [
      await add({ customerId: sibling.customerId }),
      await add({ providerId: (await tables.aProvider()).providerId }),
      { contactId: newId() },
    ];
    const asAdmin = tables.contextFor(adminOf(provider, customer, sibling));
    for (const { contactId } of foreign) {
      for (const ctx of [asAdmin, asOperator()]) {
        const refused = new NotFoundError('Contact', contactId);
        await expect(set(0, [{ contactId, channel: 'EMAIL' }], ctx)).rejects.toThrow(refused);
      }
    }
  });

  it('is refused where a contact has no address for the channel', async () => {
    const { contactId } = await add({ customerId: customer.customerId });
    const rungs = [
      { contactId, channel: 'EMAIL' },
      { contactId, channel: 'SMS' },
    ] as const;
    await expect(set(0, rungs)).rejects.toThrow("'input.rungs.1.channel'");
  });

  it('changes for one of two who edit it at the same time', async () => {
    const { contactId } = await add({ customerId: customer.customerId });
    const outcomes = await Promise.allSettled(
      [5, 10].map((timeoutMinutes) => set(0, [{ contactId, channel: 'EMAIL', timeoutMinutes }])),
    );
    const refused = outcomes.flatMap((each): unknown[] =>
      each.status === 'rejected' ? [each.reason] : [],
    );
    expect(refused).toEqual([expect.any(ConflictError)]);
    expect(await toldOf(customer)).toHaveLength(1);
  });
});

describe('a new customer', () => {
  it('has the people it came with for contacts and ladder', async () => {
    const contact = { name: 'Jens', phone: '+4940123456' };
    const rungs = [
      { contact, channel: 'SMS' },
      { contact, channel: 'VOICE' },
    ] as const;
    const ctx = asOperator();
    await ctx.db.transaction(all, (tx) => addContactsAndLadder(tx, ctx, customer, rungs));
    const ladder = await ladderOf(customer);
    expect(ladder.rungs.map(({ channel }) => channel)).toEqual(['SMS', 'VOICE']);
    expect(ladder.rungs[0]?.contact).toMatchObject({ customerId: customer.customerId });
    expect(await toldOf(customer)).toHaveLength(1);
  });
});

describe('a customer that has moved', () => {
  it('keeps its own people on its ladder and nobody of its old provider', async () => {
    const own = await add({ customerId: customer.customerId });
    const provided = await add({ providerId: provider.providerId });
    const rung = ({ contactId }: Contact): RungInput => ({ contactId, channel: 'EMAIL' });
    await set(0, [rung(provided), rung(own)]);
    const { customerId } = customer;
    const { providerId } = await tables.aProvider();
    const ctx = asOperator();
    await ctx.db.transaction(all, (tx) => dropForeignRungs(tx, ctx, { customerId, providerId }));
    const { rungs } = await ladderOf(customer);
    expect(rungs.map(({ contact }) => contact.contactId)).toEqual([own.contactId]);
    const told = (await toldOf(customer)).at(-1);
    expect(told?.removed).toMatchObject([{ contactId: provided.contactId }]);
  });
});
