import { describe, expect, it } from '@jest/globals';
import { techniqueIdsOf } from './technique.ts';

describe('the tags of a rule', () => {
  it('name techniques and sub-techniques, in any case', () => {
    expect(techniqueIdsOf(['attack.t1003', 'attack.T1003.002'])).toEqual(['T1003', 'T1003.002']);
  });

  it('that name tactics, groups, software or something else are no techniques', () => {
    expect(
      techniqueIdsOf([
        'attack.credential-access',
        'attack.g0007',
        'attack.s0002',
        'cve.2021-44228',
        't1003',
      ]),
    ).toEqual([]);
  });
});
