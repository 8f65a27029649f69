import { defineConsumer } from '@vedette/event-bus';
import type { ConsumerDefinition } from '@vedette/event-bus';
import { answeringServices } from '../answering-services.ts';
import type { AnsweringEvent } from '../answering-services.ts';
import { recordPurge } from '../customer-leaving/receipt-operations.ts';

/** Keeps what each service says that it has deleted. */
export const recordPurgeOnCustomerPurged: readonly ConsumerDefinition<AnsweringEvent>[] =
  answeringServices.map(({ service, stream, decode }) =>
    defineConsumer({
      name: `tenancy-record-purge-on-${service}-customer-purged`,
      stream,
      subject: `vedette.${service}.customer_purged.>`,
      order: 'NONE',
      decode,
      handle: async ({ meta, event }, { tx }) => {
        // Nobody answers for another.
        if (event.case !== 'customerPurged' || event.value.service !== service || !meta) {
          return 'IGNORED';
        }
        const { purgeId, rows, messages } = event.value;
        const counts = { rows: Number(rows), messages: Number(messages) };
        return recordPurge(tx, meta, { purgeId, service, ...counts }, new Date());
      },
    }),
  );
