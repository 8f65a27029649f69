import { fromBinary } from '@bufbuild/protobuf';
import { defineConsumer, domainSubject, purgeCustomer } from '@vedette/event-bus';
import type { ConsumerDefinition, CustomerData, PurgeCounts } from '@vedette/event-bus';
import { TenancyEventSchema } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import type { TenancyEvent } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import { rewriteCustomerKeys } from '../deed/deed-store.ts';
import { finishPurge } from '../customer-leaving/receipt-operations.ts';

/** Events that others may not have read yet, and that name nothing but ids. */
const lasting = ['customer_purge_answered', 'customer_purge_completed', 'customer_purged'];

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
 * letters, export files. Nobody needs it any more, and until now they did. And what the purge left of
 * the customer's key in the file of its table. Only then is the purge complete.
 */
export function forgetCustomerOnCustomerPurgeAnswered(
  exportsDir: string,
): ConsumerDefinition<TenancyEvent, PurgeCounts | null> {
  return defineConsumer({
    name: 'tenancy-forget-customer-on-customer-purge-answered',
    stream: 'TENANCY',
    subject: 'vedette.tenancy.customer_purge_answered.>',
    takesPurged: true,
    decode: (bytes) => fromBinary(TenancyEventSchema, bytes),
    prepare: async ({ meta, event }, { database, bus }) => {
      if (event.case !== 'customerPurgeAnswered' || !meta) return null;
      await database.infrastructure(rewriteCustomerKeys);
      return purgeCustomer(messagesOfCustomer, meta.customerId, { database, bus, exportsDir });
    },
    handle: async ({ meta, event }, { tx }, counts) => {
      if (event.case !== 'customerPurgeAnswered' || !meta || !counts) return 'IGNORED';
      const { purgeId } = event.value;
      return finishPurge(tx, meta, { purgeId, messages: counts.messages }, new Date());
    },
  });
}
