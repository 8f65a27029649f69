import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidInputError } from './errors.ts';
import { isUuid, newId, parseId } from './ids.ts';

const someTime = fc.integer({ min: 0, max: 2 ** 48 - 1 });

describe('a new id', () => {
  it('is a UUID of version 7 and variant 10, which holds its time', () => {
    fc.assert(
      fc.property(someTime, (now) => {
        const id = newId(now);
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(isUuid(id)).toBe(true);
        expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(now);
      }),
    );
  });

  it('sorts after all that were made in an earlier millisecond', () => {
    fc.assert(
      fc.property(someTime, someTime, (one, other) => {
        fc.pre(one !== other);
        expect(newId(one) < newId(other)).toBe(one < other);
      }),
    );
  });

  it('is made only once, also within a millisecond', () => {
    const ids = Array.from({ length: 10_000 }, () => newId(1_700_000_000_000));
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('an id from outside', () => {
  it('is written in lower case, as the database writes it', () => {
    const id = newId();
    expect(parseId('caseId', id.toUpperCase())).toBe(id);
  });

  it('that is no UUID is an error of the caller, which names the field and not the value', () => {
    const texts = [
      '',
      'null',
      `${newId()} `,
      `{${newId()}}`,
      newId().replaceAll('-', ''),
      "' or 1=1",
    ];
    for (const text of [...texts, `${newId()}\n`, `${newId()}\0`]) {
      expect(() => parseId('input.caseId', text)).toThrow(
        new InvalidInputError("'input.caseId' is not an id."),
      );
    }
  });

  it('may be anything at all without a crash', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(isUuid(value)).toBe(false);
      }),
    );
  });
});
