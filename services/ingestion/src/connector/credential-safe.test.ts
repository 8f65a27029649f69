import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { IllegalStateError } from '@vedette/service-kit';
import { createCredentialSafe } from './credential-safe.ts';

const folder = mkdtempSync(join(tmpdir(), 'vedette-safe-'));
const file = join(folder, 'secrets.json');
const keys = { one: randomBytes(32).toString('base64') };
writeFileSync(file, JSON.stringify({ currentKeyId: 'one', keys }));

afterAll(() => rmSync(folder, { recursive: true }));

describe('the safe for credentials', () => {
  it('opens what it sealed, for the same connector only, and shows none of it', () => {
    const safe = createCredentialSafe(file);
    const sealed = safe.seal('till-1', { clientSecret: 'hush' });
    expect(sealed).not.toContain('hush');
    expect(safe.open('till-1', sealed)).toEqual({ clientSecret: 'hush' });
    expect(() => safe.open('till-2', sealed)).toThrow();
  });

  it('says what is missing where this installation has no key', () => {
    const safe = createCredentialSafe(undefined);
    expect(() => safe.seal('till-1', {})).toThrow(IllegalStateError);
    expect(() => safe.seal('till-1', {})).toThrow(/SECRETS_KEY_FILE/);
  });
});
