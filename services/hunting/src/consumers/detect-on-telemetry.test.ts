import { describe, expect, it } from '@jest/globals';
import { MalformedMessageError } from '@vedette/event-bus';
import { compileRules } from '@vedette/sigma';
import {
  assetId,
  customerId,
  detectedAt,
  occurredAt,
  providerId,
} from '../testing/detection-builders.ts';
import { aBatch, aTelemetryEvent, logCleared } from '../testing/test-hunting.ts';
import { CorrelatorCache } from '../correlation/correlator-cache.ts';
import type { Detection } from '../detection/detection.ts';
import { detectionsOf, detectOnTelemetry, matchBatch } from './detect-on-telemetry.ts';

/** Two rules that match the same event, so that their detections have an order. */
const ruleOf = (id: string, level: string): string => `
title: A log was cleared
id: ${id}
level: ${level}
logsource: { product: windows }
detection:
  cleared: { Channel: Security, EventID: 1102 }
  condition: cleared
`;
const first = '11111111-0000-4000-8000-000000000001';
const second = '22222222-0000-4000-8000-000000000002';
const correlationOf = (rule: string): string => `
title: Logs were cleared again and again
correlation: { type: event_count, rules: [${rule}], timespan: 5m, condition: { gte: 3 } }
`;
const { ruleSet: rules } = compileRules([
  { file: 'one.yml', text: ruleOf(first, 'high') },
  { file: 'two.yml', text: ruleOf(second, 'low') },
]);

const detect = (batch: ReturnType<typeof aBatch>, now = detectedAt): Detection[] =>
  detectionsOf(matchBatch(batch, rules), rules, now);

describe('a batch of telemetry', () => {
  it('gives a detection for each rule that matches an event, in the order of its events', () => {
    const events = [
      aTelemetryEvent({ EventID: 1 }),
      aTelemetryEvent(logCleared, { hostName: 'A' }),
      aTelemetryEvent(logCleared, { hostName: 'B' }),
    ];
    const detections = detect(aBatch(events));
    expect(detections.map(({ hostName }) => hostName)).toEqual(['A', 'A', 'B', 'B']);
    expect(new Set(detections.map(({ ruleId }) => ruleId))).toEqual(new Set([first, second]));
    expect(detections[0]).toMatchObject({
      customerId,
      providerId,
      assetId,
      occurredAt,
      detectedAt,
    });
  });

  it('gives the same detections whenever it is matched', () => {
    const batch = aBatch([aTelemetryEvent(logCleared)]);
    const idsAt = (now: Date): string[] => detect(batch, now).map(({ detectionId }) => detectionId);
    expect(idsAt(new Date())).toEqual(idsAt(detectedAt));
  });

  it('gives nothing when no rule matches, whatever its events lack', () => {
    const { occurredAt: _, ...timeless } = aTelemetryEvent({ EventID: 1 });
    expect(detect(aBatch([timeless]))).toEqual([]);
  });

  it('gives none for a rule that only feeds correlations, and hands the match on', () => {
    const counting = compileRules([
      { file: 'one.yml', text: `${ruleOf(first, 'high')}---\n${correlationOf(first)}` },
      { file: 'two.yml', text: ruleOf(second, 'low') },
    ]);
    expect(counting.refused).toEqual([]);
    const telemetry = matchBatch(aBatch([aTelemetryEvent(logCleared)]), counting.ruleSet);
    expect(telemetry[0]?.matches.map(({ rule }) => rule.id)).toEqual([first, second]);
    const detections = detectionsOf(telemetry, counting.ruleSet, detectedAt);
    expect(detections.map(({ ruleId }) => ruleId)).toEqual([second]);
  });

  it('is malformed when an event has no fields, or one that matches has no time', () => {
    const { occurredAt: _, ...timeless } = aTelemetryEvent(logCleared);
    for (const event of [timeless, aTelemetryEvent({}, { rawFields: 'not JSON' })]) {
      expect(() => detect(aBatch([event]))).toThrow(MalformedMessageError);
    }
  });
});

describe('a detector', () => {
  it('has one durable for its shard, which takes the shard whole and in order', () => {
    const consumer = detectOnTelemetry(7, rules, new CorrelatorCache(rules));
    expect(consumer).toMatchObject({ name: 'hunting-detect-07', subject: 'vedette.telemetry.7.>' });
    expect(consumer.concurrency ?? 1).toBe(1);
  });
});
