import { fromBinary } from '@bufbuild/protobuf';
import { addToOutbox, defineConsumer } from '@vedette/event-bus';
import type { ConsumerDefinition } from '@vedette/event-bus';
import { TenancyEventSchema } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import type { TenancyEvent } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import { exportCustomer } from '@vedette/service-kit';
import type { ExportFile } from '@vedette/service-kit';
import { casesData } from '../customer-data.ts';
import { customerExported } from '../events.ts';

/** Writes all that cases holds of a customer to the export store, and tells what it wrote. */
export function exportCustomerOnCustomerExportRequested(
  exportsDir: string,
): ConsumerDefinition<TenancyEvent, ExportFile | null> {
  const { service, tables } = casesData;
  return defineConsumer({
    name: 'cases-export-customer-on-customer-export-requested',
    stream: 'TENANCY',
    subject: 'vedette.tenancy.customer_export_requested.>',
    decode: (bytes) => fromBinary(TenancyEventSchema, bytes),
    prepare: async ({ meta, event }, { database }) => {
      if (event.case !== 'customerExportRequested' || !meta) return null;
      const { exportId } = event.value;
      const { customerId } = meta;
      return exportCustomer(database, tables, { exportsDir, customerId, exportId, service });
    },
    handle: async ({ meta, event }, { tx }, file) => {
      if (event.case !== 'customerExportRequested' || !meta || !file) return 'IGNORED';
      await addToOutbox(tx, [customerExported(meta, event.value.exportId, file)]);
      return 'HANDLED';
    },
  });
}
