import { create } from '@bufbuild/protobuf';
import { timestampDate, timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { Timestamp } from '@bufbuild/protobuf/wkt';
import { MalformedMessageError } from '@vedette/event-bus';
import { assetId, telemetryEventId } from '@vedette/event-model';
import type { NormalisedEvent } from '@vedette/event-model';
import { TelemetryEventSchema } from '@vedette/proto-schemas/telemetry/v1/telemetry_batch';
import type { TelemetryEvent } from '@vedette/proto-schemas/telemetry/v1/telemetry_batch';
import type { AssetSighting } from '../asset/asset-store.ts';
import type { Sensor } from '../connector/sensor-key-store.ts';
import type { NewTelemetryRow } from './telemetry-store.ts';

/** A record on its way into the stream. */
export interface ReceivedRecord {
  readonly event: NormalisedEvent;
  /** The record as it arrived. */
  readonly raw: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  /** Which occurrence of this raw record it is within its request, from 0. */
  readonly occurrence: number;
}

/** A DNS name has 253 characters; what is longer names no host, and would not fit an event. */
const maxHostNameLength = 255;
const maxUserNameLength = 512;

/** An event as the stream carries it. */
export function toTelemetryEvent(
  { connectorId, customerId }: Pick<Sensor, 'connectorId' | 'customerId'>,
  { event, raw, receivedAt, occurrence }: ReceivedRecord,
): TelemetryEvent {
  const hostName = shorten(event.hostname, maxHostNameLength);
  return create(TelemetryEventSchema, {
    eventId: telemetryEventId(
      event.sourceRef === undefined
        ? { connectorId, raw, occurrence }
        : { connectorId, sourceRef: event.sourceRef },
    ),
    connectorId,
    occurredAt: timestampFromMs(event.occurredAt),
    receivedAt: timestampFromMs(receivedAt),
    classUid: event.classUid,
    activityId: event.activityId,
    severityId: event.severityId,
    assetId: hostName === '' ? '' : assetId(customerId, hostName),
    hostName,
    userName: shorten(event.userName, maxUserNameLength),
    rawFields: JSON.stringify(event.fields),
    rawRecord: raw,
  });
}

function shorten(text: string | undefined, maxLength: number): string {
  return text === undefined ? '' : text.slice(0, maxLength).toWellFormed();
}

/** An event as history keeps it. @throws {MalformedMessageError} it has no time */
export function toTelemetryRow(event: TelemetryEvent): NewTelemetryRow {
  return {
    occurredAt: toDate(event.occurredAt),
    eventId: event.eventId,
    receivedAt: toDate(event.receivedAt),
    connectorId: event.connectorId,
    classUid: event.classUid,
    activityId: event.activityId,
    severityId: event.severityId,
    assetId: event.assetId || null,
    hostName: event.hostName || null,
    userName: event.userName || null,
    fields: event.rawFields,
    raw: event.rawRecord,
  };
}

function toDate(timestamp: Timestamp | undefined): Date {
  if (!timestamp) throw new MalformedMessageError('an event has no time');
  return timestampDate(timestamp);
}

/** The assets that events happened on, each once, with the first and last time and the latest name. */
export function toSightings(rows: readonly NewTelemetryRow[]): AssetSighting[] {
  const sightings = new Map<string, AssetSighting>();
  for (const { assetId: id, hostName, occurredAt } of rows) {
    if (id === null || hostName === null) continue;
    const seen = sightings.get(id);
    const isLatest = !seen || occurredAt >= seen.lastSeenAt;
    sightings.set(id, {
      assetId: id,
      name: isLatest ? hostName : seen.name,
      firstSeenAt: !seen || occurredAt < seen.firstSeenAt ? occurredAt : seen.firstSeenAt,
      lastSeenAt: isLatest ? occurredAt : seen.lastSeenAt,
    });
  }
  return [...sightings.values()];
}
