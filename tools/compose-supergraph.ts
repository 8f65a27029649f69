// Composes services/*/schema.graphql into gateway/supergraph.graphql; with --check it only compares.
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { composeServices } from '@theguild/federation-composition';
import { GraphQLError, parse } from 'graphql';

const root = fileURLToPath(new URL('..', import.meta.url));
const supergraphFile = 'gateway/supergraph.graphql';

export interface Subgraph {
  readonly name: string;
  readonly sdl: string;
}

export interface Composition {
  /** The supergraph; absent when the subgraphs do not fit together. */
  readonly sdl?: string;
  /** Why not, in words; each begins with the subgraph's name where one is to blame. */
  readonly errors: readonly string[];
}

/**
 * Composes subgraphs, by default those of the services. Equal input gives equal bytes. Addresses in
 * the result are placeholders (`http://<name>`): the gateway gets the real ones from its settings.
 */
export function composeSupergraph(subgraphs: readonly Subgraph[] = readSubgraphs()): Composition {
  const parsed = subgraphs.map(parseSubgraph);
  const syntaxErrors = parsed.flatMap((subgraph) => (subgraph.error ? [subgraph.error] : []));
  if (syntaxErrors.length > 0) return { errors: syntaxErrors };
  const result = composeServices(
    parsed.flatMap(({ name, typeDefs }) =>
      typeDefs ? [{ name, typeDefs, url: `http://${name}` }] : [],
    ),
  );
  return result.errors
    ? { errors: result.errors.map((error) => error.message) }
    : { sdl: `${result.supergraphSdl.trim()}\n`, errors: [] };
}

function parseSubgraph({ name, sdl }: Subgraph) {
  try {
    return { name, typeDefs: parse(sdl) };
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const line = error.locations?.[0]?.line;
    return { name, error: `[${name}] line ${line}: ${error.message}` };
  }
}

function readSubgraphs(): readonly Subgraph[] {
  return globSync('services/*/schema.graphql', { cwd: root })
    .sort()
    .map((file) => ({
      name: basename(dirname(file)),
      sdl: readFileSync(join(root, file), 'utf8'),
    }));
}

function main(): number {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const { sdl, errors } = composeSupergraph();
  for (const error of errors) process.stderr.write(`${error}\n`);
  if (sdl === undefined) return 1;
  const file = join(root, supergraphFile);
  const isCurrent = existsSync(file) && readFileSync(file, 'utf8') === sdl;
  if (values.check && !isCurrent) {
    process.stderr.write(`${supergraphFile} is stale: run 'npm run gen' and commit it\n`);
    return 1;
  }
  if (!isCurrent) writeFileSync(file, sdl);
  return 0;
}

if (import.meta.main) process.exitCode = main();
