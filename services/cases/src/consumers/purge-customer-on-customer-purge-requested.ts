import { fromBinary } from '@bufbuild/protobuf';
import { addToOutbox, defineConsumer, purgeCustomer } from '@vedette/event-bus';
import type { ConsumerDefinition, PurgeCounts } from '@vedette/event-bus';
import { TenancyEventSchema } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import type { TenancyEvent } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import { casesData } from '../customer-data.ts';
import { customerPurged } from '../events.ts';

/** Deletes all that cases holds of a customer, and tells how much it was. */
export function purgeCustomerOnCustomerPurgeRequested(
  exportsDir: string,
): ConsumerDefinition<TenancyEvent, PurgeCounts | null> {
  return defineConsumer({
    name: 'cases-purge-customer-on-customer-purge-requested',
    stream: 'TENANCY',
    subject: 'vedette.tenancy.customer_purge_requested.>',
    takesPurged: true,
    decode: (bytes) => fromBinary(TenancyEventSchema, bytes),
    prepare: async ({ meta, event }, { database, bus }) => {
      if (event.case !== 'customerPurgeRequested' || !meta) return null;
      return purgeCustomer(casesData, meta.customerId, { database, bus, exportsDir });
    },
    handle: async ({ meta, event }, { tx }, counts) => {
      if (event.case !== 'customerPurgeRequested' || !meta || !counts) return 'IGNORED';
      await addToOutbox(tx, [customerPurged(meta, event.value.purgeId, counts)]);
      return 'HANDLED';
    },
  });
}
