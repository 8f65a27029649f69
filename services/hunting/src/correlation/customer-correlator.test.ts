import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { newId } from '@vedette/service-kit';
import { compileRules, recordEvent } from '@vedette/sigma';
import { anEvent, customerId } from '../testing/detection-builders.ts';
import { correlationRules, failedSignInsId } from '../testing/failed-sign-ins.ts';
import { CorrelatorCache } from './correlator-cache.ts';
import { correlatorBounds, CustomerCorrelator } from './customer-correlator.ts';
import type { MatchedTelemetry } from './customer-correlator.ts';

const text = readFileSync(join(correlationRules, 'failed-sign-ins.yml'), 'utf8');
const { ruleSet: rules } = compileRules([{ file: 'rules.yml', text }]);
const eight = Date.parse('2026-03-01T08:00:00Z');
const minuteMs = 60_000;

interface Given {
  readonly address?: string;
  readonly eventId?: string;
  /** Where it differs from the time at which it happened. */
  readonly receivedMinute?: number;
}

function failedAt(minute: number, given: Given = {}): MatchedTelemetry {
  const { address = '10.0.0.7', eventId = newId(), receivedMinute = minute } = given;
  const fields = recordEvent({ Channel: 'Security', EventID: 4625, IpAddress: address });
  const occurredAt = new Date(eight + minute * minuteMs);
  const receivedAt = new Date(eight + receivedMinute * minuteMs);
  const event = anEvent({ eventId, occurredAt, receivedAt });
  return { event, fields, matches: rules.matchAll(fields) };
}

/** How many correlations each event completes; the state is saved after each. */
function observe(correlator: CustomerCorrelator, ...events: MatchedTelemetry[]): number[] {
  return events.map((each) => {
    const found = correlator.observe(each);
    correlator.save(each.event.receivedAt);
    return found.length;
  });
}

function groupsOf(correlator: CustomerCorrelator, minute: number): string[] {
  const { correlations } = correlator.save(new Date(eight + minute * minuteMs));
  return correlations.flatMap(({ groups }) => groups.flatMap(({ values }) => values));
}

describe('the correlations of a customer', () => {
  it('are completed over events of one group', () => {
    const correlator = new CustomerCorrelator(rules);
    const other = { address: '10.0.0.8' };
    const events = [failedAt(0), failedAt(1, other), failedAt(2), failedAt(3)];
    expect(observe(correlator, ...events)).toEqual([0, 0, 0, 1]);
  });

  it('count an event once, however often it comes, also after they were restored', () => {
    const correlator = new CustomerCorrelator(rules);
    const again = { eventId: newId() };
    expect(observe(correlator, failedAt(0, again), failedAt(0, again), failedAt(1))).toEqual([
      ...[0, 0, 0],
    ]);
    const restored = new CustomerCorrelator(rules);
    restored.restore(correlator.save(new Date(eight)));
    expect(restored.hasSeen(failedAt(0, again))).toBe(true);
    expect(observe(restored, failedAt(0, again), failedAt(2))).toEqual([0, 1]);
  });

  it('let go of a group for which nothing has come for its window and an hour', () => {
    const correlator = new CustomerCorrelator(rules);
    observe(correlator, failedAt(0), failedAt(60, { address: '10.0.0.8' }));
    expect(groupsOf(correlator, 70)).toEqual(['10.0.0.7', '10.0.0.8']);
    observe(correlator, failedAt(75, { address: '10.0.0.9' }));
    expect(groupsOf(correlator, 81)).toEqual(['10.0.0.8', '10.0.0.9']);
  });

  it('keep a group whose events are days old for as long as they keep coming', () => {
    const correlator = new CustomerCorrelator(rules);
    const days = -3 * 24 * 60;
    const laptop = (minute: number, receivedMinute: number): MatchedTelemetry =>
      failedAt(days + minute, { address: '10.0.0.9', receivedMinute });
    const events = [failedAt(0), laptop(0, 1), failedAt(20), laptop(1, 21), laptop(2, 42)];
    expect(observe(correlator, ...events)).toEqual([0, 0, 0, 0, 1]);
  });

  it('are bounded, and count what had to go', () => {
    const correlator = new CustomerCorrelator(rules);
    for (let host = 0; host <= correlatorBounds.maxGroups; host += 1)
      correlator.observe(failedAt(0, { address: `host ${String(host)}` }));
    expect(correlator.counts.evicted).toBe(1);
    expect(groupsOf(correlator, 0)).toHaveLength(correlatorBounds.maxGroups);
  });
});

describe('the correlators of a process', () => {
  it('know which matches feed a correlation', () => {
    const cache = new CorrelatorCache(rules);
    expect(cache.isFedBy(failedAt(0).matches)).toBe(true);
    expect(cache.isFedBy(rules.matchAll(recordEvent({ EventID: 4624 })))).toBe(false);
    expect(rules.correlations.map(({ id }) => id)).toEqual([failedSignInsId]);
  });

  it('are handed out once, until they are put back', () => {
    const cache = new CorrelatorCache(rules);
    const { correlator } = cache.take(customerId);
    const version = newId();
    cache.keep(customerId, { version, correlator });
    expect(cache.take(customerId)).toEqual({ version, correlator });
    expect(cache.take(customerId).version).toBeNull();
  });

  it('forget the customer of whom nothing came for longest, beyond five hundred', () => {
    const cache = new CorrelatorCache(rules);
    const { correlator } = cache.take(customerId);
    const keep = (id: string): void => cache.keep(id, { version: id, correlator });
    for (let n = 0; n < 500; n += 1) keep(`customer ${String(n)}`);
    cache.take('customer 0');
    keep('customer 0');
    keep('one more');
    expect(cache.take('customer 0').version).toBe('customer 0');
    expect(cache.take('customer 1').version).toBeNull();
    expect(cache.take('customer 2').version).toBe('customer 2');
  });
});
