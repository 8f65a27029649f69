import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { createSecretBox } from './secrets.ts';
import type { SecretBox } from './secrets.ts';

let folder: string;
let files = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-secrets-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const aKey = (): string => randomBytes(32).toString('base64');
const oldKey = aKey();
const newKey = aKey();

function aBox(currentKeyId: string, keys: Readonly<Record<string, string>>): SecretBox {
  const file = join(folder, `ring-${files++}.json`);
  writeFileSync(file, JSON.stringify({ currentKeyId, keys }));
  return createSecretBox(file);
}

describe('a sealed secret', () => {
  it('opens to what it was, and shows nothing of it', () => {
    const box = aBox('k1', { k1: oldKey });
    fc.assert(
      fc.property(fc.string(), fc.string(), (plaintext, context) => {
        const sealed = box.seal(plaintext, context);
        expect(box.open(sealed, context)).toBe(plaintext);
        if (plaintext.length > 6) expect(sealed).not.toContain(plaintext);
      }),
    );
  });

  it('is another each time', () => {
    const box = aBox('k1', { k1: oldKey });
    expect(box.seal('same', 'here')).not.toBe(box.seal('same', 'here'));
  });

  it('opens only in its place', () => {
    const box = aBox('k1', { k1: oldKey });
    const sealed = box.seal('hunter2', 'connector:1');
    for (const context of ['connector:2', 'connector:', '']) {
      expect(() => box.open(sealed, context)).toThrow();
    }
  });

  it('does not open after any of its bytes has changed', () => {
    const box = aBox('k1', { k1: oldKey });
    const parts = box.seal('hunter2', 'here').split('.');
    for (const at of [2, 3]) {
      const bytes = Buffer.from(parts[at] ?? '', 'base64url');
      for (let n = 0; n < bytes.length; n += 1) {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(n) ^ 1, n);
        const sealed = parts.with(at, changed.toString('base64url')).join('.');
        expect(() => box.open(sealed, 'here')).toThrow();
      }
    }
  });

  it('does not open cut short, not even to nothing', () => {
    const box = aBox('k1', { k1: oldKey });
    const parts = box.seal('', 'here').split('.');
    for (const at of [2, 3]) {
      const bytes = Buffer.from(parts[at] ?? '', 'base64url');
      for (let length = 0; length < bytes.length; length += 1) {
        const sealed = parts.with(at, bytes.subarray(0, length).toString('base64url')).join('.');
        expect(() => box.open(sealed, 'here')).toThrow();
      }
    }
  });

  it('does not open with another key of the same id, nor without the key', () => {
    const sealed = aBox('k1', { k1: oldKey }).seal('hunter2', 'here');
    expect(() => aBox('k1', { k1: newKey }).open(sealed, 'here')).toThrow();
    expect(() => aBox('k2', { k2: newKey }).open(sealed, 'here')).toThrow("no 32-byte key 'k1'");
  });

  it.each(['', 'v1', 'v2.k1.AA.AA', 'v1.constructor.AAAA.AAAA', 'v1..AA.AA', 'v1.k1..', '....'])(
    "is not '%s'",
    (text) => {
      expect(() => aBox('k1', { k1: oldKey }).open(text, 'here')).toThrow();
    },
  );
});

describe('rotation', () => {
  it('seals with the new key, and opens what the old one sealed as long as it is there', () => {
    const before = aBox('2025', { 2025: oldKey });
    const after = aBox('2026', { 2025: oldKey, 2026: newKey });
    const old = before.seal('hunter2', 'here');
    expect(after.open(old, 'here')).toBe('hunter2');

    const fresh = after.seal('hunter2', 'here');
    expect(fresh.split('.')[1]).toBe('2026');
    expect(() => before.open(fresh, 'here')).toThrow("no 32-byte key '2026'");
    expect(() => aBox('2026', { 2026: newKey }).open(old, 'here')).toThrow("no 32-byte key '2025'");
  });
});

describe('a key ring', () => {
  it('is refused without its current key, or with a key of another length', () => {
    expect(() => aBox('k2', { k1: oldKey })).toThrow("no 32-byte key 'k2'");
    expect(() => aBox('k1', { k1: randomBytes(16).toString('base64') })).toThrow('no 32-byte key');
  });

  it('is refused when a key id holds the sign that ends it in what is sealed', () => {
    expect(() => aBox('2026.1', { '2026.1': oldKey })).toThrow();
  });

  it('is refused when it is none, without a word about the keys', () => {
    for (const keys of [{}, { k1: 'not base64: hunter2' }, { k1: 7 }]) {
      const making = (): unknown => aBox('k1', keys as Record<string, string>);
      expect(making).toThrow();
      expect(making).not.toThrow('hunter2');
    }
  });
});
