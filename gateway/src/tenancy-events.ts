import { setTimeout as sleep } from 'node:timers/promises';
import { fromBinary } from '@bufbuild/protobuf';
import { connectBus, followStream } from '@vedette/event-bus';
import type { Bus } from '@vedette/event-bus';
import { TenancyEventSchema } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import { toError } from '@vedette/service-kit';
import type { Logger } from '@vedette/service-kit';
import type { Issuers } from './issuers.ts';
import type { Viewers } from './viewers.ts';

const reconnectMs = 5_000;

interface Remembered {
  readonly viewers: Pick<Viewers, 'forgetPrincipal' | 'forgetProvider' | 'forgetAll'>;
  readonly issuers: Pick<Issuers, 'reload'>;
}

/**
 * Forgets what a message of the stream TENANCY makes out of date.
 * @throws {Error} the bytes are no such message
 */
export function forgetOnTenancyEvent(bytes: Uint8Array, { viewers, issuers }: Remembered): void {
  const { meta, event } = fromBinary(TenancyEventSchema, bytes);
  switch (event.case) {
    case 'principalChanged':
      viewers.forgetPrincipal(event.value.principalId);
      break;
    case 'issuerChanged':
      viewers.forgetAll();
      void issuers.reload();
      break;
    case 'customerMoved':
      viewers.forgetProvider(event.value.fromProviderId);
      viewers.forgetProvider(meta?.providerId ?? '');
      break;
    case 'providerFrozen':
    case 'providerUnfrozen':
    case 'customerOnboarded':
    case 'customerOffboarded':
    case 'customerPurgeCompleted':
      viewers.forgetProvider(meta?.providerId ?? '');
      break;
    // Nothing about who reaches what; nor does a variant that is unknown here.
    case 'providerOnboarded':
    case 'customerChanged':
    case 'customerExportRequested':
    case 'customerExported':
    case 'customerPurgeRequested':
    case 'customerPurgeAnswered':
    case 'customerPurged':
    case 'effectivePolicyChanged':
    case 'contactLadderChanged':
    case 'serviceContactAssigned':
    case undefined:
      break;
  }
}

/**
 * Follows tenancy's events, so that a change counts at once and not only when what is remembered has
 * expired. The gateway works without: nothing waits for the broker, at the start or later.
 */
export function followTenancy(
  options: Remembered & { readonly natsUrl: string; readonly logger: Logger },
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  let end: (() => Promise<void>) | undefined;
  const begin = async (): Promise<void> => {
    const bus = await connect(options, stopping.signal);
    if (stopping.signal.aborted) return bus?.close();
    if (!bus) return;
    const follower = followStream({
      ...{ bus, stream: 'TENANCY', logger: options.logger },
      onMessage: (bytes) => forgetOnTenancyEvent(bytes, options),
      onReset: () => {
        options.viewers.forgetAll();
        void options.issuers.reload();
      },
    });
    end = async () => {
      const stopped = follower.stop();
      // At once, and not when all is sent: nothing is, and with the broker away that would be never.
      await bus.connection.close();
      await stopped;
    };
  };
  void begin();
  return {
    stop: async () => {
      stopping.abort();
      await end?.();
    },
  };
}

async function connect(
  { natsUrl, logger }: { readonly natsUrl: string; readonly logger: Logger },
  signal: AbortSignal,
): Promise<Bus | null> {
  while (!signal.aborted) {
    try {
      return await connectBus({ url: natsUrl, name: 'gateway', logger });
    } catch (error) {
      logger.warn({ err: toError(error) }, "tenancy's events cannot be followed");
      await sleep(reconnectMs, undefined, { ref: false });
    }
  }
  return null;
}
