import { fromBinary } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { defineConsumer } from '@vedette/event-bus';
import type { ConsumerDefinition } from '@vedette/event-bus';
import { IngestionEventSchema } from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import type { IngestionEvent } from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import { InvalidInputError, roles } from '@vedette/service-kit';
import { lockCustomer } from '../customer/customer-store.ts';
import { toAssetDeeds } from '../deed/asset-deeds.ts';
import { toConnectorDeeds } from '../deed/connector-deeds.ts';
import type { DeedBook } from '../deed/deed-book.ts';

/**
 * Writes into a customer's ledger who set up its connectors, gave or took their sensors' keys, and said what of its assets
 * and identities. One
 * subscription for all of ingestion's events, since a ledger tells of them in their order.
 */
export function recordDeedsOnConnectorChanged(deeds: DeedBook): ConsumerDefinition<IngestionEvent> {
  return defineConsumer({
    name: 'tenancy-record-deeds-on-connector-changed',
    stream: 'INGESTION',
    subject: 'vedette.ingestion.>',
    decode: (bytes) => fromBinary(IngestionEventSchema, bytes),
    handle: async ({ meta, event }, { tx, db, logger }) => {
      const done = meta ? [...toConnectorDeeds(meta, event), ...toAssetDeeds(meta, event)] : [];
      // Events from before the field do not say as what somebody acted.
      if (!meta?.occurredAt || !meta.actorRole || done.length === 0) return 'IGNORED';
      const { customerId, providerId, occurredAt, actor: principalId } = meta;
      const role = roles.find((each) => each === meta.actorRole);
      if (!role) throw new InvalidInputError(`No such role: '${meta.actorRole}'.`);
      const customerIds = [customerId];
      // Held, so that its purge waits; of one that is being purged nothing is written any more.
      const customer = await lockCustomer(tx, { kind: 'CUSTOMERS', customerIds }, customerId);
      if (customer?.status !== 'ACTIVE' && customer?.status !== 'OFFBOARDED') return 'IGNORED';
      const viewer = { principalId, role, providerId, customerIds };
      const clock = (): Date => timestampDate(occurredAt);
      await deeds.record(tx, { viewer, db, clock, logger }, done);
      return 'HANDLED';
    },
  });
}
