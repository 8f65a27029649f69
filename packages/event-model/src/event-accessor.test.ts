import { describe, expect, it } from '@jest/globals';

import { eventAccessor } from './event-accessor.ts';

function parsed(text: string): Readonly<Record<string, unknown>> {
  return JSON.parse(text) as Record<string, unknown>;
}

describe('a field of an event', () => {
  it('is read by its exact name', () => {
    expect(eventAccessor({ Image: 'C:\\a.exe' }).get('Image')).toBe('C:\\a.exe');
    expect(eventAccessor({ Image: null }).get('Image')).toBeNull();
    expect(eventAccessor({}).get('Image')).toBeUndefined();
  });

  it('is read by a dotted path, where a literal name with dots wins', () => {
    const nested = { userIdentity: { type: 'Root' } };
    expect(eventAccessor(nested).get('userIdentity.type')).toBe('Root');
    expect(eventAccessor({ ...nested, 'userIdentity.type': 'x' }).get('userIdentity.type')).toBe(
      'x',
    );
  });

  it('is a list where the path runs through a list', () => {
    const event = eventAccessor({ answers: [{ data: 'a' }, { data: 'b' }, { other: 1 }] });
    expect(event.get('answers.data')).toEqual(['a', 'b']);
    expect(event.get('answers.data.more')).toBeUndefined();
  });

  it('is never one that every JavaScript object has', () => {
    const event = eventAccessor(parsed('{"a": {"b": 1}}'));
    for (const name of ['constructor', '__proto__', 'toString', 'a.constructor', 'a.__proto__.x']) {
      expect(event.get(name)).toBeUndefined();
    }
  });

  it('may be called constructor or __proto__ by its sender', () => {
    const event = eventAccessor(parsed('{"__proto__": "x", "constructor": "y"}'));
    expect(event.get('__proto__')).toBe('x');
    expect(event.get('constructor')).toBe('y');
  });
});

describe('the values of an event', () => {
  it('are its leaves, however nested', () => {
    const event = eventAccessor({ a: 'x', b: { c: [1, { d: true }] }, e: null });
    expect([...event.values()]).toHaveLength(4);
    expect(new Set(event.values())).toEqual(new Set(['x', 1, true, null]));
  });

  it('end at the depth that senders may nest to', () => {
    const deep = parsed(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`);
    expect([...eventAccessor(deep).values()]).toEqual([]);
    expect(eventAccessor(deep).get('a.'.repeat(20_000))).toBeUndefined();
  });
});
