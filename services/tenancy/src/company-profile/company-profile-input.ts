import { parseCountry, parseLabel, parseList, parseOptional, refuseInput } from '../input.ts';
import { emptyProfile, exposures, sortExposure } from './company-profile.ts';
import type { CompanyProfile, CompanySize, Exposure, Sector } from './company-profile.ts';

export interface CompanyProfileInput {
  readonly sector?: Sector | null;
  readonly size?: CompanySize | null;
  readonly region?: string | null;
  readonly technologies?: readonly string[] | null;
  readonly exposure?: readonly Exposure[] | null;
}

const maxTechnologies = 50;
const maxTechnologyLength = 100;

/** @throws {InvalidInputError} problems name fields under `path` */
export function parseProfile(
  path: string,
  input: CompanyProfileInput | null | undefined,
): CompanyProfile {
  if (!input) return emptyProfile;
  return {
    sector: input.sector ?? null,
    size: input.size ?? null,
    region: parseOptional(`${path}.region`, input.region, parseCountry),
    technologies: parseTechnologies(`${path}.technologies`, input.technologies),
    exposure: parseExposure(`${path}.exposure`, input.exposure),
  };
}

/** Each once, in the given order. */
export function parseTechnologies(
  path: string,
  names: readonly string[] | null | undefined,
): string[] {
  const parsed = parseList(path, names, maxTechnologies, (place, name) =>
    parseLabel(place, name, maxTechnologyLength),
  );
  return [...new Set(parsed)];
}

function parseExposure(path: string, given: readonly Exposure[] | null | undefined): Exposure[] {
  const named = given ?? [];
  // GraphQL has checked the values; a list of thousands would still be work for nothing.
  if (named.length > 2 * exposures.length) refuseInput(path, 'names the same several times');
  return sortExposure(named);
}
