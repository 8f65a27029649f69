import { describe, expect, it } from '@jest/globals';
import { assert, constant, integer, array, oneof, property, record } from 'fast-check';
import { beginsSilence, endsSilence, silentAfterMinutes } from './silence.ts';
import type { SilenceRules, Watch } from './silence.ts';

const at = (minutes: number): Date => new Date(Date.UTC(2026, 0, 5) + minutes * 60_000);
const rules: SilenceRules = { isPaused: false, isServed: true, silentAfterMinutes: 60 };
const reported: Watch = { lastReceivedAt: at(0), watchedFrom: at(0), silentSince: null };

describe('a connector', () => {
  it('falls silent once nothing has come for as long as is set, and not a minute sooner', () => {
    expect(beginsSilence(reported, rules, at(59))).toBeNull();
    expect(beginsSilence(reported, rules, at(60))).toEqual(at(0));
  });

  it('is told to be silent once a silence', () => {
    expect(beginsSilence({ ...reported, silentSince: at(0) }, rules, at(600))).toBeNull();
  });

  it('is not silent while it is paused or its customer is not served', () => {
    expect(beginsSilence(reported, { ...rules, isPaused: true }, at(600))).toBeNull();
    expect(beginsSilence(reported, { ...rules, isServed: false }, at(600))).toBeNull();
  });

  it('is given its time again when a pause ends', () => {
    const resumed = { ...reported, watchedFrom: at(300) };
    expect(beginsSilence(resumed, rules, at(359))).toBeNull();
    expect(beginsSilence(resumed, rules, at(360))).toEqual(at(0));
  });

  it('recovers with the first event received after the silence began, and with none from before', () => {
    expect(endsSilence(at(10), [at(9), at(10)])).toBeNull();
    expect(endsSilence(at(10), [at(30), at(9), at(20)])).toEqual(at(20));
    expect(endsSilence(null, [at(20)])).toBeNull();
  });

  it('that only tells of trouble may be quiet for longer, unless people set something else', () => {
    expect(silentAfterMinutes('windows-events', null)).toBe(60);
    expect(silentAfterMinutes('aws-guardduty', null)).toBe(2_880);
    expect(silentAfterMinutes('aws-guardduty', 15)).toBe(15);
  });
});

describe('any order of looks and events', () => {
  // An event may be stored long after it was received, and so may come late or twice.
  const step = oneof(
    record({ kind: constant('LOOK' as const), minute: integer({ min: 0, max: 1_000 }) }),
    record({ kind: constant('EVENT' as const), minute: integer({ min: 0, max: 1_000 }) }),
  );

  it('gives silences and recoveries in turn, each recovery after its silence began', () => {
    assert(
      property(array(step, { maxLength: 60 }), (steps) => {
        const told: ('SILENT' | 'RECOVERED')[] = [];
        let watch = reported;
        for (const { kind, minute } of steps) {
          if (kind === 'LOOK') {
            const silentSince = beginsSilence(watch, rules, at(minute));
            if (silentSince === null) continue;
            expect(silentSince).toEqual(watch.lastReceivedAt);
            watch = { ...watch, silentSince };
            told.push('SILENT');
            continue;
          }
          const firstEventAt = endsSilence(watch.silentSince, [at(minute)]);
          const lastReceivedAt =
            at(minute) > watch.lastReceivedAt ? at(minute) : watch.lastReceivedAt;
          if (firstEventAt !== null) {
            expect(watch.silentSince && firstEventAt > watch.silentSince).toBe(true);
            told.push('RECOVERED');
          }
          watch = {
            ...watch,
            lastReceivedAt,
            silentSince: firstEventAt === null ? watch.silentSince : null,
          };
        }
        expect(told).toEqual(told.map((_, index) => (index % 2 === 0 ? 'SILENT' : 'RECOVERED')));
      }),
    );
  });
});
