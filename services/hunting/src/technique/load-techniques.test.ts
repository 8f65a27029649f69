import { describe, expect, it } from '@jest/globals';
import { loadTechniques } from './load-techniques.ts';

describe("ATT&CK's table", () => {
  const findTechnique = loadTechniques();

  it('knows name and tactics of a technique', () => {
    expect(findTechnique('T1003.002')).toEqual({
      id: 'T1003.002',
      name: 'Security Account Manager',
      tactics: ['credential-access'],
    });
  });

  it('shows an id that it does not know instead of dropping it', () => {
    expect(findTechnique('T9999')).toEqual({ id: 'T9999', name: null, tactics: [] });
  });
});
