import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { domainSubject } from '@vedette/event-bus';
import { CaseEventSchema } from '@vedette/proto-schemas/cases/v1/case_event';
import {
  CustomerExportedSchema,
  CustomerPurgedSchema,
} from '@vedette/proto-schemas/common/v1/customer_receipt';
import { HuntingEventSchema } from '@vedette/proto-schemas/hunting/v1/hunting_event';
import {
  ConnectorCreatedSchema,
  IngestionEventSchema,
  SensorKeyRotatedSchema,
  SensorKeysRevokedSchema,
} from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import { newId } from '@vedette/service-kit';
import type { RedeliveredEvent, RowOwner } from '@vedette/testkit';

/** Services besides tenancy that answer when a customer leaves, and where. */
export const others = { ingestion: 'INGESTION', hunting: 'HUNTING', cases: 'CASES' } as const;

export type OtherService = keyof typeof others;

const schemas = {
  ingestion: IngestionEventSchema,
  hunting: HuntingEventSchema,
  cases: CaseEventSchema,
} as const;

/** A service's receipt of an export, as whoever `named` says. */
export function customerExported(
  service: OtherService,
  owner: RowOwner,
  exportId: string,
  named: string = service,
): RedeliveredEvent {
  const receipt = { exportId, service: named, sha256: 'ab'.repeat(32), bytes: 2048n, rows: 12n };
  const event = {
    case: 'customerExported',
    value: create(CustomerExportedSchema, receipt),
  } as const;
  return tell(service, 'customer_exported', owner, event);
}

/** A service's receipt of a purge. */
export function customerPurged(
  service: OtherService,
  owner: RowOwner,
  purgeId: string,
): RedeliveredEvent {
  const receipt = { purgeId, service, rows: 12n, messages: 3n };
  const event = { case: 'customerPurged', value: create(CustomerPurgedSchema, receipt) } as const;
  return tell(service, 'customer_purged', owner, event);
}

/** A connector as ingestion tells of it; its version counts what was told. */
export interface ToldConnector {
  readonly id: string;
  readonly version: bigint;
}

export function connectorCreated(
  owner: RowOwner,
  at: Date,
  connectorId: string = newId(),
): RedeliveredEvent {
  const value = create(ConnectorCreatedSchema, { type: 'windows-events' });
  const event = { case: 'connectorCreated', value } as const;
  return tell('ingestion', 'connector_created', owner, event, at, { id: connectorId, version: 1n });
}

export function sensorKeyRotated(
  owner: RowOwner,
  at: Date,
  connector: ToldConnector,
): RedeliveredEvent {
  const value = create(SensorKeyRotatedSchema, { sensorKeyId: 'another' });
  const event = { case: 'sensorKeyRotated', value } as const;
  return tell('ingestion', 'sensor_key_rotated', owner, event, at, connector);
}

export function sensorKeysRevoked(
  owner: RowOwner,
  at: Date,
  connector: ToldConnector,
): RedeliveredEvent {
  const value = create(SensorKeysRevokedSchema, { sensorKeyIds: ['one'] });
  const event = { case: 'sensorKeysRevoked', value } as const;
  return tell('ingestion', 'sensor_keys_revoked', owner, event, at, connector);
}

export function assetDiscovered(owner: RowOwner, at: Date): RedeliveredEvent {
  const value = { $typeName: 'vedette.ingestion.v1.AssetDiscovered', name: 'till-1' } as const;
  return tell('ingestion', 'asset_discovered', owner, { case: 'assetDiscovered', value }, at);
}

function tell(
  service: OtherService,
  name: string,
  owner: RowOwner,
  event: object,
  at = new Date(),
  aggregate: ToldConnector = { id: newId(), version: 1n },
): RedeliveredEvent {
  const meta = {
    ...{ eventId: newId(), ...owner },
    ...{ aggregateId: aggregate.id, aggregateVersion: aggregate.version },
    ...{ occurredAt: timestampFromDate(at), actor: `system:${service}` },
  };
  const schema = schemas[service];
  return {
    stream: others[service],
    subject: domainSubject(service, name, owner),
    payload: toBinary(schema, create(schema, { meta, event } as never)),
  };
}
