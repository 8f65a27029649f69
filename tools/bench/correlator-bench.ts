import { compileRules, createCorrelator, recordEvent } from '@vedette/sigma';
import type { LogsourceMap } from '@vedette/sigma';

const groups = 100_000;
const everyEvent: LogsourceMap = [{ category: 'bench', events: {} }];

/** One failed sign-in a minute for each account, which never become ten within five minutes. */
const rules = `
title: Failed sign-in
name: failed
logsource: { category: bench }
detection: { selection: { EventID: 4625 }, condition: selection }
---
title: Many failed sign-ins
correlation:
  type: event_count
  rules: [failed]
  group-by: [User]
  timespan: 5m
  condition: { gte: 10 }
`;

export interface CorrelatorFigures {
  readonly groups: number;
  readonly updates: number;
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

/** Updates of a correlation's state with many groups; matching the events beforehand is not counted. */
export function measureCorrelator(seconds: number): CorrelatorFigures {
  const { ruleSet, refused } = compileRules([{ file: 'bench.yml', text: rules }], {
    logsources: everyEvent,
  });
  if (refused.length > 0)
    throw new Error(`the benchmark's own rule is refused: ${String(refused[0]?.reason)}`);
  const correlator = createCorrelator(ruleSet, { maxGroups: groups });
  const events = Array.from({ length: groups }, (_, user) =>
    recordEvent({ EventID: 4625, User: `user-${user}` }),
  );
  const [sample] = events;
  const matches = sample ? ruleSet.matchAll(sample) : [];
  let time = Date.parse('2026-01-01T00:00:00Z');
  let updates = 0;
  const startedAt = performance.now();
  const before = process.cpuUsage();
  do {
    for (const event of events) {
      updates += 1;
      correlator.observe({ event, matches, time, id: `event-${updates}` });
    }
    time += 60_000;
  } while (performance.now() - startedAt < seconds * 1_000);
  const { user, system } = process.cpuUsage(before);
  const wall = (performance.now() - startedAt) / 1_000;
  return {
    groups: correlator.groupCount,
    updates,
    perSecond: Math.round(updates / wall),
    perCpuSecond: Math.round(updates / ((user + system) / 1e6)),
  };
}
