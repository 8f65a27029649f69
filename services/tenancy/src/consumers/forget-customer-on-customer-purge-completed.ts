import { fromBinary } from '@bufbuild/protobuf';
import { defineConsumer, domainSubject, purgeCustomer } from '@vedette/event-bus';
import type { ConsumerDefinition, CustomerData, PurgeCounts } from '@vedette/event-bus';
import { TenancyEventSchema } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import type { TenancyEvent } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import { saveDeletedMessages } from '../customer-leaving/customer-leaving-store.ts';

/** Events that others may not have read yet, and that name nothing but ids. */
const lasting = ['customer_purge_completed', 'customer_purged'];

/** The rows are gone since the purge was asked for; what is left are messages. */
const messagesOfCustomer: CustomerData = {
  service: 'tenancy',
  tables: [],
  messages: TenancyEventSchema.oneofs
    .flatMap(({ fields }) => fields.map(({ name }) => name))
    .filter((event) => !lasting.includes(event))
    .map((event) => ({
      stream: 'TENANCY',
      subjectsOf: (customerId) => domainSubject('tenancy', event, { providerId: '*', customerId }),
    })),
};

/**
 * Deletes what tenancy has told of a customer that every service has purged: outbox, stream, dead
 * letters, export files. Nobody needs it any more, and until now they did.
 */
export function forgetCustomerOnCustomerPurgeCompleted(
  exportsDir: string,
): ConsumerDefinition<TenancyEvent, PurgeCounts | null> {
  return defineConsumer({
    name: 'tenancy-forget-customer-on-customer-purge-completed',
    stream: 'TENANCY',
    subject: 'vedette.tenancy.customer_purge_completed.>',
    takesPurged: true,
    decode: (bytes) => fromBinary(TenancyEventSchema, bytes),
    prepare: async ({ meta, event }, { database, bus }) => {
      if (event.case !== 'customerPurgeCompleted' || !meta) return null;
      return purgeCustomer(messagesOfCustomer, meta.customerId, { database, bus, exportsDir });
    },
    handle: async ({ meta, event }, { tx }, counts) => {
      if (event.case !== 'customerPurgeCompleted' || !meta || !counts) return 'IGNORED';
      const { customerId } = meta;
      await saveDeletedMessages(
        tx,
        { customerId, requestId: event.value.purgeId },
        counts.messages,
      );
      return 'HANDLED';
    },
  });
}
