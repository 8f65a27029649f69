import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { domainSubject } from '@vedette/event-bus';
import type { OutboxEvent, PurgeCounts } from '@vedette/event-bus';
import {
  CustomerExportedSchema,
  CustomerPurgedSchema,
} from '@vedette/proto-schemas/common/v1/customer_receipt';
import {
  AssetCriticalityChangedSchema,
  AssetDiscoveredSchema,
  AssetMergedSchema,
  AssetUnmergedSchema,
  ConnectorCreatedSchema,
  ConnectorRecoveredSchema,
  ConnectorSilentSchema,
  ConnectorUpdatedSchema,
  IdentityDiscoveredSchema,
  IdentityMergedSchema,
  IdentityRiskChangedSchema,
  IngestionEventSchema,
  SensorKeyRotatedSchema,
  SensorKeysRevokedSchema,
  TelemetryGapRecordedSchema,
} from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import type { IngestionEvent } from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import { newId } from '@vedette/service-kit';
import type { ExportFile, Viewer } from '@vedette/service-kit';
import type { Verdict } from './asset/assessment.ts';
import type { DiscoveredAsset } from './asset/asset-store.ts';
import type { ConnectorRow, ConnectorVersion } from './connector/connector-store.ts';
import type { GapReason } from './health/telemetry-gap-store.ts';
import type { DiscoveredIdentity } from './identity/identity-store.ts';

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

/** A part of a connector that people set. */
export type ConnectorPart = 'name' | 'settings' | 'credentials' | 'isPaused' | 'silentAfterMinutes';

/** @param changed what was changed; the values of settings and credentials are not told */
export function connectorUpdated(
  connector: Pick<ConnectorRow, 'name' | 'isPaused'> & ConnectorVersion,
  changed: readonly ConnectorPart[],
  doing: Doing,
): OutboxEvent {
  const { name, isPaused } = connector;
  return ofConnector('connector_updated', connector, doing, {
    case: 'connectorUpdated',
    value: create(ConnectorUpdatedSchema, { name, isPaused, changed: [...changed] }),
  });
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

/** A silence begins. @param lastEventAt when its latest activity happened, by the source's clock */
export function connectorSilent(
  connector: ConnectorVersion,
  silence: { readonly silentSince: Date; readonly lastEventAt: Date },
  doing: Doing,
): OutboxEvent {
  return ofConnector('connector_silent', connector, doing, {
    case: 'connectorSilent',
    value: create(ConnectorSilentSchema, {
      lastEventAt: timestampFromDate(silence.lastEventAt),
      silentSince: timestampFromDate(silence.silentSince),
    }),
  });
}

/** A silence ends. @param firstEventAt when the first event after it was received */
export function connectorRecovered(
  connector: ConnectorVersion,
  silence: { readonly silentSince: Date; readonly firstEventAt: Date },
  doing: Doing,
): OutboxEvent {
  return ofConnector('connector_recovered', connector, doing, {
    case: 'connectorRecovered',
    value: create(ConnectorRecoveredSchema, {
      silentSince: timestampFromDate(silence.silentSince),
      firstEventAt: timestampFromDate(silence.firstEventAt),
    }),
  });
}

/** Telemetry of a connector may be missing for a time. */
export function telemetryGapRecorded(
  connector: ConnectorVersion,
  gap: {
    readonly gapId: string;
    readonly from: Date;
    readonly to: Date;
    readonly reason: GapReason;
  },
  doing: Doing,
): OutboxEvent {
  const { gapId, reason } = gap;
  const [from, to] = [timestampFromDate(gap.from), timestampFromDate(gap.to)];
  return ofConnector('telemetry_gap_recorded', connector, doing, {
    case: 'telemetryGapRecorded',
    value: create(TelemetryGapRecordedSchema, { gapId, from, to, reason }),
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
export function assetDiscovered(
  asset: DiscoveredAsset,
  providerId: string,
  now: Date,
): OutboxEvent {
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

/** Which asset, and which version of it. */
export interface AssetVersion {
  readonly customerId: string;
  readonly assetId: string;
  readonly version: number;
}

/** An asset is shown as another from now on. */
export function assetMerged(asset: AssetVersion, intoAssetId: string, doing: Doing): OutboxEvent {
  return ofSubject('asset_merged', { ...asset, id: asset.assetId }, doing, {
    case: 'assetMerged',
    value: create(AssetMergedSchema, { intoAssetId }),
  });
}

/** An asset is shown by itself again. */
export function assetUnmerged(asset: AssetVersion, fromAssetId: string, doing: Doing): OutboxEvent {
  return ofSubject('asset_unmerged', { ...asset, id: asset.assetId }, doing, {
    case: 'assetUnmerged',
    value: create(AssetUnmergedSchema, { fromAssetId }),
  });
}

/** How much depends on an asset is told anew. */
export function assetCriticalityChanged(
  asset: AssetVersion,
  verdict: Verdict,
  doing: Doing,
): OutboxEvent {
  return ofSubject('asset_criticality_changed', { ...asset, id: asset.assetId }, doing, {
    case: 'assetCriticalityChanged',
    value: create(AssetCriticalityChangedSchema, {
      criticality: verdict.level,
      ...toReasons(verdict),
    }),
  });
}

/** @param now when it was found out, which may be long after the activity */
export function identityDiscovered(
  identity: DiscoveredIdentity,
  providerId: string,
  now: Date,
): OutboxEvent {
  const { name, domain, kind, firstSeenAt } = identity;
  const subject = { ...identity, id: identity.identityId };
  return ofSubject(
    'identity_discovered',
    subject,
    { providerId, at: now, actor: byItself },
    {
      case: 'identityDiscovered',
      value: create(IdentityDiscoveredSchema, {
        ...{ name, kind, domain: domain ?? '', firstSeenAt: timestampFromDate(firstSeenAt) },
      }),
    },
  );
}

/** Which identity, and which version of it. */
export interface IdentityVersion {
  readonly customerId: string;
  readonly identityId: string;
  readonly version: number;
}

/** An identity is shown as another from now on. */
export function identityMerged(
  identity: IdentityVersion,
  intoIdentityId: string,
  doing: Doing,
): OutboxEvent {
  return ofSubject('identity_merged', { ...identity, id: identity.identityId }, doing, {
    case: 'identityMerged',
    value: create(IdentityMergedSchema, { intoIdentityId }),
  });
}

/** How much harm an account could do is told anew. */
export function identityRiskChanged(
  identity: IdentityVersion,
  verdict: Verdict,
  doing: Doing,
): OutboxEvent {
  return ofSubject('identity_risk_changed', { ...identity, id: identity.identityId }, doing, {
    case: 'identityRiskChanged',
    value: create(IdentityRiskChangedSchema, { risk: verdict.level, ...toReasons(verdict) }),
  });
}

function toReasons({ source, reason, setBy }: Verdict) {
  return { source: source ?? '', reason: reason ?? '', setBy: setBy ?? '' };
}

function ofSubject(
  name: string,
  subject: { readonly customerId: string; readonly id: string; readonly version: number },
  { providerId, at, actor }: Doing,
  event: IngestionEvent['event'],
): OutboxEvent {
  const { customerId, id, version } = subject;
  return toOutboxEvent(name, { providerId, customerId }, { id, version, at, actor }, event);
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
