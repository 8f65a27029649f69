import { toEcs, toNative, toOcsf } from '@vedette/event-model';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { parseWindowsEvent } from './parse-windows-event.ts';

const receivedAt = Date.UTC(2026, 1, 1);

/** Keys that the parser looks at, keys that JavaScript objects have, and any other. */
const names = fc.oneof(
  fc.constantFrom(
    ...[
      'Event',
      'System',
      'EventData',
      'UserData',
      'Data',
      '#attributes',
      '#text',
      'Name',
      '@Name',
    ],
    ...['winlog', 'event_data', 'event_id', 'log_name', 'user', 'process', 'EventID', 'Channel'],
    ...['UtcTime', '@timestamp', 'Message', 'Hostname', 'User', 'Hashes', 'RecordNumber'],
    ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'],
  ),
  fc.string({ unit: 'binary' }),
);

const scalars = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    'a\0b',
    '\ud800',
    '-',
    '',
    'Microsoft-Windows-Sysmon',
    '4624',
    '2026-01-31 12:00:00',
  ),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
);

const { record: records } = fc.letrec<{ value: unknown; record: Record<string, unknown> }>(
  (tie) => ({
    value: fc.oneof(
      { maxDepth: 6 },
      scalars,
      fc.array(tie('value'), { maxLength: 4 }),
      tie('record'),
    ),
    record: fc.dictionary(names, tie('value'), { maxKeys: 6 }),
  }),
);

describe('a hostile record', () => {
  it('becomes an event that every later step can carry', () => {
    fc.assert(
      fc.property(records, (record) => {
        // As it arrives: from JSON, where __proto__ is an own key.
        const parsed = JSON.parse(JSON.stringify(record)) as Record<string, unknown>;
        const event = parseWindowsEvent(parsed, receivedAt);
        const text = JSON.stringify([event, toNative(event), toOcsf(event), toEcs(event)]);
        expect(text.isWellFormed()).toBe(true);
        expect(text).not.toContain('\\u0000');
        expect(text).not.toMatch(/\\ud[89a-f]/);
        expect(Number.isSafeInteger(event.occurredAt)).toBe(true);
        expect(Object.getPrototypeOf(event.fields)).toBeNull();
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('may nest as deep as JSON allows', () => {
    for (const [open, close] of [
      ['{"a":', '}'],
      ['[', ']'],
      ['{"EventData":', '}'],
    ] as const) {
      const deep: unknown = JSON.parse(`${open.repeat(5000)}1${close.repeat(5000)}`);
      expect(parseWindowsEvent({ deep }, receivedAt).classUid).toBe(0);
      const evtx = { Event: { System: { EventID: 1, Provider: deep }, EventData: deep } };
      expect(parseWindowsEvent(evtx, receivedAt).fields.EventID).toBe(1);
      expect(parseWindowsEvent({ winlog: { event_data: deep }, deep }, receivedAt).classUid).toBe(
        0,
      );
    }
  });

  it('cannot make one long key cost a thousand times its size', () => {
    const children = Object.fromEntries(
      Array.from({ length: 900 }, (_, at) => [`k${String(at)}`, 1]),
    );
    const long = 'x'.repeat(500_000);
    const hostile = [
      { [long]: children },
      { Event: { System: { EventID: 1, [long]: children } } },
      { Event: { System: { EventID: 1, [long]: { '#attributes': children } } } },
      { winlog: {}, [long]: children },
      { winlog: {}, a: { [long]: children } },
    ];
    for (const record of hostile) {
      expect(JSON.stringify(parseWindowsEvent(record, receivedAt)).length).toBeLessThan(2_000_000);
    }
  });

  it('has no host, user or reference of a length that no name has', () => {
    const long = 'x'.repeat(100_000);
    const record = { EventID: 1, Hostname: long, User: long, Channel: long, RecordNumber: 1 };
    const event = parseWindowsEvent({ ...record, EventTime: '2026-01-31 12:00:00' }, receivedAt);
    expect(event).not.toHaveProperty('hostname');
    expect(event).not.toHaveProperty('userName');
    expect(event).not.toHaveProperty('sourceRef');
    expect(event.fields.User).toBe(long);
  });
});
