import { keepCustomer } from '@vedette/service-kit';
import { fromBinary } from '@bufbuild/protobuf';
import { defineConsumer } from '@vedette/event-bus';
import { TenancyEventSchema } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';

/** Keeps hunting's own copy of customers, so that an unknown one is told from one of which there is nothing. */
export const recordCustomerOnCustomerOnboarded = defineConsumer({
  name: 'hunting-record-customer-on-customer-onboarded',
  stream: 'TENANCY',
  subject: 'vedette.tenancy.customer_onboarded.>',
  // The copy knows its version, so that older news after newer changes nothing.
  order: 'NONE',
  decode: (bytes) => fromBinary(TenancyEventSchema, bytes),
  handle: async ({ meta, event }, { tx }) => {
    if (event.case !== 'customerOnboarded' || !meta) return 'IGNORED';
    const { customerId, providerId, aggregateVersion } = meta;
    await keepCustomer(tx, { customerId, providerId, version: aggregateVersion });
    return 'HANDLED';
  },
});
