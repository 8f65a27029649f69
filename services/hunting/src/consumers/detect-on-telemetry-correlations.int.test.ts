import { fromBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HuntingEventSchema } from '@vedette/proto-schemas/hunting/v1/hunting_event';
import { createHealth, createShutdown, newId } from '@vedette/service-kit';
import { waitFor } from '@vedette/testkit';
import type { TestService } from '@vedette/testkit';
import { findFreePort } from '@vedette/testkit/servers';
import { startDetector } from '../detector.ts';
import { assetId } from '../testing/detection-builders.ts';
import { aFailedSignIn, correlationRules, failedSignInsId } from '../testing/failed-sign-ins.ts';
import { aBatch, adminOf, startTestHunting, telemetryOf } from '../testing/test-hunting.ts';

let hunting: TestService;
let detector: { stop(): Promise<void> };

beforeAll(async () => {
  hunting = await startTestHunting(correlationRules, 'WITHOUT_DETECTOR');
  detector = await startTestDetector();
});

afterAll(async () => {
  await detector.stop();
  await hunting.stop();
});

/** A process of its own, but for the process: nothing that it remembers outlives it. */
async function startTestDetector(): Promise<{ stop(): Promise<void> }> {
  const { logger, settings } = hunting;
  const shutdown = createShutdown(logger);
  const rules = [correlationRules];
  const config = { ...settings, SERVICE_PORT: await findFreePort(), HUNTING_RULES_DIRS: rules };
  await startDetector(config, { logger, health: createHealth(), shutdown });
  return { stop: () => shutdown.run() };
}

type Events = Parameters<typeof aBatch>[0];

/** Sends a batch as often as told, and waits until the detector has dealt with it. */
async function send(customer: string, events: Events, times = 1): Promise<void> {
  const { subject, payload } = telemetryOf(aBatch(events, customer));
  const { client, manager } = hunting.bus;
  // Without a message id, so that the stream cannot drop the second one.
  for (let n = 0; n < times; n += 1) await client.publish(subject, payload);
  await waitFor(async () => {
    for await (const info of manager.consumers.list('TELEMETRY'))
      if (info.num_pending + info.num_ack_pending > 0) return false;
    return true;
  });
}

interface Shown {
  readonly ruleId: string;
  readonly eventIds: readonly string[];
}

async function detectionsOf(customer: string): Promise<readonly Shown[]> {
  const { data, errors } = await hunting.ask<{ detections: { nodes: Shown[] } }>(
    adminOf(customer),
    `{ detections { nodes { ruleId ruleTitle ruleAuthor severity signalStrength eventIds occurredAt
         matchedFields { name value } asset { id } userName techniques { id }
         rule { id title firstSteps } } } }`,
  );
  expect(errors).toEqual([]);
  return data?.detections.nodes ?? [];
}

const idsOf = (events: Events): (string | undefined)[] => events.map(({ eventId }) => eventId);

describe('telemetry that completes a correlation', () => {
  it('over two batches becomes one detection that names its events, and one event for others', async () => {
    const customer = newId();
    const events = [aFailedSignIn(0), aFailedSignIn(1), aFailedSignIn(2), aFailedSignIn(3)];
    await send(customer, events.slice(0, 2));
    expect(await detectionsOf(customer)).toEqual([]);
    await send(customer, events.slice(2));
    expect(await detectionsOf(customer)).toEqual([
      {
        ruleId: failedSignInsId,
        ruleTitle: 'Sign-ins failed again and again',
        ruleAuthor: 'Vedette',
        severity: 'HIGH',
        signalStrength: 'STRONG',
        eventIds: idsOf(events.slice(0, 3)),
        occurredAt: '2026-03-01T08:02:00.000Z',
        matchedFields: [{ name: 'IpAddress', value: '10.0.0.7' }],
        asset: { id: assetId },
        userName: 'EXAMPLE\\jo',
        techniques: [{ id: 'T1110.001' }],
        rule: {
          id: failedSignInsId,
          title: 'Sign-ins failed again and again',
          firstSteps: ['Look at the address.', "Ask the account's owner."],
        },
      },
    ]);
    const told = await hunting.select<{ payload: Buffer }>(
      `select payload from outbox where subject like '%.' || $1`,
      [customer],
    );
    expect(told.map(({ payload }) => fromBinary(HuntingEventSchema, payload).event)).toMatchObject([
      { case: 'detectionRaised', value: { eventIds: idsOf(events.slice(0, 3)) } },
    ]);
  });

  it('does so across a restart of the detector', async () => {
    const customer = newId();
    const events = [aFailedSignIn(0), aFailedSignIn(1), aFailedSignIn(2)];
    await send(customer, events.slice(0, 2));
    await detector.stop();
    detector = await startTestDetector();
    await send(customer, events.slice(2));
    expect(await detectionsOf(customer)).toMatchObject([{ eventIds: idsOf(events) }]);
  });

  it('counts once what is delivered again, and an event that comes again in another batch', async () => {
    const customer = newId();
    const events = [aFailedSignIn(0), aFailedSignIn(1), aFailedSignIn(2)];
    await send(customer, events.slice(0, 1), 3);
    await send(customer, events.slice(0, 2), 2);
    expect(await detectionsOf(customer)).toEqual([]);
    await send(customer, events.slice(1), 2);
    expect(await detectionsOf(customer)).toMatchObject([{ eventIds: idsOf(events) }]);
  });

  it("never counts another customer's events", async () => {
    const [one, another] = [newId(), newId()];
    await send(one, [aFailedSignIn(0), aFailedSignIn(1)]);
    await send(another, [aFailedSignIn(2), aFailedSignIn(3)]);
    expect(await detectionsOf(one)).toEqual([]);
    expect(await detectionsOf(another)).toEqual([]);
    const kept = await hunting.select<{ state: string }>(
      'select state::text as state from correlation_states where customer_id = $1',
      [one],
    );
    expect(kept).toHaveLength(1);
  });

  it('goes on after another process was faster with the customer', async () => {
    const customer = newId();
    const events = [aFailedSignIn(0), aFailedSignIn(1), aFailedSignIn(2)];
    await send(customer, events.slice(0, 1));
    await hunting.select('update correlation_states set version = $2 where customer_id = $1', [
      customer,
      newId(),
    ]);
    await send(customer, events.slice(1));
    expect(await detectionsOf(customer)).toMatchObject([{ eventIds: idsOf(events) }]);
  });
});
