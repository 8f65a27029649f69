import { describe, expect, it } from '@jest/globals';
import { IllegalStateError, InvalidInputError } from '@vedette/service-kit';
import fc from 'fast-check';
import { aCase, aDetection, assetId, openedAt } from '../testing/case-builders.ts';
import {
  applyChange,
  assignCase,
  caseSeverities,
  caseStatuses,
  changeStatus,
  groupingKeyOf,
  joinableStatuses,
  joinDetection,
  openCase,
  opensCase,
} from './case.ts';
import type { Case, CaseChange, CaseStatus, CaseVerdict } from './case.ts';

const later = new Date('2026-03-01T09:00:00Z');

describe('a detection', () => {
  it('opens a case by itself from severity HIGH', () => {
    const severities = ['INFORMATIONAL', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;
    const opening = severities.filter((severity) => opensCase(aDetection({ severity })));
    expect(opening).toEqual(['HIGH', 'CRITICAL']);
  });

  it('is a sign of what goes on on its asset, whichever rule matched', () => {
    expect(groupingKeyOf(aDetection({ ruleId: 'one' }))).toBe(`asset:${assetId}`);
    expect(groupingKeyOf(aDetection({ ruleId: 'another' }))).toBe(`asset:${assetId}`);
  });

  it('is a sign of what its rule sees when it names no asset', () => {
    const { assetId: _, ...withoutAsset } = aDetection({ ruleId: 'one' });
    expect(groupingKeyOf(withoutAsset)).toBe('rule:one');
  });
});

describe('a new case', () => {
  it('takes severity, condition and title from its detection', () => {
    const detection = aDetection();
    expect(openCase(detection, aCase().caseId, openedAt)).toEqual({
      kind: 'OPENED',
      detection,
      opened: aCase(),
    });
  });

  it('is titled without a host when the detection names none', () => {
    const { hostName: _, ...withoutHost } = aDetection();
    expect(openCase(withoutHost, 'c', openedAt)).toMatchObject({
      opened: { title: 'Credentials dumped' },
    });
  });
});

describe('an open case', () => {
  it('counts a detection that joins', () => {
    const detection = aDetection();
    expect(joinDetection(aCase(), detection)).toEqual([{ kind: 'DETECTION_JOINED', detection }]);
    expect(applyChange(aCase(), { kind: 'DETECTION_JOINED', detection }, later)).toEqual(
      aCase({ detectionCount: 2, version: 2, updatedAt: later }),
    );
  });

  it('becomes as severe as the gravest detection that joins, and takes its title', () => {
    const detection = aDetection({ severity: 'CRITICAL', ruleTitle: 'Backups deleted' });
    const title = 'Backups deleted on WS-17';
    const raised = { kind: 'SEVERITY_RAISED', from: 'HIGH', to: 'CRITICAL', title } as const;
    expect(joinDetection(aCase(), detection)).toEqual([
      { kind: 'DETECTION_JOINED', detection },
      raised,
    ]);
    expect(applyChange(aCase(), raised, later)).toEqual(
      aCase({ severity: 'CRITICAL', title, version: 2, updatedAt: later }),
    );
  });

  it('stays as severe as it is when a milder detection joins', () => {
    const joining = joinDetection(
      aCase({ severity: 'CRITICAL' }),
      aDetection({ severity: 'HIGH' }),
    );
    expect(joining.map((change) => change.kind)).toEqual(['DETECTION_JOINED']);
  });

  it('is assigned, and again to the same person without a change', () => {
    expect(assignCase(aCase(), 'jo')).toEqual([{ kind: 'ASSIGNED', assigneeId: 'jo' }]);
    expect(assignCase(aCase({ assigneeId: 'jo' }), 'jo')).toEqual([]);
    expect(applyChange(aCase(), { kind: 'ASSIGNED', assigneeId: 'jo' }, later)).toEqual(
      aCase({ assigneeId: 'jo', version: 2, updatedAt: later }),
    );
  });

  it('moves only along its life cycle', () => {
    const steps = caseStatuses.map((from) => [
      from,
      caseStatuses.filter((to) => isAllowed(from, to)),
    ]);
    expect(Object.fromEntries(steps)).toEqual({
      NEW: ['IN_PROGRESS', 'RESOLVED'],
      IN_PROGRESS: ['ON_HOLD', 'RESOLVED'],
      ON_HOLD: ['IN_PROGRESS', 'RESOLVED'],
      RESOLVED: ['IN_PROGRESS', 'CLOSED'],
      CLOSED: ['IN_PROGRESS'],
    });
  });

  it('stays where it is without a change when it is there already', () => {
    expect(changeStatus(aCase(), 'NEW', null)).toEqual([]);
  });

  it('is resolved with a verdict and with nothing less', () => {
    expect(changeStatus(aCase({ status: 'IN_PROGRESS' }), 'RESOLVED', 'MALICIOUS')).toEqual([
      { kind: 'STATUS_CHANGED', from: 'IN_PROGRESS', to: 'RESOLVED', verdict: 'MALICIOUS' },
    ]);
    expect(() => changeStatus(aCase(), 'RESOLVED', null)).toThrow(InvalidInputError);
  });

  it('gets no verdict without being resolved', () => {
    expect(() => changeStatus(aCase(), 'IN_PROGRESS', 'MALICIOUS')).toThrow(InvalidInputError);
  });
});

describe('a resolved case', () => {
  const resolved = aCase({ status: 'RESOLVED', verdict: 'FALSE_POSITIVE' });

  it('is not joined by further detections', () => {
    expect(joinableStatuses).toEqual(['NEW', 'IN_PROGRESS', 'ON_HOLD']);
  });

  it('keeps its verdict when it is closed', () => {
    expect(changeStatus(resolved, 'CLOSED', null)).toEqual([
      { kind: 'STATUS_CHANGED', from: 'RESOLVED', to: 'CLOSED', verdict: 'FALSE_POSITIVE' },
    ]);
  });

  it('loses its verdict when it is reopened', () => {
    expect(changeStatus(resolved, 'IN_PROGRESS', null)).toEqual([
      { kind: 'STATUS_CHANGED', from: 'RESOLVED', to: 'IN_PROGRESS', verdict: null },
    ]);
  });

  it('keeps its verdict when it is resolved again, and takes no other without being reopened', () => {
    expect(changeStatus(resolved, 'RESOLVED', 'FALSE_POSITIVE')).toEqual([]);
    expect(() => changeStatus(resolved, 'RESOLVED', 'MALICIOUS')).toThrow(IllegalStateError);
  });
});

describe('a closed case', () => {
  const closed = aCase({ status: 'CLOSED', verdict: 'MALICIOUS' });

  it('refuses to be assigned', () => {
    expect(() => assignCase(closed, 'jo')).toThrow(IllegalStateError);
  });

  it('can be reopened', () => {
    expect(changeStatus(closed, 'IN_PROGRESS', null)).toHaveLength(1);
  });
});

describe('whatever happens to a case', () => {
  const verdicts = ['MALICIOUS', 'BENIGN_TRUE_POSITIVE', 'FALSE_POSITIVE', 'INCONCLUSIVE'] as const;
  const commands = fc.oneof(
    fc.constantFrom('MEDIUM', 'HIGH', 'CRITICAL').map((severity) => (before: Case) => {
      return joinDetection(before, aDetection({ severity } as const));
    }),
    fc.constantFrom('jo', 'kim').map((name) => (before: Case) => assignCase(before, name)),
    fc.tuple(fc.constantFrom(...caseStatuses), fc.constantFrom(null, ...verdicts)).map(
      ([to, verdict]) =>
        (before: Case) =>
          changeStatus(before, to, verdict),
    ),
  );

  it('each change makes one version, severity never falls, and a verdict stands exactly while it is resolved or closed', () => {
    fc.assert(
      fc.property(fc.array(commands, { maxLength: 40 }), (given) => {
        let current = aCase();
        for (const command of given) {
          const before = current;
          for (const change of decide(command, before)) {
            const after = applyChange(current, change, later);
            expect(after.version).toBe(current.version + 1);
            expect(rankOf(after)).toBeGreaterThanOrEqual(rankOf(current));
            current = after;
          }
          const isDone = current.status === 'RESOLVED' || current.status === 'CLOSED';
          expect(current.verdict !== null).toBe(isDone);
          expect(current.detectionCount).toBeGreaterThanOrEqual(before.detectionCount);
        }
      }),
    );
  });

  it('a closed case changes by being reopened and by nothing else that a viewer does', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...caseStatuses),
        fc.constantFrom(null, ...verdicts),
        (to, verdict) => {
          const closed = aCase({ status: 'CLOSED', verdict: 'MALICIOUS' });
          const changes = decide((before) => changeStatus(before, to, verdict), closed);
          expect(changes.length > 0).toBe(to === 'IN_PROGRESS' && verdict === null);
          expect(decide((before) => assignCase(before, 'jo'), closed)).toEqual([]);
        },
      ),
    );
  });
});

/** What a command changes; nothing when a rule refuses it. */
function decide(command: (before: Case) => CaseChange[], before: Case): CaseChange[] {
  try {
    return command(before);
  } catch (error) {
    if (error instanceof IllegalStateError || error instanceof InvalidInputError) return [];
    throw error;
  }
}

function isAllowed(from: CaseStatus, to: CaseStatus): boolean {
  const verdict: CaseVerdict | null = to === 'RESOLVED' ? 'MALICIOUS' : null;
  const had: CaseVerdict | null = from === 'RESOLVED' || from === 'CLOSED' ? 'INCONCLUSIVE' : null;
  const before = aCase({ status: from, verdict: had });
  return from !== to && decide((given) => changeStatus(given, to, verdict), before).length > 0;
}

function rankOf({ severity }: Case): number {
  return caseSeverities.indexOf(severity);
}
