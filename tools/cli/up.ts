import process from 'node:process';
import { parseArgs } from 'node:util';
import { loadStackSettings } from '../local-stack/config.ts';
import { followDetached, startDetached } from '../local-stack/detach.ts';
import {
  defaultPortBase,
  maxReplicas,
  parsePortBase,
  portOffsets,
  replicaStride,
} from '../local-stack/ports.ts';
import { assertGivenServersAnswer } from '../local-stack/given-servers.ts';
import { databaseServices, processes } from '../local-stack/processes.ts';
import { createStack, type Stack } from '../local-stack/stack.ts';
import { isDemonstrationDone } from '../local-stack/demonstration.ts';
import { accountFile, toReminder, type Surroundings } from '../local-stack/first-run/account.ts';
import { ensureTenants } from '../local-stack/first-run/ensure-tenants.ts';
import { giveAccount } from '../local-stack/first-run/give-account.ts';
import { dataDirHelp, dataDirOption, root, toDataDir } from './data-dir.ts';
import { UsageError } from './usage-error.ts';

const HELP = `vedette up [--no-demo] [--detach] [--port-base N] [--replicas SERVICE=N] [--data-dir D]
    Starts PostgreSQL, NATS, an OpenID provider, the services and the gateway. Prints the content of endpoints.json as
    one line when all is ready, and stays until a signal or 'vedette down'.
    --no-demo            leave out the replayed attacks of the first run and the account of them
    --detach             return when all is ready and leave it running; the first run's account then goes to
                         account.txt in the data directory
    --port-base N        first port, default ${defaultPortBase}; from it count
                         ${describePorts()}
    --replicas SERVICE=N run a process N times, the n-th on ports ${replicaStride} × n further on;
                         may be given more than once
${dataDirHelp}    Servers of your own are taken from VEDETTE_POSTGRES_ADMIN_URL (a superuser) and VEDETTE_NATS_URL
    (one user for all processes; our own NATS has one for each service).
`;

const upOptions = {
  ...dataDirOption,
  help: { type: 'boolean', short: 'h', default: false },
  'no-demo': { type: 'boolean', default: false },
  detach: { type: 'boolean', default: false },
  'port-base': { type: 'string', default: String(defaultPortBase) },
  replicas: { type: 'string', multiple: true, default: [] as string[] },
  // Set by --detach for the process that stays: the services' lines go to their files alone.
  background: { type: 'boolean', default: false },
} as const;

export async function up(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: upOptions });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const dataDir = toDataDir(values['data-dir']);
  const portBase = parsePortBase(values['port-base']);
  const replicas = parseReplicas(values.replicas);
  const settings = loadStackSettings();
  await assertGivenServersAnswer(settings);
  if (values.detach) {
    const others = args.filter((argument) => argument !== '--detach');
    const background = await startDetached(dataDir, ['up', ...others, '--background']);
    const endpoints = await followDetached(dataDir, background, say);
    process.stdout.write(`${JSON.stringify(endpoints)}\n`);
    if (!values['no-demo'] && !(await isDemonstrationDone(dataDir))) {
      say(`replaying two attacks; what comes of it, within a minute: ${accountFile(dataDir)}`);
    }
    for (const line of toReminder({ root, dataDir, endpoints })) say(line);
    return 0;
  }
  const stack = createStack({
    ...{ root, dataDir, portBase, replicas, processes, databaseServices },
    settings,
    onLine: (name, line) => {
      if (!values.background) process.stderr.write(`${name.padEnd(17)} | ${line}\n`);
    },
    onProgress: say,
  });
  return runUntilSignal(stack, {
    isDemoWanted: !values['no-demo'],
    isInBackground: values.background,
  });
}

/** A second signal changes nothing: a terminal's Ctrl-C reaches us twice, see bootstrap.mjs. */
async function runUntilSignal(
  stack: Stack,
  run: { readonly isDemoWanted: boolean; readonly isInBackground: boolean },
): Promise<number> {
  const { promise: signalled, resolve } = Promise.withResolvers<null>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      say(`${signal}: stopping …`);
      resolve(null);
    });
  }
  const stopping = signalled.then(() => stack.stop());
  try {
    const startedAt = Date.now();
    await stack.start();
    await ensureTenants(stack, say);
    const endpoints = await stack.publishEndpoints();
    say(`ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
    process.stdout.write(`${JSON.stringify(endpoints)}\n`);
    const surroundings = { root, dataDir: stack.dataDir, endpoints };
    // Stopping does not wait for the rest of it: the next start sends it again.
    await Promise.race([tell(surroundings, run), stopping]);
    await stopping;
    say('stopped');
    return 0;
  } finally {
    await stack.stop();
  }
}

/** The account after the first start, a reminder after the others. In the background the caller has it. */
async function tell(
  surroundings: Surroundings,
  run: { readonly isDemoWanted: boolean; readonly isInBackground: boolean },
): Promise<void> {
  if (run.isDemoWanted && !(await isDemonstrationDone(surroundings.dataDir))) {
    if (!run.isInBackground) say('replaying two attacks amid ordinary work …');
    await giveAccount(surroundings, say);
  } else if (!run.isInBackground) {
    for (const line of toReminder(surroundings)) say(line);
  }
}

/** @throws {UsageError} not of the form SERVICE=N with N from 1 to {@link maxReplicas} */
function parseReplicas(options: readonly string[]): Readonly<Record<string, number>> {
  const parsed = options.map((option) => {
    const [, name = '', digits = ''] = /^([a-z-]+)=(\d+)$/.exec(option) ?? [];
    const count = Number(digits);
    if (name !== '' && count >= 1 && count <= maxReplicas) return [name, count] as const;
    throw new UsageError(
      `--replicas must be SERVICE=N with N from 1 to ${maxReplicas}, not '${option}'`,
    );
  });
  return Object.fromEntries(parsed);
}

/** Such as `gateway +0, ingest-http +1`. */
function describePorts(): string {
  const ports = Object.entries(portOffsets).map(([name, offset]) => {
    const words = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return `${words} +${offset}`;
  });
  return ports.join(', ');
}

function say(message: string): void {
  process.stderr.write(`vedette: ${message}\n`);
}
