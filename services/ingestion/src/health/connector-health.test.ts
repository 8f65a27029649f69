import { describe, expect, it } from '@jest/globals';
import { toConnectorHealth } from './connector-health.ts';
import type { HealthFacts } from './connector-health.ts';

const now = new Date('2026-01-05T10:15:00Z');
const reporting: HealthFacts = {
  isPaused: false,
  lastEventAt: new Date('2026-01-05T10:14:50Z'),
  lastReceivedAt: new Date('2026-01-05T10:14:52Z'),
  lagMs: 2_500,
  silentSince: null,
  silentAfterMinutes: 60,
  eventsThisHour: 150,
  eventsHourBefore: 600,
  events: 4_000,
  unmappedEvents: 1_000,
  rejectedCount: 3,
  pushedOutCount: 0,
  rejection: null,
};
const statusOf = (facts: Partial<HealthFacts>, lastError: string | null = null): string =>
  toConnectorHealth({ ...reporting, ...facts }, [{ nextPollAt: now, lastError }], now).status;

describe("a connector's health", () => {
  it('is one word: what explains the rest comes first', () => {
    const silent = { silentSince: now };
    expect(statusOf({})).toBe('REPORTING');
    expect(statusOf({ lastReceivedAt: null })).toBe('WAITING');
    expect(statusOf(silent)).toBe('SILENT');
    expect(statusOf(silent, 'The source refused the key.')).toBe('FAILING');
    expect(statusOf({ ...silent, isPaused: true }, 'The source refused the key.')).toBe('PAUSED');
  });

  it('has the rate of the last sixty minutes, and lag and unmapped share of what came', () => {
    expect(toConnectorHealth(reporting, [], now)).toMatchObject({
      // 150, and three quarters of the 600 of the hour before.
      eventsPerMinute: 10,
      lagSeconds: 2.5,
      unmappedShare: 0.25,
      nextPollAt: null,
    });
    expect(toConnectorHealth({ ...reporting, events: 0 }, [], now).unmappedShare).toBeNull();
  });

  it('tells why fetching fails before it tells what was rejected', () => {
    const rejection = { message: 'The line is not JSON.', at: now };
    const facts = { ...reporting, rejection };
    const failing = [{ nextPollAt: now, lastError: 'The source refused the key.' }];
    expect(toConnectorHealth(facts, [], now)).toMatchObject({
      lastError: 'The line is not JSON.',
      lastErrorAt: now,
    });
    expect(toConnectorHealth(facts, failing, now)).toMatchObject({
      lastError: 'The source refused the key.',
      lastErrorAt: null,
    });
  });

  it('names the feed that is fetched next, and none while it is paused', () => {
    const later = new Date(now.getTime() + 60_000);
    const polls = [later, now].map((nextPollAt) => ({ nextPollAt, lastError: null }));
    expect(toConnectorHealth(reporting, polls, now).nextPollAt).toEqual(now);
    expect(toConnectorHealth({ ...reporting, isPaused: true }, polls, now).nextPollAt).toBeNull();
  });
});
