import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { OutboxEvent } from '@vedette/event-bus';
import {
  Channel as WireChannel,
  NoAnswer as WireNoAnswer,
  ResponseMode as WireMode,
} from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import type {
  Contact as WireContact,
  Mandate as WireMandate,
  PolicyWindow as WireWindow,
} from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import type { Contact, Rung } from './contact/contact.ts';
import { toOutboxEvent } from './events.ts';
import type { MandateTerms } from './mandate/mandate.ts';
import type { EffectivePolicy, PolicyWindow } from './response-policy/response-policy.ts';
import type { ServiceContact } from './service-contact/service-contact-store.ts';

/** A change of what a customer has one of: its policy, its ladder, its service contact. */
export interface CustomerNews {
  readonly customerId: string;
  readonly providerId: string;
  /** Version after the change, of that one thing. */
  readonly version: number;
  readonly at: Date;
  readonly actor: string;
}

const modes = {
  NOTIFY: WireMode.NOTIFY,
  COLLABORATE: WireMode.COLLABORATE,
  AUTHORIZE: WireMode.AUTHORIZE,
} as const;

const channels = {
  EMAIL: WireChannel.EMAIL,
  CHAT: WireChannel.CHAT,
  SMS: WireChannel.SMS,
  VOICE: WireChannel.VOICE,
} as const;

export function effectivePolicyChanged(news: CustomerNews, policy: EffectivePolicy): OutboxEvent {
  return toCustomerEvent('effective_policy_changed', 'policy', news, {
    case: 'effectivePolicyChanged',
    value: {
      $typeName: 'vedette.tenancy.v1.EffectivePolicyChanged',
      ...(policy.mandate ? { mandate: toWireMandate(policy.mandate) } : {}),
      mode: modes[policy.mode],
      whenUnanswered: policy.whenUnanswered === 'ACT' ? WireNoAnswer.ACT : WireNoAnswer.HOLD,
      actionModes: policy.actionModes.map(({ action, mode }) => ({
        $typeName: 'vedette.tenancy.v1.ActionMode',
        action,
        mode: modes[mode],
      })),
      windows: policy.windows.map(toWireWindow),
    },
  });
}

/** @param removed who was on the ladder before and is no longer */
export function contactLadderChanged(
  news: CustomerNews,
  rungs: readonly Rung[],
  removed: readonly Contact[],
): OutboxEvent {
  return toCustomerEvent('contact_ladder_changed', 'ladder', news, {
    case: 'contactLadderChanged',
    value: {
      $typeName: 'vedette.tenancy.v1.ContactLadderChanged',
      rungs: rungs.map(({ contact, channel, timeoutMinutes }) => ({
        $typeName: 'vedette.tenancy.v1.Rung',
        contact: toWireContact(contact),
        channel: channels[channel],
        timeoutSeconds: timeoutMinutes * 60,
      })),
      removed: removed.map(toWireContact),
    },
  });
}

/** @param assigned null: nobody any more */
export function serviceContactAssigned(
  news: CustomerNews,
  assigned: ServiceContact | null,
): OutboxEvent {
  return toCustomerEvent('service_contact_assigned', 'service-contact', news, {
    case: 'serviceContactAssigned',
    value: {
      $typeName: 'vedette.tenancy.v1.ServiceContactAssigned',
      serviceContactId: assigned?.contactId ?? '',
      deputyId: assigned?.deputyId ?? '',
    },
  });
}

/** Each part counts its own versions, so each is an aggregate of its own, beside the customer. */
function toCustomerEvent(
  name: string,
  part: 'policy' | 'ladder' | 'service-contact',
  { customerId, providerId, ...news }: CustomerNews,
  event: Parameters<typeof toOutboxEvent>[3],
): OutboxEvent {
  const aggregate = { ...news, id: `${customerId}/${part}` };
  return toOutboxEvent(name, { providerId, customerId }, aggregate, event);
}

function toWireMandate(mandate: MandateTerms): WireMandate {
  return {
    $typeName: 'vedette.tenancy.v1.Mandate',
    mandateId: mandate.mandateId,
    highestMode: modes[mandate.highestMode],
    mayActUnanswered: mandate.mayActUnanswered,
    sharesIndicators: mandate.sharesIndicators,
    validFrom: timestampFromDate(mandate.validFrom),
    ...(mandate.validUntil ? { validUntil: timestampFromDate(mandate.validUntil) } : {}),
  };
}

function toWireWindow(window: PolicyWindow): WireWindow {
  return {
    $typeName: 'vedette.tenancy.v1.PolicyWindow',
    ...window,
    weekdays: [...window.weekdays],
    mode: modes[window.mode],
  };
}

function toWireContact(contact: Contact): WireContact {
  return {
    $typeName: 'vedette.tenancy.v1.Contact',
    contactId: contact.contactId,
    name: contact.name,
    email: contact.email ?? '',
    phone: contact.phone ?? '',
    language: contact.language,
    timeZone: contact.timeZone,
    isOfProvider: contact.customerId === null,
    chatWebhookUrl: contact.chatWebhookUrl ?? '',
    ...(contact.quietHours
      ? { quietHours: { $typeName: 'vedette.tenancy.v1.QuietHours', ...contact.quietHours } }
      : {}),
  };
}
