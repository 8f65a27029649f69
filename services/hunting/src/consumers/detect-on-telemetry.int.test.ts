import { fromBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HuntingEventSchema, Severity } from '@vedette/proto-schemas/hunting/v1/hunting_event';
import { newId } from '@vedette/service-kit';
import { describeRedelivery, waitFor, waitForMessage } from '@vedette/testkit';
import type { TestService } from '@vedette/testkit';
import { assetId, customerId, providerId } from '../testing/detection-builders.ts';
import {
  aBatch,
  adminOf,
  aTelemetryEvent,
  customerMoved,
  customerOnboarded,
  exportRequested,
  logCleared,
  purgeRequested,
  startTestHunting,
  telemetryOf,
} from '../testing/test-hunting.ts';

let hunting: TestService;

beforeAll(async () => {
  hunting = await startTestHunting();
});

afterAll(() => hunting.stop());

async function send(batch: ReturnType<typeof aBatch>): Promise<void> {
  const { subject, payload } = telemetryOf(batch);
  await hunting.bus.client.publish(subject, payload);
}

async function detectionsOf(customer: string): Promise<readonly { readonly id: string }[]> {
  const { data, errors } = await hunting.ask<{ detections: { nodes: { id: string }[] } }>(
    adminOf(customer),
    '{ detections { nodes { id } } }',
  );
  expect(errors).toEqual([]);
  return data?.detections.nodes ?? [];
}

describe('telemetry that a rule matches', () => {
  it('becomes a detection that its customer sees, and an event for others', async () => {
    const subject = `vedette.hunting.detection_raised.${providerId}.${customerId}`;
    const told = waitForMessage(hunting.bus.connection, subject, () => true);
    const eventId = newId();
    await send(aBatch([aTelemetryEvent({ EventID: 1 }), aTelemetryEvent(logCleared, { eventId })]));

    const { meta, event } = fromBinary(HuntingEventSchema, (await told).data);
    expect(meta).toMatchObject({
      customerId,
      providerId,
      aggregateVersion: 1n,
      actor: 'system:hunting',
    });
    expect(event).toMatchObject({
      case: 'detectionRaised',
      value: { severity: Severity.HIGH, eventIds: [eventId], assetId, hostName: 'WS-17' },
    });
    const { data } = await hunting.ask(
      adminOf(customerId),
      `{ detections { nodes { id ruleTitle severity eventIds asset { id } customer { id } userName
         signalStrength killChainPhases
         techniques { id tactics { shortName } } rule { title firstSteps }
         matchedFields { name value } occurredAt } } }`,
    );
    expect(data).toMatchObject({
      detections: {
        nodes: [
          {
            id: meta?.aggregateId,
            ruleTitle: 'Windows event log cleared',
            severity: 'HIGH',
            eventIds: [eventId],
            asset: { id: assetId },
            customer: { id: customerId },
            userName: 'EXAMPLE\\jo',
            techniques: [{ id: 'T1685.005', tactics: [{ shortName: 'defense-impairment' }] }],
            killChainPhases: ['INSTALLATION'],
            rule: { title: 'Windows event log cleared', firstSteps: expect.anything() },
            matchedFields: expect.arrayContaining([{ name: 'EventID', value: '1102' }]),
            occurredAt: '2026-03-01T07:59:00.123Z',
          },
        ],
      },
    });
  });

  it('is one detection when another batch brings the same event again', async () => {
    const customer = newId();
    const event = aTelemetryEvent(logCleared);
    await send(aBatch([event], customer));
    await send(aBatch([event, aTelemetryEvent(logCleared)], customer));
    await waitFor(async () => (await detectionsOf(customer)).length === 2);
    const ids = (await detectionsOf(customer)).map(({ id }) => id);
    const told = await hunting.select('select 1 from outbox where aggregate_id = any ($1)', [ids]);
    expect(told).toHaveLength(2);
  });

  it('does not stop at a batch that cannot be read', async () => {
    const customer = newId();
    const { subject } = telemetryOf(aBatch([], customer));
    await hunting.bus.client.publish(subject, Buffer.from('not a batch'));
    await send(aBatch([aTelemetryEvent(logCleared)], customer));
    await waitFor(async () => (await detectionsOf(customer)).length === 1);
    expect(await hunting.select('select deliveries from dead_letters')).toEqual([
      { deliveries: 1 },
    ]);
  });
});

describe('a customer that moves to another provider', () => {
  it('has detections under the new one, also of telemetry that names the old one', async () => {
    const moved = { customerId: newId(), providerId: newId() };
    const { subject, payload } = customerMoved(moved, 2n);
    await hunting.bus.client.publish(subject, payload);
    const kept = 'select 1 from customers where customer_id = $1';
    await waitFor(async () => (await hunting.select(kept, [moved.customerId])).length === 1);
    await send(aBatch([aTelemetryEvent(logCleared)], moved.customerId));
    await waitFor(async () => (await detectionsOf(moved.customerId)).length === 1);
    expect(
      await hunting.select(`select subject from outbox where subject like '%.' || $1`, [
        moved.customerId,
      ]),
    ).toEqual([
      { subject: `vedette.hunting.detection_raised.${moved.providerId}.${moved.customerId}` },
    ]);
  });
});

describeRedelivery({
  service: 'hunting',
  bus: () => hunting.bus,
  consumers: {
    'hunting-record-customer-on-customer-onboarded': {
      event: () => customerOnboarded(),
      effects: () => hunting.select('select * from customers order by customer_id'),
    },
    'hunting-record-customer-on-customer-moved': {
      event: () => customerMoved({ customerId: newId(), providerId: newId() }, 2n),
      effects: () => hunting.select('select * from customers order by customer_id'),
    },
    'hunting-export-customer-on-customer-export-requested': {
      event: () => exportRequested({ customerId, providerId }, newId()),
      effects: () => hunting.select('select event_id from outbox order by position'),
    },
    'hunting-purge-customer-on-customer-purge-requested': {
      event: () => purgeRequested({ customerId: newId(), providerId }, newId()),
      effects: () => hunting.select('select event_id from outbox order by position'),
    },
    'hunting-detect-': {
      event: () => telemetryOf(aBatch([aTelemetryEvent(logCleared)])),
      effects: () => hunting.select('select event_id from outbox order by position'),
    },
  },
});
