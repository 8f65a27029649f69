import { toEcs, toNative, toOcsf } from '@vedette/event-model';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { aHostileRecord, deepTexts, deepValues } from '../testing/hostile-values.ts';
import { m365Audit } from './m365-audit.ts';
import { parseM365Record } from './parse-m365-record.ts';
import { aDownload, anAlert, anInboxRule, aSignIn } from './testing/m365-records.ts';

const receivedAt = Date.UTC(2026, 1, 1);
const shapes = [aSignIn(), anInboxRule(), anAlert(), aDownload()];

describe('a hostile record', () => {
  it('of any shape becomes an event that every later step can carry', () => {
    fc.assert(
      fc.property(aHostileRecord(shapes), (record) => {
        const event = parseM365Record(record, receivedAt);
        const text = JSON.stringify([event, toNative(event), toOcsf(event), toEcs(event)]);
        expect(text.isWellFormed()).toBe(true);
        expect(text).not.toContain('\\u0000');
        expect(Number.isSafeInteger(event.occurredAt)).toBe(true);
        expect(Object.getPrototypeOf(event.fields)).toBeNull();
        expect(Object.keys(Object.prototype)).toEqual([]);
        expect(() => m365Audit.unwrap?.(record)).not.toThrow();
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    'Parameters',
    'ExtendedProperties',
    'ModifiedProperties',
    'Data',
    'Folders',
    'RawEventData',
    'Operation',
    'value',
  ])('may nest as deep as JSON allows, and be wide, in %s', (name) => {
    for (const value of [...deepValues, ...deepTexts]) {
      for (const shape of shapes) {
        const event = parseM365Record({ ...shape, [name]: value }, receivedAt);
        expect(Object.keys(event.fields).length).toBeLessThan(6000);
      }
    }
  });

  it('has no host, user or reference of a length that no name has', () => {
    const long = 'x'.repeat(100_000);
    for (const shape of shapes) {
      const names = Object.fromEntries(Object.keys(shape).map((name) => [name, long]));
      const event = parseM365Record(names, receivedAt);
      for (const name of ['hostname', 'userName', 'sourceRef'])
        expect(event).not.toHaveProperty(name);
    }
  });
});
