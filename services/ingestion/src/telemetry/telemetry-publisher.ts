import { headers } from '@nats-io/transport-node';
import { telemetrySubject } from '@vedette/event-bus';
import type { Bus } from '@vedette/event-bus';
import { newId, traceHeaders, UnavailableError } from '@vedette/service-kit';
import type { RequiredDurables } from './required-durables.ts';
import { joinBatch, maxBatchBytes, maxBatchEvents } from './telemetry-batch.ts';

/** Whose events they are. */
export interface TelemetryTenant {
  readonly providerId: string;
  readonly customerId: string;
}

export interface TelemetryPublisher {
  /**
   * Publishes encoded events of one customer, in order, together with what others send for it at about
   * the same time. Resolves once the stream has all of them for every consumer that must have them.
   * @throws {UnavailableError} that cannot be said; some may be stored, and sending all again is safe
   */
  publish(tenant: TelemetryTenant, events: readonly Uint8Array[]): Promise<void>;
}

/** How long a small batch waits for company. */
const lingerMs = 10;
/** After this long a batch is in the stream or never will be. */
export const publishTimeoutMs = 5_000;

interface OpenBatch {
  readonly tenant: TelemetryTenant;
  readonly events: Uint8Array[];
  bytes: number;
  readonly stored: PromiseWithResolvers<void>;
  timer?: NodeJS.Timeout;
}

type Send = (tenant: TelemetryTenant, events: readonly Uint8Array[]) => Promise<void>;

export function createTelemetryPublisher(bus: Bus, durables: RequiredDurables): TelemetryPublisher {
  return createBatcher((tenant, events) => sendBatch(bus, durables, tenant, events));
}

/** Gathers events into batches of one customer; a batch is sent when it is full or has waited. */
export function createBatcher(send: Send): TelemetryPublisher {
  const open = new Map<string, OpenBatch>();
  const flush = (batch: OpenBatch): void => {
    clearTimeout(batch.timer);
    if (open.get(batch.tenant.customerId) === batch) open.delete(batch.tenant.customerId);
    send(batch.tenant, batch.events).then(batch.stored.resolve, batch.stored.reject);
  };
  const batchFor = (tenant: TelemetryTenant, bytes: number): OpenBatch => {
    const present = open.get(tenant.customerId);
    const fits =
      present?.tenant.providerId === tenant.providerId && present.bytes + bytes <= maxBatchBytes;
    if (present && fits) return present;
    if (present) flush(present);
    const batch = { tenant, events: [], bytes: 0, stored: Promise.withResolvers<void>() };
    open.set(tenant.customerId, batch);
    return batch;
  };
  return {
    publish: async (tenant, events) => {
      const batches = new Set<OpenBatch>();
      for (const event of events) {
        const batch = batchFor(tenant, event.byteLength);
        batch.events.push(event);
        batch.bytes += event.byteLength;
        batches.add(batch);
        if (batch.events.length >= maxBatchEvents || batch.bytes >= maxBatchBytes) flush(batch);
        else batch.timer ??= setTimeout(() => flush(batch), lingerMs);
      }
      await Promise.all([...batches].map((batch) => batch.stored.promise));
    },
  };
}

/**
 * Publishes one batch and makes sure that all who must have it get it: an acknowledgement alone would
 * also be given while a durable is missing. A durable that stands after the acknowledgement, and was
 * made before the publishing, stood in between.
 */
async function sendBatch(
  bus: Bus,
  durables: RequiredDurables,
  { providerId, customerId }: TelemetryTenant,
  events: readonly Uint8Array[],
): Promise<void> {
  const before = durables.current();
  const batchId = newId();
  const traced = headers();
  for (const [name, value] of Object.entries(traceHeaders())) traced.set(name, value);
  await bus.client
    .publish(telemetrySubject(customerId), joinBatch({ batchId, providerId, customerId }, events), {
      msgID: batchId,
      headers: traced,
      timeout: publishTimeoutMs,
      // A missing stream is an error then, and not silence.
      expect: { streamName: 'TELEMETRY' },
    })
    .catch((cause: unknown) => {
      throw new UnavailableError('telemetry stream', { cause });
    });
  await durables.confirm(before, customerId);
}
