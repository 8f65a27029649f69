/** What a company does. */
export const sectors = [
  'AGRICULTURE',
  'CONSTRUCTION',
  'EDUCATION',
  'ENERGY',
  'FINANCE',
  'GOVERNMENT',
  'HEALTHCARE',
  'HOSPITALITY',
  'INFORMATION_TECHNOLOGY',
  'MANUFACTURING',
  'MEDIA',
  'NON_PROFIT',
  'PROFESSIONAL_SERVICES',
  'REAL_ESTATE',
  'RETAIL',
  'TELECOMMUNICATIONS',
  'TRANSPORT',
  'UTILITIES',
  'OTHER',
] as const;

export type Sector = (typeof sectors)[number];

/** How large a company is, by the European Commission's classes. */
export const companySizes = ['MICRO', 'SMALL', 'MEDIUM', 'LARGE'] as const;

export type CompanySize = (typeof companySizes)[number];

/** What makes a company easier to reach, or more rewarding to attack. */
export const exposures = [
  'INTERNET_FACING_SERVICES',
  'REMOTE_ACCESS',
  'THIRD_PARTY_ACCESS',
  'PUBLIC_CLOUD',
  'OPERATIONAL_TECHNOLOGY',
  'PAYMENT_DATA',
  'HEALTH_DATA',
] as const;

export type Exposure = (typeof exposures)[number];

/** What kind of company a customer is. */
export interface CompanyProfile {
  readonly sector: Sector | null;
  readonly size: CompanySize | null;
  /** ISO 3166-1 alpha-2. */
  readonly region: string | null;
  readonly technologies: readonly string[];
  /** In the order of {@link exposures}, each once. */
  readonly exposure: readonly Exposure[];
}

export const emptyProfile: CompanyProfile = {
  sector: null,
  size: null,
  region: null,
  technologies: [],
  exposure: [],
};

export function sortExposure(named: readonly Exposure[]): Exposure[] {
  return exposures.filter((each) => named.includes(each));
}
