import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ContactLadderChanged } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import {
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  newId,
  NotFoundError,
} from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import type { CustomerRow } from '../customer/customer-store.ts';
import type { AccountableContext } from '../deed/deed-book.ts';
import { listDeeds } from '../deed/deed-operations.ts';
import type { ProviderRow } from '../provider/provider-store.ts';
import { adminOf, operatorAdmin, startTenancyTables } from '../testing/test-tenancy.ts';
import type { TenancyTables } from '../testing/test-tenancy.ts';
import { toldEvents } from '../testing/told-events.ts';
import { loadLadders, setContactLadder } from './contact-ladder-operations.ts';
import {
  addContact,
  chatWebhookUrlFor,
  getContact,
  listContacts,
  removeContact,
  updateContact,
} from './contact-operations.ts';
import type { Contact } from './contact.ts';

let tables: TenancyTables;
let provider: ProviderRow;
let customer: CustomerRow;
let sibling: CustomerRow;
let stranger: Viewer;

beforeAll(async () => {
  tables = await startTenancyTables();
  provider = await tables.aProvider();
  customer = await tables.aCustomer(provider);
  sibling = await tables.aCustomer(provider);
  const otherProvider = await tables.aProvider();
  stranger = adminOf(otherProvider, await tables.aCustomer(otherProvider));
});

afterAll(() => tables.stop());

const asAdmin = (now?: Date): AccountableContext =>
  tables.contextFor(adminOf(provider, customer, sibling), now);

function approverOf({ customerId }: CustomerRow): Viewer {
  return { ...adminOf(provider), role: 'CUSTOMER_APPROVER', customerIds: [customerId] };
}

const jens = { name: 'Jens Petersen', email: 'jens@hafenwerk.example', phone: '+4940123456' };

const add = (
  owner: { readonly customerId?: string; readonly providerId?: string },
  ctx = asAdmin(),
) => addContact(ctx, { ...owner, contact: jens });

/** Puts contacts on a customer's ladder, after whoever is there. */
async function ask({ customerId }: CustomerRow, ...contacts: readonly Contact[]): Promise<void> {
  const [before] = await loadLadders(tables.contextFor(operatorAdmin), [customerId]);
  await setContactLadder(tables.contextFor(operatorAdmin), {
    customerId,
    expectedVersion: before?.version ?? 0,
    rungs: [
      ...(before?.rungs ?? []).map(({ contact, channel }) => ({ ...contact, channel })),
      ...contacts.map(({ contactId }) => ({ contactId, channel: 'EMAIL' as const })),
    ],
  });
}

const ladderOf = async ({ customerId }: CustomerRow) =>
  (await loadLadders(tables.contextFor(operatorAdmin), [customerId]))[0];

async function lastToldOf({ customerId }: CustomerRow): Promise<ContactLadderChanged> {
  const events = await toldEvents(asAdmin().db, `${customerId}/ladder`);
  return events.at(-1)?.event.value as ContactLadderChanged;
}

describe('where chat messages to somebody go', () => {
  const chatWebhookUrl = 'https://chat.example/hook/7f3a';

  it('is shown to those who may change the contact only', async () => {
    const { customerId, providerId } = customer;
    const contact = { ...jens, chatWebhookUrl };
    const own = await addContact(asAdmin(), { customerId, contact });
    const provided = await addContact(asAdmin(), { providerId, contact });
    const shownTo = (viewer: Viewer) =>
      [own, provided].map((each) => chatWebhookUrlFor(viewer, each) === chatWebhookUrl);
    const admin = adminOf(provider, customer);
    expect(shownTo(operatorAdmin)).toEqual([true, true]);
    expect(shownTo(admin)).toEqual([true, true]);
    expect(shownTo(approverOf(customer))).toEqual([true, false]);
    expect(shownTo(approverOf(sibling))).toEqual([false, false]);
    expect(shownTo(stranger)).toEqual([false, false]);
    expect(shownTo({ ...admin, isReadOnly: true })).toEqual([false, false]);
    for (const role of ['CUSTOMER_VIEWER', 'PROVIDER_TECHNICIAN', 'PROVIDER_VIEWER'] as const) {
      expect([role, shownTo({ ...admin, role })]).toEqual([role, [false, false]]);
    }
  });
});

describe('one contact', () => {
  it("is shown to those who reach it, and a provider's not to a customer's people", async () => {
    const own = await add({ customerId: customer.customerId });
    const provided = await add({ providerId: provider.providerId });
    const see = (viewer: Viewer, { contactId }: Contact) =>
      getContact(tables.contextFor(viewer), contactId);
    for (const contact of [own, provided]) {
      expect(await see(adminOf(provider, customer), contact)).toEqual(contact);
      const { contactId } = contact;
      const hidden = new NotFoundError('Contact', contactId);
      await expect(see(stranger, contact)).rejects.toThrow(hidden);
      await expect(see(approverOf(sibling), contact)).rejects.toThrow(hidden);
    }
    expect(await see(approverOf(customer), own)).toEqual(own);
    await expect(see(approverOf(customer), provided)).rejects.toThrow(NotFoundError);
  });
});

describe('adding a contact', () => {
  it("keeps a customer's or a provider's person, with a deed", async () => {
    const own = await add({ customerId: customer.customerId });
    expect(own).toMatchObject({ ...jens, customerId: customer.customerId, version: 1 });
    const provided = await add({ providerId: provider.providerId });
    expect(provided).toMatchObject({ customerId: null, providerId: provider.providerId });
    const { nodes } = await listDeeds(asAdmin(), {});
    expect(nodes.find(({ targetId }) => targetId === provided.contactId)).toMatchObject({
      ...{ kind: 'contact.add', customerId: null, change: { before: null } },
    });
  });

  it('is refused without an owner, or with two', async () => {
    const both = { customerId: customer.customerId, providerId: provider.providerId };
    await expect(add({})).rejects.toThrow(InvalidInputError);
    await expect(add(both)).rejects.toThrow(InvalidInputError);
  });

  it("to somebody else's customer or provider answers like to none", async () => {
    const { customerId } = customer;
    const asStranger = tables.contextFor(stranger);
    for (const id of [customerId, newId()]) {
      const refused = new NotFoundError('Customer', id);
      await expect(add({ customerId: id }, asStranger)).rejects.toThrow(refused);
    }
    const asApprover = tables.contextFor(approverOf(customer));
    for (const ctx of [asStranger, asApprover]) {
      for (const id of [provider.providerId, newId()]) {
        const refused = new NotFoundError('Provider', id);
        await expect(add({ providerId: id }, ctx)).rejects.toThrow(refused);
      }
    }
    expect(await add({ customerId }, asApprover)).toMatchObject({ customerId });
  });

  it('is not for viewers', async () => {
    const viewer = { ...approverOf(customer), role: 'CUSTOMER_VIEWER' } as const;
    const attempt = add({ customerId: customer.customerId }, tables.contextFor(viewer));
    await expect(attempt).rejects.toThrow(ForbiddenError);
  });
});

describe('the list of contacts', () => {
  it("shows a provider's people all, and a customer's people their own and nobody's else", async () => {
    const own = await add({ customerId: customer.customerId });
    const others = [
      await add({ customerId: sibling.customerId }),
      await add({ providerId: provider.providerId }),
    ];
    const seenBy = async (viewer: Viewer): Promise<string[]> =>
      (await listContacts(tables.contextFor(viewer), { first: 100 })).nodes.map(
        ({ contactId }) => contactId,
      );
    const all = [own, ...others].map(({ contactId }) => contactId);
    expect(await seenBy(adminOf(provider, customer, sibling))).toEqual(expect.arrayContaining(all));
    const seen = await seenBy(approverOf(customer));
    expect(all.filter((contactId) => seen.includes(contactId))).toEqual([own.contactId]);
    expect(await seenBy(stranger)).toEqual([]);
  });

  it('is narrowed by owner and goes on page by page', async () => {
    const alone = await tables.aCustomer(provider);
    const ctx = tables.contextFor(operatorAdmin);
    for (let n = 0; n < 5; n++) await add({ customerId: alone.customerId }, ctx);
    const filter = { customerId: alone.customerId };
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page = await listContacts(ctx, { first: 2, after, filter });
      seen.push(...page.nodes.map(({ contactId }) => contactId));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after);
    expect(new Set(seen).size).toBe(5);
    const ofProvider = await listContacts(ctx, { filter: { providerId: provider.providerId } });
    expect(ofProvider.nodes.every(({ customerId }) => customerId === null)).toBe(true);
    const foreign = listContacts(tables.contextFor(stranger), { filter });
    await expect(foreign).rejects.toThrow(NotFoundError);
  });
});

describe('changing a contact', () => {
  it('tells every ladder that they are on, whose version rises', async () => {
    const contact = await add({ providerId: provider.providerId });
    await ask(customer, contact);
    await ask(sibling, contact);
    const { contactId } = contact;
    const before = [(await ladderOf(customer))?.version, (await ladderOf(sibling))?.version];
    const changed = { ...jens, name: 'Jens P.', email: 'jp@nordlicht.example' };
    // The admin's token does not name the sibling yet.
    const ctx = tables.contextFor(adminOf(provider, customer));
    const after = await updateContact(ctx, { contactId, expectedVersion: 1, contact: changed });
    expect(after).toMatchObject({ ...changed, version: 2 });
    const versions = [(await ladderOf(customer))?.version, (await ladderOf(sibling))?.version];
    expect(versions).toEqual(before.map((version) => (version ?? 0) + 1));
    for (const each of [customer, sibling]) {
      const told = await lastToldOf(each);
      expect(told.rungs.at(-1)?.contact).toMatchObject({
        ...{ contactId, email: 'jp@nordlicht.example', isOfProvider: true },
      });
      expect(told.removed).toEqual([]);
    }
  });

  it('changes nothing and tells nothing when it is the same', async () => {
    const contact = await add({ customerId: customer.customerId });
    const { contactId } = contact;
    const input = { contactId, expectedVersion: 1, contact: jens };
    expect(await updateContact(asAdmin(), input)).toEqual(contact);
  });

  it('leaves what is not given', async () => {
    const quietHours = { from: '22:00', to: '06:00' };
    const given = { ...jens, language: 'de', timeZone: 'Europe/Berlin', quietHours };
    const { customerId } = customer;
    const contact = await addContact(asAdmin(), { customerId, contact: given });
    const { contactId } = contact;
    const change = { name: 'Inken', email: 'inken@hafenwerk.example' };
    const changed = await updateContact(asAdmin(), {
      ...{ contactId, expectedVersion: 1, contact: change },
    });
    expect(changed).toEqual({ ...contact, ...change, version: 2 });
    expect(await getContact(asAdmin(), contactId)).toEqual(changed);
  });

  it('is refused when a ladder asks by an address that would be gone', async () => {
    const contact = await add({ customerId: customer.customerId });
    await ask(customer, contact);
    const { contactId } = contact;
    const attempt = updateContact(asAdmin(), {
      ...{ contactId, expectedVersion: 1, contact: { ...jens, email: null } },
    });
    await expect(attempt).rejects.toThrow('a ladder asks them by EMAIL');
  });

  it('changes for one of two who edit it at the same time', async () => {
    const { contactId } = await add({ customerId: customer.customerId });
    const outcomes = await Promise.allSettled(
      ['Jens I.', 'Jens II.'].map((name) =>
        updateContact(asAdmin(), { contactId, expectedVersion: 1, contact: { ...jens, name } }),
      ),
    );
    const refused = outcomes.flatMap((each): unknown[] =>
      each.status === 'rejected' ? [each.reason] : [],
    );
    expect(refused).toEqual([expect.any(ConflictError)]);
  });

  it("of a provider is not for its customers' people, nor of a customer for others", async () => {
    const provided = await add({ providerId: provider.providerId });
    const ofSibling = await add({ customerId: sibling.customerId });
    for (const { contactId } of [provided, ofSibling, { contactId: newId() }]) {
      for (const viewer of [approverOf(customer), stranger]) {
        const ctx = tables.contextFor(viewer);
        const refused = new NotFoundError('Contact', contactId);
        const change = { contactId, expectedVersion: 1, contact: jens };
        await expect(updateContact(ctx, change)).rejects.toThrow(refused);
        await expect(removeContact(ctx, { contactId })).rejects.toThrow(refused);
      }
    }
  });
});

describe('removing a contact', () => {
  it('takes its rungs from every ladder, which closes up, and names it as removed', async () => {
    const provided = await add({ providerId: provider.providerId });
    const alone = await tables.aCustomer(provider);
    const ctx = tables.contextFor(operatorAdmin);
    const first = await add({ customerId: alone.customerId }, ctx);
    const last = await add({ customerId: alone.customerId }, ctx);
    await ask(alone, first, provided, last, provided);
    await ask(sibling, provided);
    await removeContact(tables.contextFor(adminOf(provider)), provided);
    const idsOn = (ladder: Awaited<ReturnType<typeof ladderOf>>): (string | undefined)[] =>
      (ladder?.rungs ?? []).map(({ contact }) => contact.contactId);
    expect(idsOn(await ladderOf(alone))).toEqual([first.contactId, last.contactId]);
    expect(idsOn(await ladderOf(sibling))).not.toContain(provided.contactId);
    const told = await lastToldOf(alone);
    expect(told.rungs.map((rung) => rung.contact?.contactId)).toEqual([
      ...[first.contactId, last.contactId],
    ]);
    expect(told.removed).toMatchObject([{ contactId: provided.contactId, email: jens.email }]);
    const { nodes } = await listDeeds(ctx, { filter: { customerId: alone.customerId } });
    expect(nodes.map(({ kind }) => kind)).toContain('ladder.set');
    await expect(removeContact(ctx, provided)).rejects.toThrow(NotFoundError);
  });

  it('leaves no rung behind when somebody puts it on a ladder at the same time', async () => {
    for (let round = 0; round < 5; round++) {
      const alone = await tables.aCustomer(provider);
      const contact = await add({ providerId: provider.providerId });
      await Promise.allSettled([ask(alone, contact), removeContact(asAdmin(), contact)]);
      const rungs = (await ladderOf(alone))?.rungs ?? [];
      expect(rungs).toEqual([]);
    }
  });
});
