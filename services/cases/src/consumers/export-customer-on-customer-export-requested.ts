import { fromBinary } from '@bufbuild/protobuf';
import { addToOutbox, defineConsumer, untilHandled, untilPublished } from '@vedette/event-bus';
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
    prepare: async ({ meta, event }, { bus, database }) => {
      if (!isAsked(event) || !meta) return null;
      const { exportId } = event.value;
      const { customerId } = meta;
      // Hunting has told of all its detections before cases is asked.
      await untilHandled(bus, 'HUNTING', 'cases-open-case-on-detection');
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
  return ['', casesData.service].includes(event.value.service);
}
