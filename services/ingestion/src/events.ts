import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { domainSubject } from '@vedette/event-bus';
import type { OutboxEvent, PurgeCounts } from '@vedette/event-bus';
import {
  CustomerExportedSchema,
  CustomerPurgedSchema,
} from '@vedette/proto-schemas/common/v1/customer_receipt';
import { IngestionEventSchema } from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import type { IngestionEvent } from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import { newId } from '@vedette/service-kit';
import type { ExportFile } from '@vedette/service-kit';
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

/** The receipt of an export; its aggregate is the export. */
export function customerExported(tenant: Tenant, exportId: string, file: ExportFile): OutboxEvent {
  const { sha256, bytes, rows } = file;
  const size = { bytes: BigInt(bytes), rows: BigInt(rows) };
  return toOutboxEvent('customer_exported', tenant, toReceipt(exportId), {
    case: 'customerExported',
    value: create(CustomerExportedSchema, { exportId, service: 'ingestion', sha256, ...size }),
  });
}

/** The receipt of a purge; its aggregate is the purge. */
export function customerPurged(
  tenant: Tenant,
  purgeId: string,
  { rows, messages }: PurgeCounts,
): OutboxEvent {
  const counts = { rows: BigInt(rows), messages: BigInt(messages) };
  return toOutboxEvent('customer_purged', tenant, toReceipt(purgeId), {
    case: 'customerPurged',
    value: create(CustomerPurgedSchema, { purgeId, service: 'ingestion', ...counts }),
  });
}

function toReceipt(id: string) {
  return { id, version: 1, at: new Date(), actor: 'system:ingestion' };
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
