import { createHash } from 'node:crypto';
import { listAll, type Ask } from '../gateway-client.ts';
import type { DemoContact, DemoCustomer } from './companies.ts';

/** A provider's customers as the API knows them, each with what it is to have on record. */
export interface Estate {
  readonly providerId: string;
  /** The provider's own person, who comes last on each ladder. */
  readonly contact: DemoContact;
  readonly customers: readonly { readonly customerId: string; readonly customer: DemoCustomer }[];
}

/**
 * Sees to it that each customer has a profile, a mandate, a policy where it has its own, and a ladder
 * of contacts. What is there already stays as it is.
 */
export async function ensureGround(ask: Ask, estate: Estate): Promise<void> {
  const last = await ensureContact(ask, { providerId: estate.providerId }, estate.contact);
  for (const { customerId, customer } of estate.customers) {
    const { customer: found } = await ask<{ customer: FoundCustomer }>(
      `query ($id: ID!) {
        customer(id: $id) {
          name version externalReference mandates { id } responsePolicy { version }
          contactLadder { version }
        }
      }`,
      { id: customerId },
    );
    if (found.externalReference === null) await describe(ask, customerId, found.version, customer);
    if (found.mandates.length === 0) await recordMandate(ask, customerId, found.name, customer);
    if (customer.policy && found.responsePolicy === null) {
      await setPolicy(ask, customerId, customer.policy);
    }
    if (found.contactLadder.version === 0) {
      const contactIds = [];
      for (const contact of customer.contacts) {
        contactIds.push(await ensureContact(ask, { customerId }, contact));
      }
      await setLadder(ask, customerId, [...contactIds, last]);
    }
  }
}

interface FoundCustomer {
  readonly name: string;
  readonly version: number;
  readonly externalReference: string | null;
  readonly mandates: readonly object[];
  readonly responsePolicy: object | null;
  readonly contactLadder: { readonly version: number };
}

async function describe(
  ask: Ask,
  customerId: string,
  expectedVersion: number,
  { externalReference, profile }: DemoCustomer,
): Promise<void> {
  await ask(
    `mutation ($input: UpdateCustomerInput!) {
      updateCustomer(input: $input) { customer { id } }
    }`,
    { input: { customerId, expectedVersion, externalReference, profile } },
  );
}

async function recordMandate(
  ask: Ask,
  customerId: string,
  name: string,
  { signatory, highestMode, mayActUnanswered = false }: DemoCustomer,
): Promise<void> {
  const document = `Demonstration mandate of ${name}`;
  const mandate = {
    ...{ signatory, highestMode, mayActUnanswered },
    documentSha256: createHash('sha256').update(document).digest('hex'),
  };
  await ask(
    'mutation ($input: RecordMandateInput!) { recordMandate(input: $input) { mandate { id } } }',
    { input: { customerId, mandate } },
  );
}

async function setPolicy(ask: Ask, customerId: string, policy: object): Promise<void> {
  await ask(
    `mutation ($input: SetCustomerResponsePolicyInput!) {
      setCustomerResponsePolicy(input: $input) { customer { id } }
    }`,
    { input: { customerId, expectedVersion: 0, policy } },
  );
}

/** The first is called, the others get a message: both kinds are seen. */
async function setLadder(
  ask: Ask,
  customerId: string,
  contactIds: readonly string[],
): Promise<void> {
  const rungs = contactIds.map((contactId, index) => ({
    contactId,
    channel: index === 0 ? 'VOICE' : 'EMAIL',
  }));
  await ask(
    `mutation ($input: SetContactLadderInput!) {
      setContactLadder(input: $input) { customer { id } }
    }`,
    { input: { customerId, expectedVersion: 0, rungs } },
  );
}

async function ensureContact(
  ask: Ask,
  owner: { readonly providerId: string } | { readonly customerId: string },
  contact: DemoContact,
): Promise<string> {
  const [[field, id] = []] = Object.entries(owner);
  const filter = `{ ${field ?? ''}: "${id ?? ''}" }`;
  const known = await listAll<{ id: string; name: string }>(ask, 'contacts', 'id name', filter);
  const found = known.find(({ name }) => name === contact.name);
  if (found) return found.id;
  const { addContact } = await ask<{ addContact: { contact: { id: string } } }>(
    'mutation ($input: AddContactInput!) { addContact(input: $input) { contact { id } } }',
    { input: { ...owner, contact } },
  );
  return addContact.contact.id;
}
