import { describe, expect, it } from '@jest/globals';
import { compileRules, compileRulesInSteps, recordEvent, type RuleSet } from './index.ts';
import { aRule, EVERY_EVENT } from './testing/rule-builders.ts';

const OPTIONS = { logsources: EVERY_EVENT };

function packOf(count: number, word: string) {
  return Array.from({ length: count }, (_, at) => ({
    file: `${String(at)}.yml`,
    text: aRule({ s: { 'A|contains': `${word}${String(at)}.` }, condition: 's' }),
  }));
}

describe('compiling in steps', () => {
  it('gives what compiling at once gives', () => {
    const sources = [...packOf(50, 'word'), { file: 'bad.yml', text: 'title: [' }];
    const steps = compileRulesInSteps(sources, OPTIONS);
    let step = steps.next();
    for (; step.done !== true; step = steps.next());
    const atOnce = compileRules(sources, OPTIONS);
    expect(step.value.refused).toEqual(atOnce.refused);
    expect(step.value.ruleSet.rules).toEqual(atOnce.ruleSet.rules);
  });

  it('lets a service match on meanwhile, swap sets between two events and lose none', async () => {
    const old = compileRules(packOf(1_000, 'word'), OPTIONS).ruleSet;
    const steps = compileRulesInSteps(packOf(1_000, 'name'), OPTIONS);
    let current: RuleSet = old;
    const found: string[] = [];
    const durations: number[] = [];
    let events = 0;
    const arrive = (): void => {
      // Each event is found by the old set and by the new one.
      const matches = current.match(recordEvent({ A: 'word7. name8.' }));
      events += 1;
      found.push(...matches.map(({ rule }) => rule.file));
    };
    for (let isDone = false; !isDone;) {
      await new Promise(setImmediate);
      arrive();
      const startedAt = performance.now();
      const step = steps.next();
      durations.push(performance.now() - startedAt);
      if (step.done !== true) continue;
      current = step.value.ruleSet;
      isDone = true;
    }
    arrive();
    expect(events).toBeGreaterThan(2_000);
    expect(found).toEqual([...Array<string>(events - 1).fill('7.yml'), '8.yml']);
    // The longest step builds the automaton of all thousand; garbage collection may fall into any.
    const ordered = durations.toSorted((a, b) => b - a);
    expect(ordered[0]).toBeLessThan(200);
    expect(ordered[10]).toBeLessThan(20);
  });
});
