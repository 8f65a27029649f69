import { describe, expect, it } from '@jest/globals';
import { streams } from '@vedette/event-bus';
import type { Bus, StreamName } from '@vedette/event-bus';
import { waitFor } from './wait-for.ts';

export interface RedeliveredEvent {
  readonly stream: StreamName;
  readonly subject: string;
  readonly payload: Uint8Array;
}

export interface RedeliveryTrial {
  /** An event that has not been sent before. */
  readonly event: () => RedeliveredEvent;
  /** What the event has brought about: rows, outbox events, whatever must not be there twice. */
  readonly effects: () => Promise<readonly unknown[]>;
}

export interface RedeliverySuite {
  readonly service: string;
  readonly bus: () => Bus;
  /** By name of the durable, or by the part of it that several shards share. */
  readonly consumers: Readonly<Record<string, RedeliveryTrial>>;
}

/**
 * Sends each consumer the same event twice, as a broker may, and expects one effect. The consumers run;
 * every durable of the service that exists must be in the suite.
 */
export function describeRedelivery(suite: RedeliverySuite): void {
  const names = Object.keys(suite.consumers);
  describe('redelivery', () => {
    it('is tried for every consumer of the service', async () => {
      const durables = await listDurables(suite.bus());
      const own = durables.filter(({ name }) => name.startsWith(`${suite.service}-`));
      expect(own.filter(({ name }) => !names.some((known) => name.startsWith(known)))).toEqual([]);
      expect(names.filter((known) => !own.some(({ name }) => name.startsWith(known)))).toEqual([]);
    });

    for (const [name, trial] of Object.entries(suite.consumers)) {
      it(`of one event leaves one effect of ${name}`, async () => {
        const bus = suite.bus();
        const before = (await trial.effects()).length;
        const { stream, subject, payload } = trial.event();
        // Without a message id, so that the stream cannot drop the second one.
        await bus.client.publish(subject, payload, { expect: { streamName: stream } });
        await bus.client.publish(subject, payload, { expect: { streamName: stream } });
        await waitFor(() => isDrained(bus, stream, name));
        expect((await trial.effects()).slice(before)).toHaveLength(1);
      });
    }
  });
}

async function isDrained(bus: Bus, stream: StreamName, name: string): Promise<boolean> {
  for await (const info of bus.manager.consumers.list(stream)) {
    if (info.name.startsWith(name) && info.num_pending + info.num_ack_pending > 0) return false;
  }
  return true;
}

async function listDurables(bus: Bus): Promise<{ stream: string; name: string }[]> {
  const found: { stream: string; name: string }[] = [];
  for await (const stream of bus.manager.streams.list()) {
    if (!(stream.config.name in streams)) continue;
    for await (const { name } of bus.manager.consumers.list(stream.config.name)) {
      found.push({ stream: stream.config.name, name });
    }
  }
  return found;
}
