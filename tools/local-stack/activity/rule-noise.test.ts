import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { eventAccessor } from '@vedette/event-model';
import { connectorOf } from '@vedette/ingestion/connectors';
import { createCorrelator } from '@vedette/sigma';
import type { Level, RuleHead } from '@vedette/sigma';
import { compileFolder } from '../../bench/capture-table.ts';
import { backgroundOf } from './background/background.ts';
import { inventedEstates } from './invented-estates.ts';

const root = join(import.meta.dirname, '../../..');
const rules = await compileFolder(join(root, 'services/hunting/rules'));
const dayMs = 24 * 60 * 60 * 1_000;
/** A Thursday to a Monday, the nights and the weekend between. */
const from = Date.parse('2026-10-01T00:00:00Z');
const to = from + 4 * dayMs;

/** A rule of this level may speak once in so many events of ordinary work: services/hunting/rules/README.md. */
const eventsPerMatch: Readonly<Record<Level, number>> = {
  critical: 100_000,
  high: 100_000,
  medium: 10_000,
  low: 2_000,
  informational: 200,
};

/** Whatever raises detections; the other rules only feed correlations. */
const alerting = [
  ...rules.rules.filter((rule) => rules.isAlert(rule)),
  ...rules.correlations.filter(({ isAlert }) => isAlert),
];

describe('the built-in rules over four days of ordinary work', () => {
  const matches = new Map<string, { count: number; sample: unknown }>();
  let events = 0;

  beforeAll(() => {
    const { parse } = connectorOf('windows-events');
    const note = ({ title }: RuleHead, record: unknown): void => {
      const { count, sample } = matches.get(title) ?? { count: 0, sample: record };
      matches.set(title, { count: count + 1, sample });
    };
    for (const estate of inventedEstates(5, 'noise')) {
      const correlator = createCorrelator(rules);
      for (const record of backgroundOf({ estate, from, to, seed: 'noise', eventsPerDay: 5_000 })) {
        events += 1;
        const { fields, occurredAt } = parse(record, to, {});
        const event = eventAccessor(fields);
        const matched = rules.matchAll(event);
        const observation = { event, matches: matched, time: occurredAt, id: String(events) };
        for (const { rule } of matched) if (rules.isAlert(rule)) note(rule, record);
        for (const { correlation } of correlator.observe(observation)) note(correlation, record);
      }
    }
  });

  it('see a hundred thousand events', () => {
    expect(events).toBeGreaterThan(80_000);
  });

  it.each(alerting)('keep quiet as $level promises: $title', ({ title, level }) => {
    const { count, sample } = matches.get(title) ?? { count: 0, sample: null };
    const allowed = Math.ceil(events / eventsPerMatch[level]);
    expect({ count: Math.max(count, allowed), sample }).toEqual({ count: allowed, sample });
  });

  it('open less than one case per ten thousand events', () => {
    const opening = alerting.filter(({ level }) => level === 'high' || level === 'critical');
    const cases = opening.reduce((sum, { title }) => sum + (matches.get(title)?.count ?? 0), 0);
    expect(cases).toBeLessThan(events / 10_000);
  });
});
