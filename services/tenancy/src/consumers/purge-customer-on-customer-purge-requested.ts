import { fromBinary } from '@bufbuild/protobuf';
import { defineConsumer } from '@vedette/event-bus';
import type { ConsumerDefinition } from '@vedette/event-bus';
import { TenancyEventSchema } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import type { TenancyEvent } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import { systemViewer } from '@vedette/service-kit';
import { purgeOwnData } from '../customer-leaving/receipt-operations.ts';
import type { DeedBook } from '../deed/deed-book.ts';

/** Deletes what tenancy itself holds of a customer, as every service does. */
export function purgeCustomerOnCustomerPurgeRequested(
  deeds: DeedBook,
): ConsumerDefinition<TenancyEvent> {
  return defineConsumer({
    name: 'tenancy-purge-customer-on-customer-purge-requested',
    stream: 'TENANCY',
    subject: 'vedette.tenancy.customer_purge_requested.>',
    decode: (bytes) => fromBinary(TenancyEventSchema, bytes),
    handle: async ({ meta, event }, { tx, db, logger }) => {
      if (event.case !== 'customerPurgeRequested' || !meta) return 'IGNORED';
      const viewer = systemViewer('tenancy', meta);
      const ctx = { viewer, db, clock: () => new Date(), logger, deeds };
      return purgeOwnData(tx, ctx, meta, event.value.purgeId);
    },
  });
}
