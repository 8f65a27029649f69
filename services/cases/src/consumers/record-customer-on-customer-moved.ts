import { fromBinary } from '@bufbuild/protobuf';
import { defineConsumer } from '@vedette/event-bus';
import { TenancyEventSchema } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import { keepCustomer } from '@vedette/service-kit';
import { moveCases } from '../case/case-store.ts';

/** A customer's cases follow it to its new provider, and so do the events that tell of them. */
export const recordCustomerOnCustomerMoved = defineConsumer({
  name: 'cases-record-customer-on-customer-moved',
  stream: 'TENANCY',
  subject: 'vedette.tenancy.customer_moved.>',
  // The copy knows its version, so that older news after newer changes nothing.
  order: 'NONE',
  decode: (bytes) => fromBinary(TenancyEventSchema, bytes),
  handle: async ({ meta, event }, { tx }) => {
    if (event.case !== 'customerMoved' || !meta) return 'IGNORED';
    const { customerId, providerId, aggregateVersion } = meta;
    await keepCustomer(tx, { customerId, providerId, version: aggregateVersion });
    await moveCases(tx, customerId);
    return 'HANDLED';
  },
});
