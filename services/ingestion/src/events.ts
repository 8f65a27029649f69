import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { domainSubject } from '@vedette/event-bus';
import type { OutboxEvent } from '@vedette/event-bus';
import { IngestionEventSchema } from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import type { IngestionEvent } from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import { newId } from '@vedette/service-kit';
import type { AssetRow } from './asset/asset-store.ts';
import type { ConnectorRow } from './connector/connector-store.ts';

interface Tenant {
  readonly providerId: string;
  readonly customerId: string;
}

export function connectorCreated(
  connector: ConnectorRow,
  providerId: string,
  actor: string,
): OutboxEvent {
  return toOutboxEvent(
    'connector_created',
    { providerId, customerId: connector.customerId },
    { id: connector.connectorId, version: connector.version, at: connector.createdAt, actor },
    {
      case: 'connectorCreated',
      value: { $typeName: 'vedette.ingestion.v1.ConnectorCreated', type: connector.type },
    },
  );
}

/** @param now when it was found out, which may be long after the activity */
export function assetDiscovered(asset: AssetRow, providerId: string, now: Date): OutboxEvent {
  return toOutboxEvent(
    'asset_discovered',
    { providerId, customerId: asset.customerId },
    { id: asset.assetId, version: asset.version, at: now, actor: 'system:ingestion' },
    {
      case: 'assetDiscovered',
      value: {
        $typeName: 'vedette.ingestion.v1.AssetDiscovered',
        name: asset.name,
        firstSeenAt: timestampFromDate(asset.firstSeenAt),
      },
    },
  );
}

function toOutboxEvent(
  name: string,
  tenant: Tenant,
  aggregate: {
    readonly id: string;
    readonly version: number;
    readonly at: Date;
    readonly actor: string;
  },
  event: IngestionEvent['event'],
): OutboxEvent {
  const eventId = newId();
  const message = create(IngestionEventSchema, {
    meta: {
      eventId,
      providerId: tenant.providerId,
      customerId: tenant.customerId,
      aggregateId: aggregate.id,
      aggregateVersion: BigInt(aggregate.version),
      occurredAt: timestampFromDate(aggregate.at),
      actor: aggregate.actor,
    },
    event,
  });
  return {
    eventId,
    subject: domainSubject('ingestion', name, tenant),
    aggregateId: aggregate.id,
    aggregateVersion: aggregate.version,
    payload: toBinary(IngestionEventSchema, message),
  };
}
