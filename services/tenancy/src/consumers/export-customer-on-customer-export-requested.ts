import { fromBinary } from '@bufbuild/protobuf';
import { defineConsumer, untilHandled } from '@vedette/event-bus';
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
    prepare: async ({ meta, event }, { bus, database }) => {
      if (!isAsked(event) || !meta) return null;
      const { customerId } = meta;
      const place = { exportsDir, customerId, exportId: event.value.exportId, service: 'tenancy' };
      // Ingestion has told of all its connectors before tenancy is asked.
      await untilHandled(bus, 'INGESTION', 'tenancy-note-connector-on-connector-changed');
      return exportCustomer(database, tables, place);
    },
    handle: async ({ meta, event }, { tx }, file) => {
      if (!isAsked(event) || !meta || !file) return 'IGNORED';
      return recordOwnExport(tx, meta, event.value.exportId, file, new Date());
    },
  });
}

type Asked = Extract<TenancyEvent['event'], { readonly case: 'customerExportRequested' }>;

function isAsked(event: TenancyEvent['event']): event is Asked {
  if (event.case !== 'customerExportRequested') return false;
  return ['', 'tenancy'].includes(event.value.service);
}
