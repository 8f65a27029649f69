import { buildEstate } from '../activity/build-estate.ts';
import type { Estate } from '../activity/estate.ts';
import { companies } from './companies.ts';

/** What a company's machines and people are made up from. */
interface Ground {
  readonly domain: string;
  readonly hostPrefix: string;
  /** The word of the background generator for what its people do. */
  readonly sector: string;
  readonly employees: number;
}

/** By the external reference of companies.ts. They are small, as most customers of a provider are. */
const grounds: Readonly<Record<string, Ground>> = {
  'NL-0000': ground('NORDLICHT', 'NI', 'Software', 12),
  'NL-1001': ground('HAFENWERK', 'HW', 'Logistics', 24),
  'NL-1002': ground('DEICH', 'PD', 'Health', 7),
  'NL-1003': ground('KRANICH', 'KM', 'Manufacturing', 16),
  'NL-1004': ground('GEESTLAND', 'SG', 'Schools', 20),
  'NL-1005': ground('KANZLEI-SIEL', 'KS', 'Law', 11),
  'AB-0000': ground('ALPENBLICK', 'AB', 'Software', 6),
  'AB-2001': ground('SONNENHOF', 'SH', 'Hospitality', 22),
  'AB-2002': ground('TALBRUCK', 'TT', 'Tax', 10),
};

function ground(domain: string, hostPrefix: string, sector: string, employees: number): Ground {
  return { domain, hostPrefix, sector, employees };
}

/** The machines and people of a customer of companies.ts. @throws {RangeError} there is no such customer */
export function estateOf(externalReference: string): Estate {
  const index = Object.keys(grounds).indexOf(externalReference);
  const found = grounds[externalReference];
  for (const { name, contact, ownEstate, customers } of companies) {
    const customer = [{ name, ...ownEstate }, ...customers].find(
      (each) => each.externalReference === externalReference,
    );
    if (!found || !customer) continue;
    return buildEstate({
      ...{ ...found, seed: 'first run', company: customer.name, timeZone: contact.timeZone },
      ...{ dnsDomain: `${found.domain.toLowerCase()}.example`, network: `10.20.${index + 4}` },
    });
  }
  throw new RangeError(`there is no customer ${externalReference}`);
}
