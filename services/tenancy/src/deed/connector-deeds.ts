import { timestampDate } from '@bufbuild/protobuf/wkt';
import type { EventMeta } from '@vedette/proto-schemas/common/v1/event_meta';
import type { IngestionEvent } from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import type { Change, Deed } from './deed-book.ts';

/**
 * The deeds that an event of ingestion tells of: who may send for a customer is decided there, and
 * written here. Keys are named by their public part. None for an event of another kind.
 */
export function toConnectorDeeds(
  {
    providerId,
    customerId,
    aggregateId,
  }: Pick<EventMeta, 'providerId' | 'customerId' | 'aggregateId'>,
  event: IngestionEvent['event'],
): readonly Deed[] {
  const deed = (kind: string, change: Partial<Change>): Deed => ({
    ...{ kind, providerId, customerId, targetType: 'Connector', targetId: aggregateId },
    ...{ before: null, after: null, ...change },
  });
  switch (event.case) {
    case 'connectorCreated': {
      const { type, name, provenance, sensorKeyId: publicId } = event.value;
      return [
        deed('connector.create', { after: { type, name, provenance } }),
        deed('sensor_key.create', { after: { publicId } }),
      ];
    }
    case 'connectorUpdated': {
      const { name, isPaused, changed } = event.value;
      return [deed('connector.update', { after: { name, isPaused, changed } })];
    }
    case 'sensorKeyRotated': {
      const { sensorKeyId: publicId, oldKeyUntil } = event.value;
      const until = oldKeyUntil ? timestampDate(oldKeyUntil) : null;
      return [deed('sensor_key.rotate', { after: { publicId, oldKeyUntil: until } })];
    }
    case 'sensorKeysRevoked':
      return [deed('sensor_key.revoke', { before: { publicIds: event.value.sensorKeyIds } })];
    default:
      return [];
  }
}
