import { join } from 'node:path';
import { assertPortIsFree } from '@vedette/testkit/servers';
import { portOffsets, replicaStride } from './ports.ts';
import type { ProcessDefinition, ProcessSurroundings } from './processes.ts';
import { startServiceProcess, toReadyUrl, type ServiceProcess } from './service-process.ts';
import type { StackOptions } from './stack-options.ts';

/** One process of this run. */
export interface PlannedProcess {
  readonly definition: ProcessDefinition;
  /** Counts from 0. */
  readonly replica: number;
}

/** One entry per process to start, replicas included. @throws {Error} an unknown name is replicated */
export function planProcesses({ processes, replicas }: StackOptions): PlannedProcess[] {
  const unknown = Object.keys(replicas).find(
    (name) => !processes.some((each) => each.name === name),
  );
  if (unknown !== undefined) {
    const names = processes.map(({ name }) => name).join(', ');
    throw new Error(`there is no process '${unknown}' to replicate; known: ${names}`);
  }
  return processes.flatMap((definition) =>
    Array.from({ length: replicas[definition.name] ?? 1 }, (_, replica) => ({
      definition,
      replica,
    })),
  );
}

/** @throws {Error} names the first port that something else uses, and who wanted it */
export async function assertPortsAreFree(
  { portBase, settings }: StackOptions,
  planned: readonly PlannedProcess[],
): Promise<void> {
  const { postgresAdminUrl, natsUrl } = settings;
  await assertPortIsFree(portBase + portOffsets.oidc, 'oidc');
  if (postgresAdminUrl === undefined) {
    await assertPortIsFree(portBase + portOffsets.postgres, 'postgres');
  }
  if (natsUrl === undefined) await assertPortIsFree(portBase + portOffsets.nats, 'nats');
  for (const { definition, replica } of planned) {
    for (const offset of [definition.portOffset, ...(definition.doorOffsets ?? [])]) {
      await assertPortIsFree(portBase + offset + replica * replicaStride, definition.name);
    }
  }
}

/** What all processes share. */
export type Surroundings = Pick<ProcessSurroundings, 'keys' | 'databases' | 'natsUrlOf'>;

/** The environment that a process's definition asks for, on top of our own. */
export function toEnvironment(
  { definition, replica }: PlannedProcess,
  { root, dataDir, portBase, settings }: StackOptions,
  surroundings: Surroundings,
): Readonly<Record<string, string | undefined>> {
  const ownPort = (offset: number) => portBase + offset + replica * replicaStride;
  const port = (offset: number) => portBase + offset;
  return {
    LOG_LEVEL: 'info',
    ...settings.environment,
    ...definition.environment({
      ...{ root, dataDir, ownPort, port, rulesDirs: settings.rulesDirs ?? [] },
      ...surroundings,
    }),
    NODE_ENV: 'production',
    // What an earlier start has compiled: it saves each process a third of its start.
    NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node-compile'),
    SERVICE_HOST: '127.0.0.1',
    SERVICE_PORT: String(ownPort(definition.portOffset)),
  };
}

/** Starts one process with the environment that its definition asks for. */
export function startPlanned(
  plan: PlannedProcess,
  options: StackOptions,
  surroundings: Surroundings,
  onChange: () => void,
): Promise<ServiceProcess> {
  const { definition, replica } = plan;
  const { root, dataDir, onLine, onProgress } = options;
  const label = replica === 0 ? definition.name : `${definition.name}-${replica + 1}`;
  const env = toEnvironment(plan, options, surroundings);
  const url = `http://127.0.0.1:${env.SERVICE_PORT}`;
  return startServiceProcess({
    name: definition.name,
    entry: join(root, definition.entry),
    args: definition.args ?? [],
    url,
    readyUrl: toReadyUrl(url),
    env,
    logFile: join(dataDir, 'logs', `${label}.log`),
    onLine: (_name, line) => onLine(label, line),
    onChange,
    onProgress,
  });
}
