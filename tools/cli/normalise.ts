import { once } from 'node:events';
import { parseArgs } from 'node:util';

import { toEcs, toNative, toOcsf, toSigma } from '@vedette/event-model';
import type { NormalisedEvent } from '@vedette/event-model';
import {
  connectorTypes,
  isConnectorType,
  parserFor,
  unwrapSyslogJson,
} from '@vedette/ingestion/connectors';
import type { Parser } from '@vedette/ingestion/connectors';

import { readNdjson } from '@vedette/sigma/command';
import type { NdjsonLine } from '@vedette/sigma/command';

const help = `vedette normalise --connector TYPE [--as native|ecs|ocsf|sigma] FILE…

Reads connector records (NDJSON, also gzip) and prints the normalised events, one line for each record, in order.
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
      refused += await normaliseFile(file, options.parse, options.project);
    } catch (error) {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      return 2;
    }
  }
  if (refused > 0) process.stderr.write(`${String(refused)} records could not be read\n`);
  return refused > 0 ? 1 : 0;
}

interface Options {
  readonly parse: Parser;
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
  return { parse: parserFor(connector), project: shapes[shape], files: parsed.positionals };
}

function isShape(value: string): value is keyof typeof shapes {
  return Object.hasOwn(shapes, value);
}

async function normaliseFile(file: string, parse: Parser, project: Projection): Promise<number> {
  let refused = 0;
  for await (const line of readNdjson(file)) {
    const record = readRecord(line.text);
    if (record === null) refused += 1;
    const output = record === null ? refusal(line) : project(parse(record, Date.now()));
    // A reader that is slower than we are must not make this process grow.
    if (!process.stdout.write(`${JSON.stringify(output)}\n`)) await once(process.stdout, 'drain');
  }
  return refused;
}

function readRecord(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    // Not JSON: it may still be a syslog line that carries JSON.
    return unwrapSyslogJson(text);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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
