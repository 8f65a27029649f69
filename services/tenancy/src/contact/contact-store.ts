import type { Page, TenantScope, Transaction } from '@vedette/service-kit';
import { EntitySchema } from 'typeorm';
import type { SelectQueryBuilder } from 'typeorm';
import { restrictToOwners } from '../owned-list.ts';
import type { NarrowedOwner } from '../owned-list.ts';
import type { Contact } from './contact.ts';

/** A contact as it is stored. */
interface ContactRow extends Omit<Contact, 'quietHours'> {
  readonly quietFromMinute: number | null;
  readonly quietToMinute: number | null;
}

export const contactRows = new EntitySchema<ContactRow>({
  name: 'Contact',
  tableName: 'contacts',
  columns: {
    contactId: { type: 'uuid', primary: true, name: 'contact_id' },
    providerId: { type: 'uuid', name: 'provider_id' },
    customerId: { type: 'uuid', name: 'customer_id', nullable: true },
    name: { type: 'text' },
    email: { type: 'text', nullable: true },
    phone: { type: 'text', nullable: true },
    chatWebhookUrl: { type: 'text', name: 'chat_webhook_url', nullable: true },
    language: { type: 'text' },
    timeZone: { type: 'text', name: 'time_zone' },
    quietFromMinute: { type: 'int', name: 'quiet_from_minute', nullable: true },
    quietToMinute: { type: 'int', name: 'quiet_to_minute', nullable: true },
    version: { type: 'int' },
  },
});

export async function insertContacts(tx: Transaction, contacts: readonly Contact[]): Promise<void> {
  await tx.getRepository(contactRows).insert(contacts.map(toRow));
}

export async function saveContact(tx: Transaction, contact: Contact): Promise<void> {
  const { contactId, ...changed } = toRow(contact);
  await tx.getRepository(contactRows).update({ contactId }, changed);
}

export async function deleteContact(tx: Transaction, contactId: string): Promise<void> {
  await tx.getRepository(contactRows).delete({ contactId });
}

/** What a lock on contacts keeps others from, until the end of the transaction. */
type ContactLock = 'FROM_CHANGE' | 'FROM_USE';

/**
 * Contacts of the scope, locked in the order of their ids.
 * @param lock `FROM_CHANGE` for who puts them on a ladder, `FROM_USE` for who changes them
 */
export async function lockContacts(
  tx: Transaction,
  scope: TenantScope,
  contactIds: readonly string[],
  lock: ContactLock,
): Promise<Contact[]> {
  const rows = await byIds(tx, scope, contactIds)
    .orderBy('contact.contactId')
    .setLock(lock === 'FROM_CHANGE' ? 'pessimistic_read' : 'pessimistic_write')
    .getMany();
  return rows.map(toContact);
}

/** Contacts of the scope, in any order. */
export async function findContacts(
  tx: Transaction,
  scope: TenantScope,
  contactIds: readonly string[],
): Promise<Contact[]> {
  return (await byIds(tx, scope, contactIds).getMany()).map(toContact);
}

function byIds(
  tx: Transaction,
  scope: TenantScope,
  contactIds: readonly string[],
): SelectQueryBuilder<ContactRow> {
  return restrictToOwners(
    tx.getRepository(contactRows).createQueryBuilder('contact'),
    scope,
  ).andWhere('contact.contactId = any (:contactIds)', { contactIds: [...contactIds] });
}

/**
 * Newest first, one row more than the page holds.
 * @param people `CUSTOMERS`: without those of providers
 */
export async function listContacts(
  tx: Transaction,
  scope: TenantScope,
  page: Page<['ID']>,
  owner: NarrowedOwner,
  people: 'ALL' | 'CUSTOMERS',
): Promise<Contact[]> {
  const query = restrictToOwners(
    tx.getRepository(contactRows).createQueryBuilder('contact'),
    scope,
    owner,
  );
  if (people === 'CUSTOMERS') query.andWhere('contact.customerId is not null');
  if (page.after) query.andWhere('contact.contactId < :after', { after: page.after[0] });
  const rows = await query
    .orderBy('contact.contactId', 'DESC')
    .limit(page.limit + 1)
    .getMany();
  return rows.map(toContact);
}

function toContact({ quietFromMinute, quietToMinute, ...contact }: ContactRow): Contact {
  const quietHours =
    quietFromMinute === null || quietToMinute === null
      ? null
      : { fromMinute: quietFromMinute, toMinute: quietToMinute };
  return { ...contact, quietHours };
}

function toRow({ quietHours, ...contact }: Contact): ContactRow {
  return {
    ...contact,
    quietFromMinute: quietHours?.fromMinute ?? null,
    quietToMinute: quietHours?.toMinute ?? null,
  };
}
