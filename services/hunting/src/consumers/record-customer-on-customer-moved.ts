import { fromBinary } from '@bufbuild/protobuf';
import { defineConsumer } from '@vedette/event-bus';
import { TenancyEventSchema } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import { keepCustomer } from '@vedette/service-kit';

/**
 * What is detected from now on is told under the customer's new provider. A detection that was raised
 * before keeps the provider that it was raised under: it is never told again.
 */
export const recordCustomerOnCustomerMoved = defineConsumer({
  name: 'hunting-record-customer-on-customer-moved',
  stream: 'TENANCY',
  subject: 'vedette.tenancy.customer_moved.>',
  // The copy knows its version, so that older news after newer changes nothing.
  order: 'NONE',
  decode: (bytes) => fromBinary(TenancyEventSchema, bytes),
  handle: async ({ meta, event }, { tx }) => {
    if (event.case !== 'customerMoved' || !meta) return 'IGNORED';
    const { customerId, providerId, aggregateVersion } = meta;
    await keepCustomer(tx, { customerId, providerId, version: aggregateVersion });
    return 'HANDLED';
  },
});
