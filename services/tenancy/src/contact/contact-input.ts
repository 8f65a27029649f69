import {
  parseEmail,
  parseHttpsUrl,
  parseLanguage,
  parseList,
  parseOptional,
  parsePhone,
  parseText,
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

/** @throws {InvalidInputError} problems name fields under `path` */
export function parseContact(path: string, input: ContactInput): ContactDetails {
  const contact = {
    name: parseText(`${path}.name`, input.name),
    email: parseOptional(`${path}.email`, input.email, parseEmail),
    phone: parseOptional(`${path}.phone`, input.phone, parsePhone),
    chatWebhookUrl: parseOptional(`${path}.chatWebhookUrl`, input.chatWebhookUrl, parseHttpsUrl),
    language: parseLanguage(`${path}.language`, input.language ?? 'en'),
    timeZone: parseTimeZone(`${path}.timeZone`, input.timeZone ?? 'UTC'),
    quietHours: parseOptional(`${path}.quietHours`, input.quietHours, parseQuietHours),
  };
  if (contact.email === null && contact.phone === null && contact.chatWebhookUrl === null) {
    refuseInput(path, 'has an e-mail address, a telephone number or a chat webhook');
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
    refuseInput(`${path}.timeoutMinutes`, `is from 1 to ${maxTimeoutMinutes}`);
  }
  return { channel, timeoutMinutes: minutes };
}
