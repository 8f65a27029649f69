import { describe, expect, it } from '@jest/globals';
import { identityId, readAccountName } from './account-name.ts';

const customerId = '0197c000-0000-7000-8000-000000000001';

describe('the name of an account', () => {
  it('has its domain taken apart, and is one in whatever case', () => {
    expect(readAccountName('CORP\\Ann')).toEqual({
      ...{ normalised: 'corp\\ann', name: 'Ann', domain: 'CORP', kind: 'USER' },
    });
    expect(readAccountName('Ann@Corp.example')).toEqual({
      ...{ normalised: 'ann@corp.example', name: 'Ann@Corp.example' },
      ...{ domain: 'Corp.example', kind: 'USER' },
    });
    const ids = ['CORP\\ann', 'corp\\ANN'].map((text) => readAccountName(text));
    expect(new Set(ids.map((name) => name && identityId(customerId, name))).size).toBe(1);
  });

  it('is another one in another form: nobody has said that they are one account', () => {
    const names = ['CORP\\ann', 'ann@corp.example', 'ann', 'WS-1\\ann'].map(readAccountName);
    expect(new Set(names.map((name) => name?.normalised)).size).toBe(4);
  });

  it('is none where a source has written none', () => {
    for (const text of ['', ' ', '-', 'CORP\\', 'CORP\\-'])
      expect(readAccountName(text)).toBeNull();
  });

  it.each([
    ['NT AUTHORITY\\SYSTEM', 'WELL_KNOWN'],
    ['NT-AUTORITÄT\\SYSTEM', 'WELL_KNOWN'],
    ['Window Manager\\DWM-1', 'WELL_KNOWN'],
    ['SYSTEM', 'WELL_KNOWN'],
    ['root', 'WELL_KNOWN'],
    ['CORP\\root', 'USER'],
    ['CORP\\WS-1$', 'MACHINE'],
    ['WS-1$@corp.example', 'MACHINE'],
    ['CORP\\svc-backup', 'SERVICE'],
    ['CORP\\svetlana', 'USER'],
    ['arn:aws:sts::123456789012:assumed-role/deploy/run-7', 'SERVICE'],
  ])('%s is of the kind %s', (text, kind) => {
    expect(readAccountName(text)?.kind).toBe(kind);
  });
});
