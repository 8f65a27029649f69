import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fromBinary } from '@bufbuild/protobuf';
import { CaseEventSchema } from '@vedette/proto-schemas/cases/v1/case_event';
import { newId } from '@vedette/service-kit';
import { describeRedelivery, waitFor, waitForMessage } from '@vedette/testkit';
import type { TestService } from '@vedette/testkit';
import type { DetectionFacts } from '../case/case.ts';
import { assetId, customerId, providerId } from '../testing/case-builders.ts';
import {
  adminOf,
  anotherDetection,
  customerMoved,
  customerOnboarded,
  detectionRaised,
  exportRequested,
  purgeRequested,
  startTestCases,
} from '../testing/test-cases.ts';

let cases: TestService;

beforeAll(async () => {
  cases = await startTestCases();
});

afterAll(() => cases.stop());

async function raise(detection: DetectionFacts): Promise<void> {
  const { subject, payload } = detectionRaised(detection);
  await cases.bus.client.publish(subject, payload);
}

interface SeenCase {
  readonly severity: string;
  readonly detectionCount: number;
  readonly detections: readonly { readonly id: string }[];
  readonly assets: readonly { readonly id: string }[];
  readonly techniques: readonly { readonly id: string }[];
}

async function seenCases(customer: string): Promise<readonly SeenCase[]> {
  const { data, errors } = await cases.ask<{ cases: { nodes: readonly SeenCase[] } }>(
    adminOf(customer),
    '{ cases { nodes { severity detectionCount detections { id } assets { id } techniques { id } } } }',
  );
  expect(errors).toEqual([]);
  return data?.cases.nodes ?? [];
}

/** Waits until everything that was raised so far has been dealt with. */
async function settled(): Promise<void> {
  await waitFor(async () => {
    const info = await cases.bus.manager.consumers.info('HUNTING', 'cases-open-case-on-detection');
    return info.num_pending + info.num_ack_pending === 0;
  });
}

describe('a detection that hunting tells of', () => {
  it('becomes a case that its customer sees, and an event for others', async () => {
    const told = waitForMessage(
      cases.bus.connection,
      `vedette.cases.case_opened.${providerId}.${customerId}`,
      () => true,
    );
    const detection = anotherDetection({ assetId });
    await raise(detection);
    const { meta, event } = fromBinary(CaseEventSchema, (await told).data);
    expect(meta).toMatchObject({
      customerId,
      providerId,
      aggregateVersion: 1n,
      actor: 'system:cases',
    });
    expect(event).toMatchObject({
      case: 'caseOpened',
      value: { detectionId: detection.detectionId },
    });
    expect(await seenCases(customerId)).toEqual([
      {
        severity: 'HIGH',
        detectionCount: 1,
        detections: [{ id: detection.detectionId }],
        assets: [{ id: assetId }],
        techniques: [{ id: 'T1003.001' }],
      },
    ]);
  });

  it('joins and raises the case of its condition', async () => {
    const customer = newId();
    for (const severity of ['HIGH', 'CRITICAL', 'HIGH'] as const) {
      await raise(anotherDetection({ customerId: customer, assetId, severity }));
    }
    await settled();
    expect(await seenCases(customer)).toMatchObject([{ severity: 'CRITICAL', detectionCount: 3 }]);
  });

  it('is ignored when it is milder than HIGH', async () => {
    const customer = newId();
    await raise(anotherDetection({ customerId: customer, severity: 'MEDIUM' }));
    await raise(anotherDetection({ customerId: customer, severity: 'INFORMATIONAL' }));
    await settled();
    expect(await seenCases(customer)).toEqual([]);
  });

  it('is a dead letter when it cannot be read', async () => {
    const { subject } = detectionRaised(anotherDetection());
    await cases.bus.client.publish(subject, Buffer.from('not an event'));
    await settled();
    expect(await cases.select('select consumer, deliveries from dead_letters')).toEqual([
      { consumer: 'cases-open-case-on-detection', deliveries: 1 },
    ]);
  });
});

describe('a customer that moves to another provider', () => {
  const moved = { customerId: newId(), providerId: newId() };
  const seen = async () => {
    const told = await cases.select<{ subject: string }>(
      `select subject from outbox where subject like '%.' || $1 order by position`,
      [moved.customerId],
    );
    return told.map(({ subject }) => subject.replace('vedette.cases.', '').split('.'));
  };

  it('takes its cases along: what happens to them later is told under the new provider', async () => {
    await raise(anotherDetection({ customerId: moved.customerId, assetId }));
    await settled();
    const { subject, payload } = customerMoved(moved, 2n);
    await cases.bus.client.publish(subject, payload);
    await waitFor(async () => {
      const sql = 'select 1 from cases where customer_id = $1 and provider_id = $2';
      return (await cases.select(sql, [moved.customerId, moved.providerId])).length === 1;
    });
    // Raised while the old provider looked after it, handled later.
    await raise(anotherDetection({ customerId: moved.customerId, assetId }));
    await settled();
    expect(await seen()).toEqual([
      ['case_opened', providerId, moved.customerId],
      ['detection_joined', moved.providerId, moved.customerId],
    ]);
  });

  it('has new cases under the new provider, also for a detection that names the old one', async () => {
    await raise(anotherDetection({ customerId: moved.customerId }));
    await settled();
    expect((await seen()).at(-1)).toEqual(['case_opened', moved.providerId, moved.customerId]);
  });

  it('does not go back with older news', async () => {
    const { subject, payload } = customerOnboarded({ ...moved, providerId });
    await cases.bus.client.publish(subject, payload);
    await raise(anotherDetection({ customerId: moved.customerId }));
    await settled();
    expect((await seen()).at(-1)).toEqual(['case_opened', moved.providerId, moved.customerId]);
  });
});

describeRedelivery({
  service: 'cases',
  bus: () => cases.bus,
  consumers: {
    'cases-record-customer-on-customer-onboarded': {
      event: () => customerOnboarded(),
      effects: () => cases.select('select * from customers order by customer_id'),
    },
    'cases-record-customer-on-customer-moved': {
      event: () => customerMoved({ customerId: newId(), providerId: newId() }, 2n),
      effects: () => cases.select('select * from customers order by customer_id'),
    },
    'cases-export-customer-on-customer-export-requested': {
      event: () => exportRequested({ customerId, providerId }, newId()),
      effects: () => cases.select('select event_id from outbox order by position'),
    },
    'cases-purge-customer-on-customer-purge-requested': {
      event: () => purgeRequested({ customerId: newId(), providerId }, newId()),
      effects: () => cases.select('select event_id from outbox order by position'),
    },
    'cases-open-case-on-detection': {
      event: () => detectionRaised(anotherDetection({ customerId })),
      effects: () => cases.select('select event_id from outbox order by position'),
    },
  },
});
