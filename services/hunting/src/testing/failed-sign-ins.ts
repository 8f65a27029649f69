import { fileURLToPath } from 'node:url';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { TelemetryEventSchema } from '@vedette/proto-schemas/telemetry/v1/telemetry_batch';
import { newId } from '@vedette/service-kit';
import { aTelemetryEvent } from './test-hunting.ts';

/** Rules of these tests: three failed sign-ins from one address within ten minutes. */
export const correlationRules = fileURLToPath(new URL('correlation-rules', import.meta.url));
export const failedSignInsId = '6b7c1f0e-6d3a-4a44-9f6e-0d6f6a1d1c02';

const startedAt = Date.parse('2026-03-01T08:00:00Z');

/** A sign-in that failed so many minutes after eight o'clock. */
export function aFailedSignIn(
  minute: number,
  { address = '10.0.0.7', eventId = newId() } = {},
): MessageInitShape<typeof TelemetryEventSchema> {
  const fields = { Channel: 'Security', EventID: 4625, IpAddress: address };
  const at = timestampFromDate(new Date(startedAt + minute * 60_000));
  return aTelemetryEvent(fields, { eventId, occurredAt: at, receivedAt: at });
}
