import { fromBinary } from '@bufbuild/protobuf';
import { defineConsumer } from '@vedette/event-bus';
import type { ConsumerDefinition } from '@vedette/event-bus';
import { TenancyEventSchema } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import type { TenancyEvent } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import { exportCustomer } from '@vedette/service-kit';
import type { ExportFile } from '@vedette/service-kit';
import { customerTables, keptTables } from '../customer-leaving/customer-data.ts';
import { recordOwnExport } from '../customer-leaving/receipt-operations.ts';

const tables = [...keptTables, ...customerTables];

/** Writes what tenancy itself holds of a customer to the export store, as every service does. */
export function exportCustomerOnCustomerExportRequested(
  exportsDir: string,
): ConsumerDefinition<TenancyEvent, ExportFile | null> {
  return defineConsumer({
    name: 'tenancy-export-customer-on-customer-export-requested',
    stream: 'TENANCY',
    subject: 'vedette.tenancy.customer_export_requested.>',
    decode: (bytes) => fromBinary(TenancyEventSchema, bytes),
    prepare: async ({ meta, event }, { database }) => {
      if (event.case !== 'customerExportRequested' || !meta) return null;
      const { customerId } = meta;
      const place = { exportsDir, customerId, exportId: event.value.exportId, service: 'tenancy' };
      return exportCustomer(database, tables, place);
    },
    handle: async ({ meta, event }, { tx }, file) => {
      if (event.case !== 'customerExportRequested' || !meta || !file) return 'IGNORED';
      return recordOwnExport(tx, meta, event.value.exportId, file, new Date());
    },
  });
}
