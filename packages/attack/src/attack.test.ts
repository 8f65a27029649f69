import { describe, expect, it } from '@jest/globals';
import { attackVersion, findTechnique, killChainPhases, phasesOf, tactics } from './index.ts';

const namesOf = (id: string): string[] => findTechnique(id).tactics.map((each) => each.shortName);

describe('the table of ATT&CK', () => {
  it('is version 19 with its fifteen tactics, each with a phase of the kill chain', () => {
    expect(attackVersion).toMatch(/^19\./);
    expect(tactics).toHaveLength(15);
    expect(tactics.map(({ shortName }) => shortName)).toEqual(
      expect.arrayContaining(['stealth', 'defense-impairment']),
    );
    for (const { killChainPhase } of tactics) expect(killChainPhases).toContain(killChainPhase);
  });

  it('knows name and tactics of a technique', () => {
    expect(findTechnique('T1003.002')).toMatchObject({
      id: 'T1003.002',
      name: 'Security Account Manager',
      standing: 'CURRENT',
      replacedBy: null,
    });
    expect(namesOf('T1003.002')).toEqual(['credential-access']);
  });

  it('orders the tactics of a technique as the matrix does', () => {
    expect(namesOf('T1053.005')).toEqual(['execution', 'persistence', 'privilege-escalation']);
  });

  it('leads from a retired id to the one that took its place', () => {
    const retired = findTechnique('T1562.001');
    expect(retired).toMatchObject({ id: 'T1562.001', standing: 'REPLACED', replacedBy: 'T1685' });
    expect(retired.name).toBe(findTechnique('T1685').name);
    expect(namesOf('T1562.001')).toEqual(['defense-impairment']);
  });

  it('tells an id that was given up from one that it never had, and drops neither', () => {
    expect(findTechnique('T1064')).toMatchObject({ name: null, standing: 'DEPRECATED' });
    expect(findTechnique('T9999')).toMatchObject({ name: null, standing: 'UNKNOWN', tactics: [] });
    expect(findTechnique('constructor').standing).toBe('UNKNOWN');
  });
});

describe('the kill chain', () => {
  it('shows the phases of several techniques once each, first to last', () => {
    expect(phasesOf(['T1490', 'T1566.001', 'T1486'])).toEqual([
      'DELIVERY',
      'ACTIONS_ON_OBJECTIVES',
    ]);
  });

  it('shows nothing for ids that it does not know', () => {
    expect(phasesOf(['T9999'])).toEqual([]);
  });
});
