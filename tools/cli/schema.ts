import { readFileSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { parse, print } from 'graphql';

const supergraphFile = new URL('../../gateway/supergraph.graphql', import.meta.url);

/** The API schema that clients see: the supergraph without what is only for the gateway. */
export function toApiSchema(supergraphSdl: string): string {
  return `${print(transformSupergraphToPublicSchema(parse(supergraphSdl)))}\n`;
}

/** `vedette schema`: prints the API schema (SDL) from the committed supergraph; nothing has to run. */
export async function schema(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { help: { type: 'boolean', short: 'h', default: false } },
  });
  if (values.help) {
    process.stdout.write('vedette schema\n    Prints the API schema (SDL) on stdout.\n');
    return 0;
  }
  process.stdout.write(toApiSchema(readFileSync(supergraphFile, 'utf8')));
  return 0;
}
