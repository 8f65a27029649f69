import { createHash } from 'node:crypto';
import { DiscardPolicy, JetStreamApiError, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import type { JetStreamManager, StreamConfig } from '@nats-io/jetstream';
import { PermissionViolationError, RequestError } from '@nats-io/transport-node';

export type StreamName = 'TENANCY' | 'INGESTION' | 'TELEMETRY' | 'HUNTING' | 'CASES';

const daysInNanoseconds = (days: number): number => days * 86_400 * 1e9;

/** How many lanes telemetry has. A customer's events always take the same one, in order. */
export const telemetryShardCount = 32;

/** The lane of a customer: the first four bytes of SHA-256 of its id, modulo the number of lanes. */
export function telemetryShard(customerId: string): number {
  return createHash('sha256').update(customerId).digest().readUInt32BE(0) % telemetryShardCount;
}

export const historyDurable = 'ingestion-store-telemetry';

export function detectorDurable(shard: number): string {
  return `hunting-detect-${String(shard).padStart(2, '0')}`;
}

interface StreamDefinition {
  readonly config: Partial<StreamConfig> & {
    readonly name: StreamName;
    readonly subjects: string[];
  };
  /**
   * Durables without which a message would be acknowledged and kept nowhere (interest retention).
   * A publisher is not ready until all of them exist.
   */
  readonly requiredDurables: readonly string[];
}

/** Domain events: kept for 90 days, whoever has read them; PostgreSQL remembers the rest. */
function domainStream(name: StreamName, service: string): StreamDefinition {
  return {
    config: {
      name,
      subjects: [`vedette.${service}.>`],
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      discard: DiscardPolicy.Old,
      max_age: daysInNanoseconds(90),
      duplicate_window: 120 * 1e9,
    },
    requiredDurables: [],
  };
}

/** Every stream of the product, with what must exist before anything is published to it. */
export const streams: Readonly<Record<StreamName, StreamDefinition>> = {
  TENANCY: domainStream('TENANCY', 'tenancy'),
  INGESTION: domainStream('INGESTION', 'ingestion'),
  HUNTING: domainStream('HUNTING', 'hunting'),
  CASES: domainStream('CASES', 'cases'),
  TELEMETRY: {
    config: {
      name: 'TELEMETRY',
      subjects: ['vedette.telemetry.>'],
      // Gone once history and detector have it. A full stream refuses the publisher, so that the
      // sender hears 503 and keeps its events, instead of dropping somebody's oldest.
      retention: RetentionPolicy.Interest,
      storage: StorageType.File,
      discard: DiscardPolicy.New,
      max_msgs_per_subject: 20_000,
      discard_new_per_subject: true,
      max_bytes: 8 * 1024 ** 3,
      max_age: 0,
      duplicate_window: 120 * 1e9,
    },
    requiredDurables: [
      historyDurable,
      ...Array.from({ length: telemetryShardCount }, (_, shard) => detectorDurable(shard)),
    ],
  },
};

/**
 * Creates a stream or brings its limits up to date, then reads the configuration back: an old server
 * accepts settings that it does not know and ignores them without a word.
 * @throws {Error} the server did not take a setting that the product relies on
 */
export async function ensureStream(manager: JetStreamManager, name: StreamName): Promise<void> {
  const { config } = streams[name];
  try {
    await manager.streams.add({ ...config });
  } catch (error) {
    if (!(error instanceof JetStreamApiError)) throw error;
    // Another version of the product made it: its limits may change, its identity may not.
    await manager.streams.update(name, { ...config }).catch((refusal: unknown) => {
      // Its owner alone may change it, and does so when it starts.
      if (!isRefused(refusal)) throw refusal;
    });
  }
  const { config: actual } = await manager.streams.info(name);
  for (const key of [
    'retention',
    'discard',
    'max_msgs_per_subject',
    'discard_new_per_subject',
  ] as const) {
    if (config[key] !== undefined && actual[key] !== config[key]) {
      throw new Error(
        `stream ${name}: the server kept ${key}=${String(actual[key])} instead of ${String(config[key])}`,
      );
    }
  }
}

/** Whether the broker refused a request to the user who made it. */
function isRefused(error: unknown): boolean {
  return error instanceof RequestError && error.cause instanceof PermissionViolationError;
}

/** Names of the required durables that a stream lacks at the moment. */
export async function missingDurables(
  manager: JetStreamManager,
  name: StreamName,
): Promise<string[]> {
  const present = new Set<string>();
  for await (const consumer of manager.consumers.list(name)) present.add(consumer.name);
  return streams[name].requiredDurables.filter((durable) => !present.has(durable));
}

/** Subject of a domain event. An event about a provider has no customer, and `_` stands there. */
export function domainSubject(
  service: string,
  event: string,
  tenant: { readonly providerId?: string; readonly customerId?: string },
): string {
  return `vedette.${service}.${event}.${tenant.providerId || '_'}.${tenant.customerId || '_'}`;
}

/** The subjects of all that a service's stream holds of a customer, whoever looked after it. */
export function domainSubjectsOf(service: string, customerId: string): string {
  return domainSubject(service, '*', { providerId: '*', customerId });
}

/** Subject of a telemetry batch. */
export function telemetrySubject(customerId: string): string {
  return `vedette.telemetry.${telemetryShard(customerId)}.${customerId}`;
}
