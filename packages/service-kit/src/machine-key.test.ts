import { describe, expect, it } from '@jest/globals';
import {
  createMachineKey,
  digestMachineKey,
  isMachineKey,
  parseMachineKey,
} from './machine-key.ts';

describe('a key of a machine', () => {
  it('tells what it is, names itself, and ends in a checksum', () => {
    const key = createMachineKey('vsk');
    expect(key.text).toMatch(/^vsk_[0-9A-Za-z]{17}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/);
    expect(parseMachineKey('vsk', key.text)).toEqual(key);
  });

  it('keeps its form whatever its random bytes are', () => {
    const zeros = createMachineKey('vsk', (bytes) => Buffer.alloc(bytes, 0));
    const ones = createMachineKey('vsk', (bytes) => Buffer.alloc(bytes, 0xff));
    expect(parseMachineKey('vsk', zeros.text)).toEqual(zeros);
    expect(parseMachineKey('vsk', ones.text)).toEqual(ones);
  });

  it('is another one each time', () => {
    expect(createMachineKey('vsk').publicId).not.toBe(createMachineKey('vsk').publicId);
  });

  it('is not taken when it was mistyped or cut', () => {
    const { text } = createMachineKey('vsk', () => Buffer.alloc(32, 7));
    const mistyped = text.replace(/^vsk_./, (start) => (start === 'vsk_0' ? 'vsk_1' : 'vsk_0'));
    for (const wrong of [
      mistyped,
      text.slice(0, -1),
      `${text}0`,
      text.toLowerCase(),
      '',
      'vsk___',
    ]) {
      expect(parseMachineKey('vsk', wrong)).toBeNull();
    }
  });

  it('of one kind is not taken for another', () => {
    const key = createMachineKey('vak');
    expect(key.text).toMatch(/^vak_/);
    expect(parseMachineKey('vak', key.text)).toEqual(key);
    expect(parseMachineKey('vsk', key.text)).toBeNull();
  });

  it('fits its own digest and no other', () => {
    const key = createMachineKey('vsk');
    expect(isMachineKey(key, digestMachineKey(key))).toBe(true);
    expect(isMachineKey(key, digestMachineKey(createMachineKey('vsk')))).toBe(false);
    expect(isMachineKey(key, Buffer.alloc(0))).toBe(false);
  });
});
