import {
  parseEmail,
  parseHttpsUrl,
  parseLanguage,
  parseList,
  parseName,
  parsePhone,
  parseTimeOfDay,
  parseTimeZone,
  refuseInput,
} from '../input.ts';
import { parseId } from '@vedette/service-kit';
import { isReachedBy } from './contact.ts';
import type { Channel, ContactDetails, QuietHours } from './contact.ts';

export interface ContactInput {
  readonly name: string;
  readonly email?: string | null;
  readonly phone?: string | null;
  readonly chatWebhookUrl?: string | null;
  readonly language?: string | null;
  readonly timeZone?: string | null;
  readonly quietHours?: { readonly from: string; readonly to: string } | null;
}

/** Details of a contact that are to change. What is left out stays; null clears. */
export type ContactChanges = {
  readonly [Detail in keyof ContactInput]?: ContactInput[Detail] | null | undefined;
};

interface StepInput {
  readonly channel: Channel;
  readonly timeoutMinutes?: number | null;
}

/** A step of a ladder with somebody who is a contact. */
export interface RungInput extends StepInput {
  readonly contactId: string;
}

/** A step of a ladder with somebody who is not a contact yet. */
export interface NewRungInput extends StepInput {
  readonly contact: ContactInput;
}

const maxRungs = 20;
const defaultTimeoutMinutes = 15;
const maxTimeoutMinutes = 24 * 60;

/** What a contact has of which nothing is said. */
const unsaid: ContactDetails = {
  ...{ name: '', email: null, phone: null, chatWebhookUrl: null },
  ...{ language: 'en', timeZone: 'UTC', quietHours: null },
};

/** @throws {InvalidInputError} problems name fields under `path` */
export function parseContact(path: string, input: ContactInput): ContactDetails {
  return parseContactChanges(path, input, unsaid);
}

/** @throws {InvalidInputError} problems name fields under `path` */
export function parseContactChanges(
  path: string,
  changes: ContactChanges,
  before: ContactDetails,
): ContactDetails {
  const change = <Detail extends Exclude<keyof ContactDetails, 'name'>>(
    detail: Detail,
    parse: (path: string, value: NonNullable<ContactInput[Detail]>) => ContactDetails[Detail],
  ): ContactDetails[Detail] => {
    const value = changes[detail];
    if (value === undefined) return before[detail];
    return value === null ? unsaid[detail] : parse(`${path}.${detail}`, value);
  };
  if (changes.name === null) refuseInput(`${path}.name`, 'cannot be cleared');
  const contact = {
    name: changes.name === undefined ? before.name : parseName(changes.name, `${path}.name`),
    email: change('email', parseEmail),
    phone: change('phone', parsePhone),
    chatWebhookUrl: change('chatWebhookUrl', parseHttpsUrl),
    language: change('language', parseLanguage),
    timeZone: change('timeZone', parseTimeZone),
    quietHours: change('quietHours', parseQuietHours),
  };
  if (contact.email === null && contact.phone === null && contact.chatWebhookUrl === null) {
    refuseInput(path, 'has no e-mail address, telephone number or chat webhook');
  }
  return contact;
}

function parseQuietHours(
  path: string,
  { from, to }: NonNullable<ContactInput['quietHours']>,
): QuietHours {
  return {
    fromMinute: parseTimeOfDay(`${path}.from`, from),
    toMinute: parseTimeOfDay(`${path}.to`, to),
  };
}

/** A step that names its contact by id. */
export interface ParsedRung {
  readonly contactId: string;
  readonly channel: Channel;
  readonly timeoutMinutes: number;
}

/** @throws {InvalidInputError} too many, or one is not valid */
export function parseRungs(path: string, rungs: readonly RungInput[]): readonly ParsedRung[] {
  return parseList(path, rungs, maxRungs, (place, rung) => ({
    contactId: parseId(`${place}.contactId`, rung.contactId),
    ...parseStep(place, rung),
  }));
}

/** A step with somebody who becomes a contact by it. */
export interface ParsedNewRung {
  readonly contact: ContactDetails;
  readonly channel: Channel;
  readonly timeoutMinutes: number;
}

/** @throws {InvalidInputError} too many, or one is not valid */
export function parseNewRungs(
  path: string,
  rungs: readonly NewRungInput[],
): readonly ParsedNewRung[] {
  return parseList(path, rungs, maxRungs, (place, rung) => {
    const contact = parseContact(`${place}.contact`, rung.contact);
    requireAddress(place, contact, rung.channel);
    return { contact, ...parseStep(place, rung) };
  });
}

/** @throws {InvalidInputError} the contact has no address for the channel of the rung at `path` */
export function requireAddress(path: string, contact: ContactDetails, channel: Channel): void {
  if (!isReachedBy(contact, channel)) {
    refuseInput(`${path}.channel`, `the contact has no address for ${channel}`);
  }
}

function parseStep(
  path: string,
  { channel, timeoutMinutes }: StepInput,
): { readonly channel: Channel; readonly timeoutMinutes: number } {
  const minutes = timeoutMinutes ?? defaultTimeoutMinutes;
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > maxTimeoutMinutes) {
    refuseInput(`${path}.timeoutMinutes`, `is not from 1 to ${maxTimeoutMinutes}`);
  }
  return { channel, timeoutMinutes: minutes };
}
