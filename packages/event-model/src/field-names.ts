import { fieldCatalogue, ocsfNameOf } from './field-catalogue.ts';

/** The sources' own names by every name in any vocabulary. */
const namesByName: ReadonlyMap<string, ReadonlySet<string>> = indexNames();

function indexNames(): ReadonlyMap<string, ReadonlySet<string>> {
  const index = new Map<string, Set<string>>();
  const note = (name: string | null, sigma: string): void => {
    if (name === null) return;
    const names = index.get(name);
    if (names) names.add(sigma);
    else index.set(name, new Set([sigma]));
  };
  for (const entry of fieldCatalogue) {
    const { sigma, ocsf, ecs, type } = entry;
    for (const name of new Set([ocsf, ocsfNameOf(entry), ecs])) note(name, sigma);
    // An account's text holds the name, after the domain where there is one.
    if (type !== 'account') continue;
    for (const name of [ocsf, ecs]) note(name === null ? null : `${name}.name`, sigma);
  }
  return index;
}

/**
 * Under which names events may hold what a name means, in whatever class and from whatever source: the name itself
 * (Sigma's, which is the source's own), then those that the catalogue gives for it as an OCSF path or an ECS name.
 * A name that the catalogue does not know is taken for a source's own.
 */
export function fieldNamesOf(name: string): readonly string[] {
  return [...new Set([name, ...(namesByName.get(name) ?? [])])];
}
