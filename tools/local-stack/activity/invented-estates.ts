import { buildEstate } from './build-estate.ts';
import type { Estate } from './estate.ts';
import { inventedCompanies } from './invented-names.ts';

/** Companies for tests and benchmarks; the n-th is the same however many are asked for. */
export function inventedEstates(count: number, seed: string): Estate[] {
  return Array.from({ length: count }, (_, index) => inventedEstate(index, seed));
}

/** @param index from 0 */
function inventedEstate(index: number, seed: string): Estate {
  const model = inventedCompanies[index % inventedCompanies.length];
  if (!model) throw new RangeError(`there is no company number ${index}`);
  // After the last name the first comes again, as another branch.
  const branch = Math.floor(index / inventedCompanies.length);
  const suffix = branch === 0 ? '' : String(branch + 1);
  return buildEstate({
    ...model,
    seed,
    company: `${model.company} ${suffix}`.trimEnd(),
    domain: `${model.domain}${suffix}`,
    dnsDomain: `${model.domain.toLowerCase()}${suffix}.example`,
    hostPrefix: `${model.hostPrefix}${suffix}`,
    network: `10.${20 + Math.floor(index / 250)}.${index % 250}`,
  });
}
