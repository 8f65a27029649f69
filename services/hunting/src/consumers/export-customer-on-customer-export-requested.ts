import { fromBinary } from '@bufbuild/protobuf';
import { addToOutbox, defineConsumer, untilPublished } from '@vedette/event-bus';
import type { ConsumerDefinition } from '@vedette/event-bus';
import { TenancyEventSchema } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import type { TenancyEvent } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import { exportCustomer } from '@vedette/service-kit';
import type { ExportFile } from '@vedette/service-kit';
import { huntingData } from '../customer-data.ts';
import { customerExported } from '../events.ts';

/** Writes all that hunting holds of a customer to the export store, and tells what it wrote. */
export function exportCustomerOnCustomerExportRequested(
  exportsDir: string,
): ConsumerDefinition<TenancyEvent, ExportFile | null> {
  const { service, tables } = huntingData;
  return defineConsumer({
    name: 'hunting-export-customer-on-customer-export-requested',
    stream: 'TENANCY',
    subject: 'vedette.tenancy.customer_export_requested.>',
    decode: (bytes) => fromBinary(TenancyEventSchema, bytes),
    prepare: async ({ meta, event }, { database }) => {
      if (!isAsked(event) || !meta) return null;
      const { exportId } = event.value;
      const { customerId } = meta;
      // What was detected is on its stream by the time that the receipt is.
      await untilPublished(database, service, customerId);
      return exportCustomer(database, tables, { exportsDir, customerId, exportId, service });
    },
    handle: async ({ meta, event }, { tx }, file) => {
      if (!isAsked(event) || !meta || !file) return 'IGNORED';
      await addToOutbox(tx, [customerExported(meta, event.value.exportId, file)]);
      return 'HANDLED';
    },
  });
}

type Asked = Extract<TenancyEvent['event'], { readonly case: 'customerExportRequested' }>;

function isAsked(event: TenancyEvent['event']): event is Asked {
  if (event.case !== 'customerExportRequested') return false;
  return ['', huntingData.service].includes(event.value.service);
}
