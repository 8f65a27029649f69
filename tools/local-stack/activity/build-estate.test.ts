import { describe, expect, it } from '@jest/globals';
import { buildEstate } from './build-estate.ts';
import type { EstatePlan } from './build-estate.ts';
import { inventedEstates } from './invented-estates.ts';

const plan: EstatePlan = {
  seed: 'test',
  company: 'Hafenwerk',
  domain: 'HAFENWERK',
  dnsDomain: 'hafenwerk.example',
  timeZone: 'Europe/Berlin',
  sector: 'Manufacturing',
  employees: 30,
  hostPrefix: 'HW',
  network: '10.20.4',
};

describe('an invented company', () => {
  const estate = buildEstate(plan);

  it('gives everybody a workstation of their own', () => {
    const owners = estate.hosts.flatMap(({ owner }) => (owner ? [owner.account] : []));
    expect(new Set(owners).size).toBe(30);
    expect(owners).toEqual(estate.employees.map(({ account }) => account));
    expect(new Set(estate.hosts.map(({ ip }) => ip)).size).toBe(estate.hosts.length);
  });

  it('numbers workstations and names servers in a way that one can count on', () => {
    const names = estate.hosts.map(({ name, ip }) => `${name} ${ip}`);
    expect(names).toContain('HW-PC-014 10.20.4.14');
    expect(names.slice(0, 4)).toEqual([
      'HW-SRV-DC 10.20.4.201',
      'HW-SRV-FILE 10.20.4.202',
      'HW-SRV-APP 10.20.4.203',
      'HW-SRV-BACKUP 10.20.4.204',
    ]);
  });

  it('keeps its first people when it grows', () => {
    const larger = buildEstate({ ...plan, employees: 90 });
    expect(larger.employees.slice(0, 30)).toEqual(estate.employees);
  });

  it('has at most as many people as addresses', () => {
    expect(() => buildEstate({ ...plan, employees: 181 })).toThrow(RangeError);
  });
});

describe('a list of invented companies', () => {
  it('begins the same way however long it is', () => {
    expect(inventedEstates(30, 's').slice(0, 3)).toEqual(inventedEstates(3, 's'));
  });

  it('has no domain, host or network twice', () => {
    const estates = inventedEstates(60, 's');
    expect(new Set(estates.map(({ domain }) => domain)).size).toBe(60);
    const hosts = estates.flatMap((estate) => estate.hosts);
    expect(new Set(hosts.map(({ name }) => name)).size).toBe(hosts.length);
    expect(new Set(hosts.map(({ ip }) => ip)).size).toBe(hosts.length);
  });

  it('holds small and large ones of many sectors', () => {
    const estates = inventedEstates(20, 's');
    const sizes = estates.map(({ employees }) => employees.length);
    expect(Math.min(...sizes)).toBeLessThan(10);
    expect(Math.max(...sizes)).toBeGreaterThan(80);
    expect(new Set(estates.map(({ sector }) => sector)).size).toBeGreaterThanOrEqual(8);
  });
});
