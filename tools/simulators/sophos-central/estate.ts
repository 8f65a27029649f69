import { createHash } from 'node:crypto';

/** A tenant of the simulated partner, with all that it has. */
export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly geography: 'DE' | 'US';
  readonly billingType: 'term' | 'usage' | 'trial';
  /** False for one that is not set up yet: it has no address. */
  readonly isProvisioned: boolean;
  /** False for a term customer that has not let its partner in: every call for it is 403. */
  readonly letsPartnerIn: boolean;
  readonly clientId: string;
  readonly endpoints: readonly Endpoint[];
  readonly firewalls: readonly Firewall[];
}

export interface Endpoint {
  readonly id: string;
  readonly hostname: string;
  readonly type: 'computer' | 'server';
  readonly user: string;
  readonly ip: string;
  readonly mac: string;
  readonly health: 'good' | 'suspicious' | 'bad';
  readonly isTamperProtected: boolean;
}

export interface Firewall {
  readonly id: string;
  readonly serialNumber: string;
  readonly hostname: string;
}

/** An id in the form of a UUID that is always the same for the same names. */
export function idOf(...names: readonly (string | number)[]): string {
  const hex = createHash('sha256').update(names.join('/')).digest('hex');
  return [
    ...[hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`],
    hex.slice(20, 32),
  ].join('-');
}

/** Invented companies; any likeness to a real one is chance. */
const companies = [
  { name: 'Harbour Mills', prefix: 'HM', billingType: 'usage' },
  { name: 'Kestrel Freight', prefix: 'KF', billingType: 'usage' },
  { name: 'Juniper Dental', prefix: 'JD', billingType: 'trial' },
  { name: 'Quarry Lane Foods', prefix: 'QL', billingType: 'usage', isProvisioned: false },
  { name: 'Tidewater Legal', prefix: 'TL', billingType: 'term', letsPartnerIn: false },
  { name: 'Bramble Hotels', prefix: 'BH', billingType: 'term' },
] as const;

const people = ['m.ahlers', 'j.brandt', 's.kaya', 'p.lund', 'r.otto', 't.winter', 'e.falk'];

/** The partner's tenants, the same for the same seed. @param endpointCount of each tenant */
export function createTenants(seed: string, endpointCount: number): readonly Tenant[] {
  return companies.map((company, place) => {
    const isEurope = place % 2 === 0;
    return {
      id: idOf(seed, 'tenant', company.name),
      name: company.name,
      region: isEurope ? 'eu01' : 'us01',
      geography: isEurope ? 'DE' : 'US',
      billingType: company.billingType,
      isProvisioned: !('isProvisioned' in company),
      letsPartnerIn: !('letsPartnerIn' in company),
      clientId: `simulated-${company.prefix.toLowerCase()}`,
      endpoints: Array.from({ length: endpointCount }, (_, n) =>
        createEndpoint(seed, company.prefix, place, n),
      ),
      firewalls: [
        {
          id: idOf(seed, 'firewall', company.prefix),
          serialNumber: `SIM${company.prefix}0001`,
          hostname: `${company.prefix.toLowerCase()}-edge`,
        },
      ],
    };
  });
}

function createEndpoint(seed: string, prefix: string, place: number, n: number): Endpoint {
  const isServer = n % 4 === 3;
  return {
    id: idOf(seed, 'endpoint', prefix, n),
    hostname: `${prefix}-${isServer ? 'SRV' : 'WS'}-${String(n + 1).padStart(2, '0')}`,
    type: isServer ? 'server' : 'computer',
    user: `${prefix}\\${people[n % people.length] ?? ''}`,
    ip: `192.0.2.${1 + ((place * 40 + n) % 250)}`,
    mac: `02:00:5E:00:${hexByte(place)}:${hexByte(n)}`,
    health: n % 7 === 5 ? 'suspicious' : 'good',
    isTamperProtected: n % 9 !== 7,
  };
}

function hexByte(value: number): string {
  return (value % 256).toString(16).padStart(2, '0').toUpperCase();
}
