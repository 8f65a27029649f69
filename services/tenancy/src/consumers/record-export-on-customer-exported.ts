import { defineConsumer } from '@vedette/event-bus';
import type { ConsumerDefinition } from '@vedette/event-bus';
import { answeringServices } from '../answering-services.ts';
import type { AnsweringEvent } from '../answering-services.ts';
import { recordExport } from '../customer-leaving/receipt-operations.ts';

/** Keeps what each service says that it has exported. */
export const recordExportOnCustomerExported: readonly ConsumerDefinition<AnsweringEvent>[] =
  answeringServices.map(({ service, stream, decode }) =>
    defineConsumer({
      name: `tenancy-record-export-on-${service}-customer-exported`,
      stream,
      subject: `vedette.${service}.customer_exported.>`,
      order: 'NONE',
      decode,
      handle: async ({ meta, event }, { tx }) => {
        // Nobody answers for another.
        if (event.case !== 'customerExported' || event.value.service !== service || !meta) {
          return 'IGNORED';
        }
        const { exportId, sha256, bytes, rows } = event.value;
        const size = { bytes: Number(bytes), rows: Number(rows) };
        return recordExport(tx, meta, { exportId, service, sha256, ...size }, new Date());
      },
    }),
  );
