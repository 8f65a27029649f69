import { fromBinary } from '@bufbuild/protobuf';
import { defineConsumer } from '@vedette/event-bus';
import { TenancyEventSchema } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import { keepCustomer } from '@vedette/service-kit';
import { revokeKeysFromBefore } from '../connector/sensor-key-operations.ts';
import { holdCustomer } from '../customer/customer-store.ts';

/**
 * Connectors and assets are told under the customer's new provider from now on, and no key that the one
 * before was shown works any more.
 */
export const recordCustomerOnCustomerMoved = defineConsumer({
  name: 'ingestion-record-customer-on-customer-moved',
  stream: 'TENANCY',
  subject: 'vedette.tenancy.customer_moved.>',
  // The copy knows its version, so that older news after newer changes nothing.
  order: 'NONE',
  decode: (bytes) => fromBinary(TenancyEventSchema, bytes),
  handle: async ({ meta, event }, { tx }) => {
    if (event.case !== 'customerMoved' || !meta) return 'IGNORED';
    const { customerId, providerId, aggregateVersion } = meta;
    // Whoever is making a key is done first; who comes later finds the new provider.
    const before = await holdCustomer(tx, customerId, 'UPDATE');
    await keepCustomer(tx, { customerId, providerId, version: aggregateVersion });
    if (before && before.version < aggregateVersion)
      await revokeKeysFromBefore(tx, meta, new Date());
    return 'HANDLED';
  },
});
