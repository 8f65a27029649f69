import { fromBinary } from '@bufbuild/protobuf';
import { defineConsumer } from '@vedette/event-bus';
import { TenancyEventSchema } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import { keepCustomer } from '@vedette/service-kit';
import { refuseSensors } from '../customer/customer-store.ts';

/** The service for a customer has ended, so nothing that its sensors send is taken any more. */
export const refuseSensorsOnCustomerOffboarded = defineConsumer({
  name: 'ingestion-refuse-sensors-on-customer-offboarded',
  stream: 'TENANCY',
  subject: 'vedette.tenancy.customer_offboarded.>',
  // An end is final, so it does not matter what comes before or after.
  order: 'NONE',
  decode: (bytes) => fromBinary(TenancyEventSchema, bytes),
  handle: async ({ meta, event }, { tx }) => {
    if (event.case !== 'customerOffboarded' || !meta) return 'IGNORED';
    const { customerId, providerId, aggregateVersion } = meta;
    await keepCustomer(tx, { customerId, providerId, version: aggregateVersion });
    await refuseSensors(tx, customerId);
    return 'HANDLED';
  },
});
