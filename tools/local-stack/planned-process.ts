import { join } from 'node:path';
import { assertPortIsFree } from '@vedette/testkit/servers';
import type { ServiceDatabase } from './databases.ts';
import type { KeyFiles } from './keys.ts';
import { portOffsets, replicaStride } from './ports.ts';
import type { ProcessDefinition } from './processes.ts';
import { startServiceProcess, type ServiceProcess } from './service-process.ts';
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

/** Starts one process with the environment that its definition asks for. */
export function startPlanned(
  { definition, replica }: PlannedProcess,
  options: StackOptions,
  surroundings: {
    readonly keys: KeyFiles;
    readonly databases: Readonly<Record<string, ServiceDatabase>>;
    readonly natsUrl: string;
  },
  onChange: () => void,
): Promise<ServiceProcess> {
  const { root, dataDir, portBase, settings, onLine, onProgress } = options;
  const ownPort = (offset: number) => portBase + offset + replica * replicaStride;
  const port = (offset: number) => portBase + offset;
  const label = replica === 0 ? definition.name : `${definition.name}-${replica + 1}`;
  const servicePort = ownPort(definition.portOffset);
  return startServiceProcess({
    name: definition.name,
    entry: join(root, definition.entry),
    args: definition.args ?? [],
    url: `http://127.0.0.1:${servicePort}`,
    env: {
      LOG_LEVEL: 'info',
      ...settings.environment,
      ...definition.environment({ root, ownPort, port, ...surroundings }),
      NODE_ENV: 'production',
      // What an earlier start has compiled: it saves each process a third of its start.
      NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node-compile'),
      SERVICE_HOST: '127.0.0.1',
      SERVICE_PORT: String(servicePort),
    },
    logFile: join(dataDir, 'logs', `${label}.log`),
    onLine: (_name, line) => onLine(label, line),
    onChange,
    onProgress,
  });
}
