import { describe, expect, it } from '@jest/globals';
import { createSensorKey, digestSensorKey, isSensorKey, parseSensorKey } from './sensor-key.ts';

describe('a sensor key', () => {
  it('tells what it is, names itself, and ends in a checksum', () => {
    const key = createSensorKey();
    expect(key.text).toMatch(/^vsk_[0-9A-Za-z]{17}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/);
    expect(parseSensorKey(key.text)).toEqual(key);
  });

  it('keeps its form whatever its random bytes are', () => {
    const zeros = createSensorKey((bytes) => Buffer.alloc(bytes, 0));
    const ones = createSensorKey((bytes) => Buffer.alloc(bytes, 0xff));
    expect(parseSensorKey(zeros.text)).toEqual(zeros);
    expect(parseSensorKey(ones.text)).toEqual(ones);
  });

  it('is another one each time', () => {
    expect(createSensorKey().publicId).not.toBe(createSensorKey().publicId);
  });

  it('is not taken when it was mistyped or cut', () => {
    const { text } = createSensorKey(() => Buffer.alloc(32, 7));
    const mistyped = text.replace(/^vsk_./, (start) => (start === 'vsk_0' ? 'vsk_1' : 'vsk_0'));
    for (const wrong of [
      mistyped,
      text.slice(0, -1),
      `${text}0`,
      text.toLowerCase(),
      '',
      'vsk___',
    ]) {
      expect(parseSensorKey(wrong)).toBeNull();
    }
  });

  it('fits its own digest and no other', () => {
    const key = createSensorKey();
    expect(isSensorKey(key, digestSensorKey(key))).toBe(true);
    expect(isSensorKey(key, digestSensorKey(createSensorKey()))).toBe(false);
    expect(isSensorKey(key, Buffer.alloc(0))).toBe(false);
  });
});
