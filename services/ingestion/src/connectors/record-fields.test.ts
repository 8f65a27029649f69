import { describe, expect, it } from '@jest/globals';

import { cleanText, createFields, flattenInto, setField } from './record-fields.ts';

function flattened(value: unknown): Record<string, unknown> {
  const fields = createFields();
  flattenInto(fields, 'a', value);
  return { ...fields };
}

describe('a field of a record', () => {
  it('has a name without spaces', () => {
    const fields = createFields();
    setField(fields, 'Threat Name', 'x');
    expect({ ...fields }).toEqual({ ThreatName: 'x' });
  });

  it('has text that the stream and the database can carry', () => {
    expect(cleanText('a\0b')).toBe('a\ufffdb');
    expect(cleanText('a\ud800b')).toBe('a\ufffdb');
    expect(cleanText('Zürich 🛡')).toBe('Zürich 🛡');
  });

  it('is data even when it is called __proto__', () => {
    const fields = createFields();
    setField(fields, '__proto__', 'x');
    setField(fields, 'a', JSON.parse('{"__proto__": {"polluted": true}}'));
    expect(Object.keys(fields)).toEqual(['__proto__', 'a.__proto__.polluted']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('a nested value', () => {
  it('is flattened to dotted names', () => {
    expect(flattened({ b: { c: 1, d: null } })).toEqual({ 'a.b.c': 1, 'a.b.d': null });
  });

  it('stays a list where it is one, also of one, also empty', () => {
    expect(flattened(['x'])).toEqual({ a: ['x'] });
    expect(flattened(['x', ['y', 'z']])).toEqual({ a: ['x', 'y', 'z'] });
    expect(flattened([])).toEqual({ a: [] });
  });

  it("collects what a list's objects hold under one name", () => {
    expect(flattened([{ b: 1 }, { b: 2, c: 3 }])).toEqual({ 'a.b': [1, 2], 'a.c': 3 });
  });

  it('is cut at the depth, the number and the length of names that senders may use', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(10_000)}1${']'.repeat(10_000)}`);
    expect(flattened(deep)).toEqual({});
    const wide = Object.fromEntries(
      Array.from({ length: 5000 }, (_, at) => [`k${String(at)}`, at]),
    );
    expect(Object.keys(flattened(wide))).toHaveLength(1000);
    const [name] = Object.keys(flattened({ ['x'.repeat(100_000)]: 1 }));
    expect(name).toHaveLength(512);
  });
});
