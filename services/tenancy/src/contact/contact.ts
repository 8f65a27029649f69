/** How somebody is asked. */
export type Channel = 'EMAIL' | 'CHAT' | 'SMS' | 'VOICE';

/** When somebody is asked about nothing below HIGH, in minutes since midnight of their time zone. */
export interface QuietHours {
  readonly fromMinute: number;
  /** At or before the begin it is on the next day. */
  readonly toMinute: number;
}

/** What somebody can be asked by, and how they want to be. */
export interface ContactDetails {
  readonly name: string;
  readonly email: string | null;
  /** E.164. */
  readonly phone: string | null;
  readonly chatWebhookUrl: string | null;
  /** BCP 47. */
  readonly language: string;
  /** IANA name. */
  readonly timeZone: string;
  readonly quietHours: QuietHours | null;
}

/** Somebody of a customer, or of a provider where `customerId` is null. */
export interface Contact extends ContactDetails {
  readonly contactId: string;
  readonly providerId: string;
  readonly customerId: string | null;
  readonly version: number;
}

/** One step of a ladder. */
export interface Rung {
  readonly contact: Contact;
  readonly channel: Channel;
  /** How long to wait for an answer before the next rung. */
  readonly timeoutMinutes: number;
}

/** Whom to ask about a customer, in order. */
export interface ContactLadder {
  readonly customerId: string;
  /** 0 before it was ever set. */
  readonly version: number;
  readonly rungs: readonly Rung[];
}

/** Whether somebody has the address that a channel needs. */
export function isReachedBy(contact: ContactDetails, channel: Channel): boolean {
  switch (channel) {
    case 'EMAIL':
      return contact.email !== null;
    case 'CHAT':
      return contact.chatWebhookUrl !== null;
    case 'SMS':
    case 'VOICE':
      return contact.phone !== null;
  }
}

/** Whether somebody may be asked about a customer: its own people and its provider's. */
export function mayBeAskedAbout(
  contact: Pick<Contact, 'customerId' | 'providerId'>,
  customer: { readonly customerId: string; readonly providerId: string },
): boolean {
  return contact.customerId === null
    ? contact.providerId === customer.providerId
    : contact.customerId === customer.customerId;
}

/** Contacts of rungs that are on no other rung, each once. */
export function removedContacts(
  before: readonly Rung[],
  after: readonly Rung[],
): readonly Contact[] {
  const kept = new Set(after.map(({ contact }) => contact.contactId));
  const gone = before.map(({ contact }) => contact).filter(({ contactId }) => !kept.has(contactId));
  return [...new Map(gone.map((contact) => [contact.contactId, contact])).values()];
}

/** Whether both ask the same people, in the same order, the same way. */
export function isSameLadder(one: readonly Rung[], other: readonly Rung[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ contact, channel, timeoutMinutes }, index) => {
      const step = other[index];
      return (
        step?.contact.contactId === contact.contactId &&
        step.channel === channel &&
        step.timeoutMinutes === timeoutMinutes
      );
    })
  );
}
