import { describe, expect, it } from '@jest/globals';
import { decodeBatch, encodeEvent, joinBatch } from './telemetry-batch.ts';
import { toSightings, toTelemetryEvent, toTelemetryRow } from './telemetry-event.ts';
import type { NewTelemetryRow } from './telemetry-store.ts';

const sensor = {
  connectorId: '01900000-0000-7000-8000-000000000001',
  customerId: '01900000-0000-7000-8000-000000000002',
};
const receivedAt = Date.parse('2026-03-01T12:00:00.123Z');

function anEvent(changes: { readonly hostname?: string; readonly sourceRef?: string } = {}) {
  return {
    source: 'windows-events',
    occurredAt: Date.parse('2026-03-01T11:59:59.999Z'),
    classUid: 1007,
    activityId: 1,
    severityId: 1,
    fields: { Image: 'a.exe' },
    ...changes,
  };
}

function toWire(event: ReturnType<typeof anEvent>, occurrence = 0) {
  return toTelemetryEvent(sensor, { event, raw: '{"Image":"a.exe"}', receivedAt, occurrence });
}

describe('an event', () => {
  it('comes out of a batch as it went in', () => {
    const wire = toWire(anEvent({ hostname: 'WS-1', sourceRef: 'r' }));
    const envelope = { batchId: 'b', providerId: 'p', customerId: 'c' };
    const bytes = joinBatch(envelope, [encodeEvent(wire), encodeEvent(toWire(anEvent()))]);
    const { meta, batch } = decodeBatch(bytes);
    expect(meta).toEqual({ eventId: 'b', providerId: 'p', customerId: 'c' });
    expect(batch.events).toHaveLength(2);
    expect(batch.events[0]).toEqual(wire);
    expect(toTelemetryRow(wire)).toMatchObject({
      occurredAt: new Date('2026-03-01T11:59:59.999Z'),
      receivedAt: new Date('2026-03-01T12:00:00.123Z'),
      hostName: 'WS-1',
      userName: null,
      fields: '{"Image":"a.exe"}',
      raw: '{"Image":"a.exe"}',
    });
  });

  it('without a host is on no asset', () => {
    expect(toTelemetryRow(toWire(anEvent()))).toMatchObject({ assetId: null, hostName: null });
  });

  it('cuts a host name that is none', () => {
    expect(toWire(anEvent({ hostname: 'x'.repeat(100_000) })).hostName).toHaveLength(255);
  });

  it('is the same by its reference, else by its record and how often that stood there', () => {
    expect(toWire(anEvent({ sourceRef: 'r' }), 1).eventId).toBe(
      toWire(anEvent({ sourceRef: 'r' }), 0).eventId,
    );
    expect(toWire(anEvent(), 1).eventId).not.toBe(toWire(anEvent(), 0).eventId);
  });
});

describe('the assets of a batch', () => {
  it('are named once, with the first and last time and the latest name', () => {
    const row = (hostName: string | null, at: string): NewTelemetryRow => ({
      ...toTelemetryRow(toWire(anEvent())),
      assetId: hostName === null ? null : '01900000-0000-7000-8000-00000000000a',
      hostName,
      occurredAt: new Date(at),
    });
    const rows = [
      row('ws-1', '2026-03-01T10:00:00Z'),
      row('WS-1', '2026-03-01T11:00:00Z'),
      row('Ws-1', '2026-03-01T09:00:00Z'),
      row(null, '2026-03-01T08:00:00Z'),
    ];
    expect(toSightings(rows)).toEqual([
      {
        assetId: '01900000-0000-7000-8000-00000000000a',
        name: 'WS-1',
        firstSeenAt: new Date('2026-03-01T09:00:00Z'),
        lastSeenAt: new Date('2026-03-01T11:00:00Z'),
      },
    ]);
  });
});
