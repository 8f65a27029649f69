import { getCustomer } from '../customer/customer-operations.ts';
import type { Resolvers } from '../gen/graphql.ts';
import { formatTimeOfDay } from '../input.ts';
import { setContactLadder } from './contact-ladder-operations.ts';
import {
  addContact,
  chatWebhookUrlFor,
  getContact,
  listContacts,
  removeContact,
  updateContact,
} from './contact-operations.ts';

export const contactResolvers = {
  Query: {
    contact: (_, { id }, ctx) => getContact(ctx, id),
    contacts: (_, args, ctx) => listContacts(ctx, args),
  },
  Mutation: {
    addContact: async (_, { input }, ctx) => ({ contact: await addContact(ctx, input) }),
    updateContact: async (_, { input }, ctx) => ({ contact: await updateContact(ctx, input) }),
    removeContact: async (_, { input }, ctx) => ({ contactId: await removeContact(ctx, input) }),
    setContactLadder: async (_, { input }, ctx) => ({
      customer: await getCustomer(ctx, await setContactLadder(ctx, input)),
    }),
  },
  Customer: { contactLadder: ({ customerId }, _, ctx) => ctx.contactLadders.load(customerId) },
  Contact: {
    id: (contact) => contact.contactId,
    chatWebhookUrl: (contact, _, ctx) => chatWebhookUrlFor(ctx.viewer, contact),
  },
  QuietHours: {
    from: ({ fromMinute }) => formatTimeOfDay(fromMinute),
    to: ({ toMinute }) => formatTimeOfDay(toMinute),
  },
} satisfies Resolvers;
