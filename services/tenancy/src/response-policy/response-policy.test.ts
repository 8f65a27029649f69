import { describe, expect, it } from '@jest/globals';
import { newId } from '@vedette/service-kit';
import fc from 'fast-check';
import { responseModes } from '../mandate/mandate.ts';
import type { MandateTerms, ResponseMode } from '../mandate/mandate.ts';
import { effectivePolicy, findExcess, modeAt, notifyOnly } from './response-policy.ts';
import type { ActionKind, PolicyTerms, PolicyWindow } from './response-policy.ts';

function aMandate(changed: Partial<MandateTerms> = {}): MandateTerms {
  return {
    mandateId: newId(),
    highestMode: 'COLLABORATE',
    mayActUnanswered: false,
    sharesIndicators: false,
    validFrom: new Date('2026-01-01'),
    validUntil: null,
    ...changed,
  };
}

function aWindow(changed: Partial<PolicyWindow> = {}): PolicyWindow {
  return {
    weekdays: [1, 2, 3, 4, 5],
    fromMinute: 8 * 60,
    toMinute: 18 * 60,
    timeZone: 'Europe/Berlin',
    mode: 'COLLABORATE',
    ...changed,
  };
}

function aPolicy(changed: Partial<PolicyTerms> = {}): PolicyTerms {
  return { ...notifyOnly, mode: 'AUTHORIZE', ...changed };
}

describe('the effective policy', () => {
  const wanting = aPolicy({
    whenUnanswered: 'ACT',
    actionModes: [
      { action: 'ISOLATE_HOST', mode: 'AUTHORIZE' },
      { action: 'DISABLE_USER', mode: 'NOTIFY' },
    ],
    windows: [aWindow({ mode: 'AUTHORIZE' })],
  });

  it('is NOTIFY where nobody has said anything, and where there is no mandate', () => {
    const nothing = { mandate: null, customerPolicy: null, providerPolicy: null };
    const silence = { ...notifyOnly, mandate: null };
    expect(effectivePolicy(nothing)).toEqual({ ...silence, source: 'NONE', isLowered: false });
    expect(effectivePolicy({ ...nothing, customerPolicy: wanting })).toEqual({
      ...{ ...silence, source: 'CUSTOMER', isLowered: true },
    });
    const mandate = aMandate();
    expect(effectivePolicy({ ...nothing, mandate })).toMatchObject({ mode: 'NOTIFY', mandate });
  });

  it('acts for nobody who does not answer under a mandate for NOTIFY, whatever it opted in to', () => {
    const mandate = aMandate({ highestMode: 'NOTIFY', mayActUnanswered: true });
    const customerPolicy = aPolicy({ mode: 'NOTIFY', whenUnanswered: 'ACT' });
    expect(effectivePolicy({ mandate, customerPolicy, providerPolicy: null })).toMatchObject({
      ...{ mode: 'NOTIFY', whenUnanswered: 'HOLD', isLowered: true },
    });
    expect(findExcess(customerPolicy, mandate)).toEqual([
      { path: 'whenUnanswered', problem: "the mandate's highest mode is NOTIFY" },
    ]);
  });

  it("is the customer's own before its provider's", () => {
    const mandate = aMandate({ highestMode: 'AUTHORIZE' });
    const providerPolicy = aPolicy({ mode: 'COLLABORATE' });
    expect(effectivePolicy({ mandate, customerPolicy: null, providerPolicy })).toMatchObject({
      ...{ mode: 'COLLABORATE', source: 'PROVIDER', isLowered: false },
    });
    expect(effectivePolicy({ mandate, customerPolicy: aPolicy(), providerPolicy })).toMatchObject({
      ...{ mode: 'AUTHORIZE', source: 'CUSTOMER', isLowered: false },
    });
  });

  it('is lowered to the mandate in every part, and what is below stays', () => {
    const mandate = aMandate();
    expect(effectivePolicy({ mandate, customerPolicy: null, providerPolicy: wanting })).toEqual({
      mode: 'COLLABORATE',
      whenUnanswered: 'HOLD',
      actionModes: [
        { action: 'ISOLATE_HOST', mode: 'COLLABORATE' },
        { action: 'DISABLE_USER', mode: 'NOTIFY' },
      ],
      windows: [aWindow({ mode: 'COLLABORATE' })],
      mandate,
      source: 'PROVIDER',
      isLowered: true,
    });
  });

  it('acts unanswered only where the mandate opted in', () => {
    const mandate = aMandate({ highestMode: 'AUTHORIZE', mayActUnanswered: true });
    const ground = { mandate, customerPolicy: wanting, providerPolicy: null };
    expect(effectivePolicy(ground)).toMatchObject({ whenUnanswered: 'ACT', isLowered: false });
    expect(
      effectivePolicy({ ...ground, mandate: { ...mandate, mayActUnanswered: false } }),
    ).toMatchObject({ mode: 'AUTHORIZE', whenUnanswered: 'HOLD', isLowered: true });
  });

  const mode = fc.constantFrom(...responseModes);
  const action = fc.constantFrom<ActionKind>('ISOLATE_HOST', 'BLOCK_HASH', 'DISABLE_USER');
  const policy: fc.Arbitrary<PolicyTerms> = fc.record({
    mode,
    whenUnanswered: fc.constantFrom('HOLD', 'ACT'),
    actionModes: fc.uniqueArray(fc.record({ action, mode }), { selector: (each) => each.action }),
    windows: fc.array(
      fc.record({
        weekdays: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        fromMinute: fc.nat(1439),
        toMinute: fc.nat(1439),
        timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'Pacific/Apia'),
        mode,
      }),
      { maxLength: 4 },
    ),
  });
  const mandate = fc.option(
    fc.record({ highestMode: mode, mayActUnanswered: fc.boolean() }).map(aMandate),
  );
  const instant = fc.date({
    min: new Date('2020-01-01'),
    max: new Date('2040-01-01'),
    noInvalidDate: true,
  });
  const rank = (each: ResponseMode): number => responseModes.indexOf(each);

  it('never is above the mandate, for any policies, action and instant', () => {
    const property = fc.property(
      ...([mandate, fc.option(policy), fc.option(policy), instant, fc.option(action)] as const),
      (inForce, customerPolicy, providerPolicy, at, asked) => {
        const effective = effectivePolicy({ mandate: inForce, customerPolicy, providerPolicy });
        const reached = modeAt(effective, at, asked ?? undefined);
        expect(rank(reached)).toBeLessThanOrEqual(rank(inForce?.highestMode ?? 'NOTIFY'));
        if (inForce?.mayActUnanswered !== true) expect(effective.whenUnanswered).toBe('HOLD');
      },
    );
    fc.assert(property, { numRuns: 2_000 });
  });

  it('is what was asked for, at every instant, as far as the mandate allows', () => {
    const property = fc.property(mandate, policy, instant, fc.option(action), (...given) => {
      const [inForce, wanted, at, asked] = given;
      const ground = { mandate: inForce, customerPolicy: wanted, providerPolicy: null };
      const highest = rank(inForce?.highestMode ?? 'NOTIFY');
      const reached = modeAt(effectivePolicy(ground), at, asked ?? undefined);
      expect(rank(reached)).toBe(Math.min(highest, rank(modeAt(wanted, at, asked ?? undefined))));
    });
    fc.assert(property, { numRuns: 2_000 });
  });
});

describe('what is above a mandate', () => {
  it('is named part by part, with the highest mode that would do', () => {
    const policy = aPolicy({
      whenUnanswered: 'ACT',
      actionModes: [
        { action: 'START_SCAN', mode: 'COLLABORATE' },
        { action: 'KILL_PROCESS', mode: 'AUTHORIZE' },
      ],
      windows: [aWindow({ mode: 'AUTHORIZE' })],
    });
    const problem = "the mandate's highest mode is COLLABORATE";
    expect(findExcess(policy, aMandate())).toEqual([
      { path: 'mode', problem },
      { path: 'actionModes.1.mode', problem },
      { path: 'windows.0.mode', problem },
      { path: 'whenUnanswered', problem: 'no mandate in force opted in to ACT' },
    ]);
    const [first] = findExcess(policy, null);
    expect(first?.problem).toBe('no mandate is in force, and the highest mode is NOTIFY');
    expect(findExcess(notifyOnly, null)).toEqual([]);
  });
});

describe('the mode at an instant', () => {
  const nights = aWindow({ weekdays: [5], fromMinute: 22 * 60, toMinute: 6 * 60 });

  it("is the action's own before any window's, and the base where none holds", () => {
    const policy = aPolicy({
      mode: 'NOTIFY',
      actionModes: [{ action: 'BLOCK_HASH', mode: 'AUTHORIZE' }],
      windows: [aWindow({ mode: 'COLLABORATE' })],
    });
    const monday = new Date('2026-03-02T10:00:00Z');
    const sunday = new Date('2026-03-01T10:00:00Z');
    expect(modeAt(policy, monday, 'BLOCK_HASH')).toBe('AUTHORIZE');
    expect(modeAt(policy, monday, 'ISOLATE_HOST')).toBe('COLLABORATE');
    expect(modeAt(policy, monday)).toBe('COLLABORATE');
    expect(modeAt(policy, sunday)).toBe('NOTIFY');
  });

  it('is that of the first window that holds', () => {
    const whole = aWindow({ weekdays: [1, 2, 3, 4, 5, 6, 7], fromMinute: 0, toMinute: 0 });
    const policy = aPolicy({ windows: [aWindow(), { ...whole, mode: 'NOTIFY' }] });
    expect(modeAt(policy, new Date('2026-03-02T10:00:00Z'))).toBe('COLLABORATE');
    expect(modeAt(policy, new Date('2026-03-02T22:00:00Z'))).toBe('NOTIFY');
  });

  it.each<[string, PolicyWindow, string, boolean]>([
    ['its first minute', aWindow(), '2026-03-02T07:00:00Z', true],
    ['the second before', aWindow(), '2026-03-02T06:59:59Z', false],
    ['its last second', aWindow(), '2026-03-02T16:59:59Z', true],
    ['its end', aWindow(), '2026-03-02T17:00:00Z', false],
    ['another day', aWindow(), '2026-03-01T10:00:00Z', false],
    ['the same hours in summer', aWindow(), '2026-06-01T06:00:00Z', true],
    ['an hour that it holds in winter only', aWindow(), '2026-06-01T16:30:00Z', false],
    ['Friday night', nights, '2026-03-06T22:30:00Z', true],
    ['the Saturday morning after', nights, '2026-03-07T04:59:00Z', true],
    ['the Saturday after its end', nights, '2026-03-07T05:00:00Z', false],
    ['the Friday morning before', nights, '2026-03-06T04:00:00Z', false],
    ['the Monday after a Sunday night', { ...nights, weekdays: [7] }, '2026-03-09T03:00:00Z', true],
    [
      'a whole day from noon to noon',
      aWindow({ weekdays: [3], fromMinute: 720, toMinute: 720 }),
      '2026-03-05T10:59:00Z',
      true,
    ],
    [
      'the local day of a zone far east',
      aWindow({ weekdays: [1], fromMinute: 0, toMinute: 60, timeZone: 'Pacific/Auckland' }),
      '2026-03-01T11:30:00Z',
      true,
    ],
  ])('holds in a window at %s', (_, window, at, holds) => {
    const policy = aPolicy({ mode: 'NOTIFY', windows: [window] });
    expect(modeAt(policy, new Date(at)) === window.mode).toBe(holds);
  });

  // In Berlin 02:00 to 03:00 is skipped on 29 March 2026, and shown twice on 25 October 2026.
  it('follows the clocks of the place on the days that summer begins and ends', () => {
    const smallHours = aWindow({ weekdays: [7], fromMinute: 150, toMinute: 180 });
    const night = aWindow({ weekdays: [6], fromMinute: 22 * 60, toMinute: 6 * 60 });
    const holdsAt = (window: PolicyWindow, at: string): boolean =>
      modeAt(aPolicy({ mode: 'NOTIFY', windows: [window] }), new Date(at)) === window.mode;
    const minutesOf = (window: PolicyWindow, from: string, hours: number): number =>
      Array.from({ length: hours * 60 }, (_, minute) =>
        holdsAt(window, new Date(Date.parse(from) + minute * 60_000).toISOString()),
      ).filter(Boolean).length;
    expect(minutesOf(smallHours, '2026-03-28T23:00:00Z', 24)).toBe(0);
    expect(minutesOf(smallHours, '2026-10-24T22:00:00Z', 25)).toBe(60);
    expect(minutesOf(night, '2026-03-28T12:00:00Z', 24)).toBe(7 * 60);
    expect(minutesOf(night, '2026-10-24T12:00:00Z', 24)).toBe(9 * 60);
  });
});
