import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { domainSubject } from '@vedette/event-bus';
import type { OutboxEvent, PurgeCounts } from '@vedette/event-bus';
import {
  CustomerExportedSchema,
  CustomerPurgedSchema,
} from '@vedette/proto-schemas/common/v1/customer_receipt';
import {
  AssetDiscoveredSchema,
  ConnectorCreatedSchema,
  IngestionEventSchema,
  SensorKeyRotatedSchema,
  SensorKeysRevokedSchema,
} from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import type { IngestionEvent } from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import { newId } from '@vedette/service-kit';
import type { ExportFile, Viewer } from '@vedette/service-kit';
import type { AssetRow } from './asset/asset-store.ts';
import type { ConnectorRow, ConnectorVersion } from './connector/connector-store.ts';

interface Tenant {
  readonly providerId: string;
  readonly customerId: string;
}

/** Who did something, and in which role. */
export type Actor = Pick<Viewer, 'principalId' | 'role'>;

/** When something was done to a connector's keys, by whom, and under which provider. */
export interface Doing {
  readonly providerId: string;
  readonly at: Date;
  readonly actor: Actor;
}

/** What ingestion does by itself. */
export const byItself: Actor = { principalId: 'system:ingestion', role: 'SERVICE' };

/** @param sensorKeyId the public part of its first key */
export function connectorCreated(
  connector: ConnectorRow,
  sensorKeyId: string,
  doing: Omit<Doing, 'at'>,
): OutboxEvent {
  const { type, name, provenance, createdAt: at } = connector;
  return ofConnector(
    'connector_created',
    connector,
    { ...doing, at },
    {
      case: 'connectorCreated',
      value: create(ConnectorCreatedSchema, { type, name, provenance, sensorKeyId }),
    },
  );
}

/** @param oldKeyUntil until when the key before works; null where none does */
export function sensorKeyRotated(
  connector: ConnectorVersion,
  sensorKeyId: string,
  oldKeyUntil: Date | null,
  doing: Doing,
): OutboxEvent {
  const until = oldKeyUntil ? { oldKeyUntil: timestampFromDate(oldKeyUntil) } : {};
  return ofConnector('sensor_key_rotated', connector, doing, {
    case: 'sensorKeyRotated',
    value: create(SensorKeyRotatedSchema, { sensorKeyId, ...until }),
  });
}

/** @param sensorKeyIds the public parts of those that worked until now */
export function sensorKeysRevoked(
  connector: ConnectorVersion,
  sensorKeyIds: readonly string[],
  doing: Doing,
): OutboxEvent {
  return ofConnector('sensor_keys_revoked', connector, doing, {
    case: 'sensorKeysRevoked',
    value: create(SensorKeysRevokedSchema, { sensorKeyIds: [...sensorKeyIds] }),
  });
}

function ofConnector(
  name: string,
  { connectorId, customerId, version }: ConnectorVersion,
  { providerId, at, actor }: Doing,
  event: IngestionEvent['event'],
): OutboxEvent {
  return toOutboxEvent(
    name,
    { providerId, customerId },
    { id: connectorId, version, at, actor },
    event,
  );
}

/** @param now when it was found out, which may be long after the activity */
export function assetDiscovered(asset: AssetRow, providerId: string, now: Date): OutboxEvent {
  return toOutboxEvent(
    'asset_discovered',
    { providerId, customerId: asset.customerId },
    { id: asset.assetId, version: asset.version, at: now, actor: byItself },
    {
      case: 'assetDiscovered',
      value: create(AssetDiscoveredSchema, {
        name: asset.name,
        firstSeenAt: timestampFromDate(asset.firstSeenAt),
      }),
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
  return { id, version: 1, at: new Date(), actor: byItself };
}

function toOutboxEvent(
  name: string,
  tenant: Tenant,
  aggregate: {
    readonly id: string;
    readonly version: number;
    readonly at: Date;
    readonly actor: Actor;
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
      actor: aggregate.actor.principalId,
      actorRole: aggregate.actor.role,
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
