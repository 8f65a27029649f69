import { describe, expect, it } from '@jest/globals';
import { parsePolicy } from './response-policy-input.ts';
import type { PolicyWindowInput, ResponsePolicyInput } from './response-policy-input.ts';

function aWindow(changed: Partial<PolicyWindowInput> = {}): PolicyWindowInput {
  return {
    weekdays: [5, 1],
    from: '22:00',
    to: '06:30',
    timeZone: 'Europe/Berlin',
    mode: 'NOTIFY',
    ...changed,
  };
}

const parse = (changed: Partial<ResponsePolicyInput>) =>
  parsePolicy('input.policy', { mode: 'COLLABORATE', ...changed });

describe('a policy from outside', () => {
  it('holds what nobody answers, and has no exceptions, unless it says so', () => {
    expect(parse({})).toEqual({
      ...{ mode: 'COLLABORATE', whenUnanswered: 'HOLD', actionModes: [], windows: [] },
    });
  });

  it('has its windows in minutes, and their weekdays in order', () => {
    expect(parse({ windows: [aWindow({ timeZone: 'europe/berlin' })] }).windows).toEqual([
      {
        weekdays: [1, 5],
        fromMinute: 22 * 60,
        toMinute: 6 * 60 + 30,
        timeZone: 'Europe/Berlin',
        mode: 'NOTIFY',
      },
    ]);
  });

  it.each<[string, Partial<PolicyWindowInput>, string]>([
    ['an hour that no clock shows', { from: '24:00' }, 'from'],
    ['a minute that no clock shows', { to: '12:60' }, 'to'],
    ['a time without minutes', { from: '8' }, 'from'],
    ['a zone that is none', { timeZone: 'Europe/Atlantis' }, 'timeZone'],
    ['an offset in place of a zone', { timeZone: '+01:00' }, 'timeZone'],
    ['no weekday', { weekdays: [] }, 'weekdays'],
    ['an eighth weekday', { weekdays: [8] }, 'weekdays'],
    ['a weekday twice', { weekdays: [1, 1] }, 'weekdays'],
  ])('is refused for a window with %s, naming the field', (_, changed, field) => {
    const windows = [aWindow(), aWindow(changed)];
    expect(() => parse({ windows })).toThrow(`'input.policy.windows.1.${field}' is not valid`);
  });

  it('is refused with more than 20 windows, or an action twice', () => {
    const windows = Array.from({ length: 21 }, () => aWindow());
    expect(() => parse({ windows })).toThrow('has more than 20');
    const actionModes = [
      { action: 'BLOCK_IP', mode: 'NOTIFY' },
      { action: 'BLOCK_IP', mode: 'AUTHORIZE' },
    ] as const;
    expect(() => parse({ actionModes })).toThrow('names BLOCK_IP a second time');
  });
});
