import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { waitFor } from '@vedette/testkit';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const vedette = join(root, 'vedette');

interface RunningProcess {
  readonly name: string;
  readonly pid: number | null;
  readonly url: string;
}

/** The part of `endpoints.json` that tests use. */
export interface Endpoints {
  readonly gateway: { readonly http: string };
  readonly ingest: { readonly http: string };
  readonly principals: Readonly<Record<string, { readonly id: string; readonly token: string }>>;
  readonly sensors: readonly {
    readonly customerId: string;
    readonly providerId: string;
    readonly connectorId: string;
    readonly key: string;
  }[];
  readonly services: readonly RunningProcess[];
  readonly infrastructure: readonly RunningProcess[];
}

interface Status {
  readonly ready: boolean;
  readonly consumers: readonly { readonly pending: number }[];
  readonly outbox: readonly { readonly rows: number }[];
  readonly deadLetters: number;
}

export interface GraphQLAnswer<Data> {
  readonly data: Data | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: { readonly code: string; readonly traceId?: string };
  }[];
}

/** The whole product, started as a user starts it, on a data directory of its own. */
export interface VedetteStack {
  readonly endpoints: Endpoints;
  /** What runs at this moment: processes that were killed come back under another id. */
  readEndpoints(): Promise<Endpoints>;
  /** Runs a `vedette` command on this stack and returns its stdout. */
  command(...args: string[]): Promise<string>;
  status(): Promise<Status>;
  /** Waits until every message is handled and every event published. */
  waitUntilDrained(timeoutMs?: number): Promise<void>;
  ask<Data>(principal: string, query: string, variables?: object): Promise<GraphQLAnswer<Data>>;
  /** Asks with a token or key of one's own. Whoever is told to slow down waits and asks again. */
  askWith<Data>(token: string, query: string, variables?: object): Promise<GraphQLAnswer<Data>>;
  stop(): Promise<void>;
}

export async function startVedette(portBase: number, ...options: string[]): Promise<VedetteStack> {
  const folder = await mkdtemp(join(tmpdir(), 'vedette-story-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const stack = await startVedetteIn(folder, portBase, ...options);
    return {
      ...stack,
      stop: async () => {
        await stack.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The same with its data below a folder that is there, and stays. */
export async function startVedetteIn(
  folder: string,
  portBase: number,
  ...options: string[]
): Promise<VedetteStack> {
  const dataArgs = ['--data-dir', join(folder, 'data')];
  const command = async (...args: string[]): Promise<string> => {
    const { stdout } = await run(vedette, [...args, ...dataArgs], { maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  };
  const stop = async (): Promise<void> => {
    await command('down');
  };
  try {
    const printed = await command('up', '--detach', '--port-base', String(portBase), ...options);
    return createStack(
      JSON.parse(printed) as Endpoints,
      join(folder, 'data', 'endpoints.json'),
      command,
      stop,
    );
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The API schema, as `vedette schema` prints it. */
export async function readApiSchema(): Promise<string> {
  return (await run(vedette, ['schema'], { maxBuffer: 64 * 1024 * 1024 })).stdout;
}

function createStack(
  endpoints: Endpoints,
  endpointsFile: string,
  command: VedetteStack['command'],
  stop: () => Promise<void>,
): VedetteStack {
  // `status` ends with an error while something is not ready, and still prints what it saw.
  const status = async (): Promise<Status> => {
    const printed = await command('status').catch(
      (error: unknown) => (error as { stdout: string }).stdout,
    );
    return JSON.parse(printed) as Status;
  };
  return {
    endpoints,
    readEndpoints: async () => JSON.parse(await readFile(endpointsFile, 'utf8')) as Endpoints,
    command,
    status,
    waitUntilDrained: async (timeoutMs = 60_000) => {
      await waitFor(
        async () => {
          const { ready, consumers, outbox } = await status();
          return (
            ready &&
            consumers.every(({ pending }) => pending === 0) &&
            outbox.every(({ rows }) => rows === 0)
          );
        },
        { timeoutMs },
      );
    },
    ask: (principal, query, variables) =>
      askGateway(endpoints, endpoints.principals[principal]?.token ?? '', query, variables),
    askWith: (token, query, variables) => askGateway(endpoints, token, query, variables),
    stop,
  };
}

async function askGateway<Data>(
  { gateway }: Endpoints,
  token: string,
  query: string,
  variables: object = {},
): Promise<GraphQLAnswer<Data>> {
  for (;;) {
    const response = await fetch(gateway.http, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    });
    if (response.status !== 429) return (await response.json()) as GraphQLAnswer<Data>;
    await response.body?.cancel();
    await sleep(Number(response.headers.get('retry-after') ?? 1) * 1_000);
  }
}

/** A Sysmon record of a process start, as a sensor sends it. */
export function aProcessStart(
  host: string,
  commandLine: string,
  more: Readonly<Record<string, unknown>> = {},
): object {
  const image = commandLine.split(' ')[0] ?? '';
  return {
    Channel: 'Microsoft-Windows-Sysmon/Operational',
    SourceName: 'Microsoft-Windows-Sysmon',
    EventID: 1,
    UtcTime: new Date().toISOString().replace('T', ' ').slice(0, 23),
    Hostname: host,
    ProcessGuid: `{${randomUUID()}}`,
    ProcessId: 4242,
    User: 'HAFENWERK\\j.petersen',
    Image: `C:\\Windows\\System32\\${image}`,
    CommandLine: commandLine,
    ParentImage: 'C:\\Windows\\System32\\cmd.exe',
    ...more,
  };
}

/** What our rule pack calls critical: the copies that a machine could be recovered from are deleted. */
export function anAttack(host: string): object {
  return aProcessStart(host, 'vssadmin.exe delete shadows /all /quiet', {
    OriginalFileName: 'VSSADMIN.EXE',
  });
}

export interface IntakeAnswer {
  readonly accepted: number;
  readonly rejected: number;
  readonly ids?: readonly string[];
}

/** Sends records once and returns the raw answer. */
export function sendRecords(
  endpoints: Pick<Endpoints, 'ingest'>,
  key: string,
  records: readonly object[],
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${endpoints.ingest.http}/v1/events`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/x-ndjson',
      prefer: 'return=representation',
      ...headers,
    },
    body: records.map((record) => `${JSON.stringify(record)}\n`).join(''),
    signal: AbortSignal.timeout(20_000),
  });
}
