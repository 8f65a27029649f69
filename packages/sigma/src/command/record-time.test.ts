import { describe, expect, it } from '@jest/globals';
import { recordTime, toTime } from './record-time.ts';

const AT = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

describe('the time of a record', () => {
  it.each([
    ['Sysmon', { UtcTime: '2026-01-02 03:04:05.678', '@timestamp': '2026-01-02T09:09:09Z' }],
    ['a flat Windows event', { '@timestamp': '2026-01-02T03:04:05.678Z', EventTime: 'x' }],
    ['CloudTrail', { eventTime: '2026-01-02T03:04:05.678Z' }],
    ['Zeek', { ts: AT / 1_000 }],
    ['a web server', { date: '2026-01-02', time: '03:04:05.678' }],
    ['a zone', { timestamp: '2026-01-02T05:04:05.678+02:00' }],
    ['EVTX', evtx({ '#attributes': { SystemTime: '2026-01-02T03:04:05.678Z' } }, {})],
    ['Sysmon in EVTX', evtx('2026-01-02T09:09:09Z', { UtcTime: '2026-01-02 03:04:05.678' })],
  ])('is found in the field of %s', (_layout, record) => {
    expect(recordTime(record)).toBe(AT);
  });

  it('is read from seconds and milliseconds, as numbers and as text', () => {
    expect([AT, String(AT), AT / 1_000, String(AT / 1_000)].map(toTime)).toEqual([AT, AT, AT, AT]);
  });

  it('is not a number where the record does not say', () => {
    expect(recordTime({ message: 'x', time: 'noon' })).toBeNaN();
  });
});

function evtx(created: unknown, data: Readonly<Record<string, unknown>>) {
  return { Event: { System: { TimeCreated: created }, EventData: data } };
}
