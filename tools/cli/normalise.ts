import { once } from 'node:events';
import { parseArgs } from 'node:util';

import { toEcs, toNative, toOcsf, toSigma } from '@vedette/event-model';
import type { NormalisedEvent } from '@vedette/event-model';
import {
  connectorTypes,
  connectorOf,
  isConnectorType,
  readRecords,
} from '@vedette/ingestion/connectors';
import type { ConnectorDefinition } from '@vedette/ingestion/connectors';

import { readNdjson } from '@vedette/sigma/command';
import type { NdjsonLine } from '@vedette/sigma/command';

const help = `vedette normalise --connector TYPE [--as native|ecs|ocsf|sigma] FILE…

Reads connector records (NDJSON or, for sources of text, their lines; also gzip) and prints the normalised events in
order: one line for each record, and as many as there are for a line that wraps several.
A record that cannot be read is printed as {"error":{"code","message"},"line"}; the exit code is then 1.

  --connector TYPE   ${connectorTypes.join(', ')}
  --as SHAPE         native (default): our own model · ecs · ocsf · sigma
`;

const shapes = { native: toNative, ecs: toEcs, ocsf: toOcsf, sigma: toSigma } as const;

type Projection = (event: NormalisedEvent) => object;

/**
 * The command `normalise`: connector records in, events out on stdout.
 * @returns the exit code: 0 all lines were read, 1 some were not, 2 wrong usage or unreadable file
 */
export async function normalise(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${help}`);
    return 2;
  }
  if (options === null) {
    process.stdout.write(help);
    return 0;
  }
  let refused = 0;
  for (const file of options.files) {
    try {
      refused += await normaliseFile(file, options.connector, options.project);
    } catch (error) {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      return 2;
    }
  }
  if (refused > 0) process.stderr.write(`${String(refused)} records could not be read\n`);
  return refused > 0 ? 1 : 0;
}

interface Options {
  readonly connector: ConnectorDefinition;
  readonly project: Projection;
  readonly files: readonly string[];
}

/** Null asks for help; a text says what is wrong. */
function readOptions(args: readonly string[]): Options | string | null {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        connector: { type: 'string' },
        as: { type: 'string', default: 'native' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const { connector, as: shape, help: isHelp } = parsed.values;
  if (isHelp === true) return null;
  if (!isConnectorType(connector)) {
    return `--connector must be one of: ${connectorTypes.join(', ')}`;
  }
  if (!isShape(shape)) return `--as must be one of: ${Object.keys(shapes).join(', ')}`;
  if (parsed.positionals.length === 0) return 'name at least one file';
  return {
    connector: connectorOf(connector),
    project: shapes[shape],
    files: parsed.positionals,
  };
}

function isShape(value: string): value is keyof typeof shapes {
  return Object.hasOwn(shapes, value);
}

async function normaliseFile(
  file: string,
  connector: ConnectorDefinition,
  project: Projection,
): Promise<number> {
  let refused = 0;
  for await (const line of readNdjson(file)) {
    const records = readRecords(connector, line.text);
    if (records === null) refused += 1;
    const events = (records ?? []).map((record) =>
      project(connector.parse(record, Date.now(), {})),
    );
    for (const output of records === null ? [refusal(line)] : events) {
      // A reader that is slower than we are must not make this process grow.
      if (!process.stdout.write(`${JSON.stringify(output)}\n`)) await once(process.stdout, 'drain');
    }
  }
  return refused;
}

function refusal({ line, text }: NdjsonLine): object {
  const first = text.trimStart()[0];
  const isJson = first !== undefined && '["-0123456789tfn'.includes(first);
  return {
    error: isJson
      ? { code: 'NOT_AN_OBJECT', message: 'a record is a JSON object' }
      : { code: 'NOT_JSON', message: 'the line is not JSON' },
    line,
  };
}
