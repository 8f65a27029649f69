import { toEcs, toNative, toOcsf } from '@vedette/event-model';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { aHostileRecord, deepValues } from '../testing/hostile-values.ts';
import { parseSophosRecord } from './parse-sophos-record.ts';
import { sophosCentral } from './sophos-central.ts';
import {
  aDataLakeRow,
  aDetection,
  aHealthCheck,
  anAlert,
  anEndpoint,
  anEvent,
} from './testing/sophos-records.ts';

const receivedAt = Date.UTC(2026, 1, 1);
const shapes = [anEvent(), anAlert(), aDetection(), aDataLakeRow(), anEndpoint(), aHealthCheck(1)];

describe('a hostile record', () => {
  it('of any shape becomes an event that every later step can carry', () => {
    fc.assert(
      fc.property(aHostileRecord(shapes), (record) => {
        const event = parseSophosRecord(record, receivedAt);
        const text = JSON.stringify([event, toNative(event), toOcsf(event), toEcs(event)]);
        expect(text.isWellFormed()).toBe(true);
        expect(text).not.toContain('\\u0000');
        expect(Number.isSafeInteger(event.occurredAt)).toBe(true);
        expect(Object.getPrototypeOf(event.fields)).toBeNull();
        expect(Object.keys(Object.prototype)).toEqual([]);
        expect(() => sophosCentral.unwrap?.(record)).not.toThrow();
      }),
      { numRuns: 300 },
    );
  });

  it.each(Object.keys(anEvent()).concat('rawData', 'mitreAttacks', 'endpoint', 'health'))(
    'may nest as deep as JSON allows in %s',
    (name) => {
      for (const deep of deepValues) {
        for (const shape of shapes) {
          const event = parseSophosRecord({ ...shape, [name]: deep }, receivedAt);
          expect(Object.keys(event.fields).length).toBeLessThan(2500);
        }
      }
    },
  );

  it('has a sentence that is long and full of quotes, and is read at once', () => {
    const startedAt = performance.now();
    for (const part of ["'", "' at '", '"', '  a: b', '″ action was taken.', ' (']) {
      const name = `Access was blocked to "${part.repeat(1_000_000 / part.length)}`;
      parseSophosRecord(anEvent({ name }), receivedAt);
      parseSophosRecord(anEvent({ name: name.slice(0, 8000) }), receivedAt);
    }
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it('has no host, user or reference of a length that no name has', () => {
    const long = 'x'.repeat(100_000);
    const event = parseSophosRecord(
      anEvent({ id: long, location: long, source: long }),
      receivedAt,
    );
    for (const name of ['hostname', 'userName', 'sourceRef'])
      expect(event).not.toHaveProperty(name);
  });
});
