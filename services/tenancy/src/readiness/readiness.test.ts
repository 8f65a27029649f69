import { describe, expect, it } from '@jest/globals';
import { protectedSince, readinessOf } from './readiness.ts';
import type { Readiness, ReadinessGround } from './readiness.ts';

const at = (day: number): Date => new Date(Date.UTC(2026, 2, day));

const nothing: ReadinessGround = { mandate: null, rungs: 0, connectors: [] };

function stateOf(condition: Readiness['condition'], ground: Partial<ReadinessGround>) {
  const readiness = readinessOf({ ...nothing, ...ground });
  const found = readiness.find((each) => each.condition === condition);
  return [found?.state, found?.since, found?.explanation];
}

describe('the readiness of a customer', () => {
  it('tells of every condition, and why one is not met', () => {
    expect(readinessOf(nothing)).toEqual([
      {
        ...{ condition: 'MANDATE', state: 'MISSING', since: null },
        explanation: 'No mandate is in force.',
      },
      {
        ...{ condition: 'REACHABLE_LADDER', state: 'MISSING', since: null },
        explanation: 'Nobody is on the contact ladder.',
      },
      {
        ...{ condition: 'CONNECTORS_REPORTING', state: 'MISSING', since: null },
        explanation: 'There is no connector.',
      },
      {
        ...{ condition: 'COVERAGE', state: 'NOT_MEASURED', since: null },
        explanation: 'How much of the estate is seen has not been measured.',
      },
    ]);
  });

  it('has its mandate since it was in force and on record', () => {
    const mandate = (validFrom: number, recordedAt: number) => ({
      mandate: { validFrom: at(validFrom), recordedAt: at(recordedAt) },
    });
    expect(stateOf('MANDATE', mandate(1, 5))).toEqual(['MET', at(5), '']);
    expect(stateOf('MANDATE', mandate(7, 5))).toEqual(['MET', at(7), '']);
  });

  it('does not take a ladder for reachable that nobody has tried', () => {
    expect(stateOf('REACHABLE_LADDER', { rungs: 2 })).toEqual([
      ...['NOT_MEASURED', null],
      'Nobody on the ladder has answered a test call yet.',
    ]);
  });

  it('has connectors that report since the last of them has shown something', () => {
    const connectors = (...reported: readonly (Date | null)[]) => ({
      connectors: reported.map((reportedAt) => ({ keyedAt: at(1), reportedAt })),
    });
    const reporting = (...reported: readonly (Date | null)[]) =>
      stateOf('CONNECTORS_REPORTING', connectors(...reported));
    expect(reporting(at(3))).toEqual(['MET', at(3), '']);
    expect(reporting(at(5), at(3))).toEqual(['MET', at(5), '']);
    expect(reporting(at(3), null)).toEqual([
      ...['NOT_MEASURED', null],
      'Connectors not known to have shown anything of the estate: 1 of 2.',
    ]);
  });

  it('lacks connectors that report while no sensor can send for one of them', () => {
    const reporting = { keyedAt: at(1), reportedAt: at(3) };
    const mute = { keyedAt: null, reportedAt: null };
    expect(stateOf('CONNECTORS_REPORTING', { connectors: [reporting, mute] })).toEqual([
      ...['MISSING', null],
      'Connectors without a key that works: 1 of 2.',
    ]);
  });
});

describe('a customer', () => {
  const met = (day: number): Readiness => ({
    ...{ condition: 'MANDATE', state: 'MET', since: at(day), explanation: '' },
  });
  const active = { status: 'ACTIVE' } as const;

  it('is protected since the last of its conditions was met', () => {
    expect(protectedSince(active, [met(2), met(9), met(4)])).toEqual(at(9));
  });

  it('is not protected while one is missing or not measured, nor once it was off-boarded', () => {
    for (const state of ['MISSING', 'NOT_MEASURED'] as const) {
      expect(
        protectedSince(active, [met(2), { ...met(3), state, since: null }, met(4)]),
      ).toBeNull();
    }
    expect(protectedSince({ status: 'OFFBOARDED' }, [met(2)])).toBeNull();
  });
});
