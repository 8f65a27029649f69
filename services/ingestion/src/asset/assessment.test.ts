import { describe, expect, it } from '@jest/globals';
import { weighOpinions } from './assessment.ts';
import type { Opinion } from './assessment.ts';

function opinion(changes: Partial<Opinion>): Opinion {
  const basis = changes.basis ?? 'server';
  return {
    ...{ basis, level: 'HIGH', reason: 'It is a server.', setBy: basis, setAt: new Date(1_000) },
    ...changes,
  };
}

describe('what holds of several opinions', () => {
  it('is what is usual where there is none', () => {
    expect(weighOpinions([])).toMatchObject({ level: 'NORMAL', source: null });
  });

  it('is the gravest that a rule found, whichever came first', () => {
    const opinions = [
      opinion({ basis: 'workstation', level: 'NORMAL' }),
      opinion({ basis: 'domain-controller', level: 'CRITICAL', setAt: new Date(2_000) }),
      opinion({ basis: 'server' }),
    ];
    for (const order of [opinions, opinions.toReversed()]) {
      expect(weighOpinions(order)).toMatchObject({
        ...{ level: 'CRITICAL', source: 'RULE', setBy: 'domain-controller' },
      });
    }
  });

  it('is what a person said last, also against a graver rule', () => {
    const opinions = [
      opinion({ basis: 'domain-controller', level: 'CRITICAL', setAt: new Date(9_000) }),
      opinion({ basis: 'PERSON', level: 'HIGH', setBy: 'one' }),
      opinion({ basis: 'PERSON', level: 'LOW', setBy: 'two', setAt: new Date(2_000) }),
    ];
    expect(weighOpinions(opinions)).toMatchObject({ level: 'LOW', source: 'PERSON', setBy: 'two' });
  });

  it('is the rule again once the person has taken it back', () => {
    const opinions = [opinion({}), opinion({ basis: 'PERSON', level: null, setBy: 'one' })];
    expect(weighOpinions(opinions)).toMatchObject({ level: 'HIGH', source: 'RULE' });
  });
});
