import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDataDir } from './data-files.ts';
import { prepareDatabases } from './databases.ts';
import { removeEndpoints, type Endpoints } from './endpoints.ts';
import { startInfrastructure, type Infrastructure } from './infrastructure.ts';
import { ensureKeys } from './keys.ts';
import { migrateSchemas } from './migrate-schemas.ts';
import {
  assertPortsAreFree,
  planProcesses,
  startPlanned,
  type PlannedProcess,
} from './planned-process.ts';
import { portOffsets } from './ports.ts';
import { createRunPublisher, type RunPublisher } from './run-publisher.ts';
import { claimDataDir, releaseDataDir, stopLeftovers, type RunRecord } from './run-record.ts';
import type { ServiceProcess } from './service-process.ts';
import type { StackOptions } from './stack-options.ts';

export interface Stack {
  readonly dataDir: string;
  readonly gatewayUrl: string;
  readonly oidcUrl: string;
  /**
   * Starts everything and waits until all of it is ready.
   * @throws {Error} a port is in use, a server or process does not become ready, or `stop` was called;
   * call `stop` afterwards
   */
  start(): Promise<void>;
  /** Writes `endpoints.json`; from now on it is written again after each restart of a process. */
  publishEndpoints(): Promise<Endpoints>;
  /** Stops in order: edge, services, servers. May be called at any time and twice. */
  stop(): Promise<void>;
}

const readyTimeoutMs = 90_000;

/** What has been started so far; `stop` lets go of exactly that. */
interface Parts {
  isClaimed: boolean;
  infrastructure: Infrastructure | null;
  readonly services: ServiceProcess[];
}

/** The whole product on this machine. Nothing happens before `start`. */
export function createStack(options: StackOptions): Stack {
  const { dataDir, portBase } = options;
  const port = (offset: number) => portBase + offset;
  const parts: Parts = { isClaimed: false, infrastructure: null, services: [] };
  const publisher = createRunPublisher(dataDir, port, () => toRecord(parts));
  const stopping = new AbortController();
  let starting: Promise<void> = Promise.resolve();
  let stopped: Promise<void> | null = null;
  const stop = async () => {
    stopping.abort(new Error('the stack is being stopped'));
    await Promise.allSettled([starting]);
    await stopParts(options, parts, publisher);
  };
  return {
    dataDir,
    gatewayUrl: `http://127.0.0.1:${port(portOffsets.gateway)}/graphql`,
    oidcUrl: `http://127.0.0.1:${port(portOffsets.oidc)}`,
    start: () => (starting = startParts(options, parts, publisher, stopping.signal)),
    publishEndpoints: () => publisher.publish(),
    stop: () => (stopped ??= stop()),
  };
}

async function startParts(
  options: StackOptions,
  parts: Parts,
  publisher: RunPublisher,
  signal: AbortSignal,
): Promise<void> {
  const { root, dataDir, portBase, onLine, onProgress } = options;
  await makeDataDir(dataDir);
  await claimDataDir(dataDir);
  parts.isClaimed = true;
  await stopLeftovers(dataDir, onProgress);
  await removeEndpoints(dataDir);
  for (const folder of ['logs', 'exports']) {
    await mkdir(join(dataDir, folder), { recursive: true, mode: 0o700 });
  }
  const planned = planProcesses(options);
  await assertPortsAreFree(options, planned);
  const onChange = () => {
    publisher.update().catch((error: unknown) => {
      onProgress(`what runs could not be recorded: ${String(error)}`);
    });
  };
  parts.infrastructure = await startInfrastructure({
    ...options.settings,
    ...{ root, dataDir, onLine, onChange, onProgress },
    postgresPort: portBase + portOffsets.postgres,
    natsPort: portBase + portOffsets.nats,
    oidcPort: portBase + portOffsets.oidc,
  });
  await publisher.update();
  signal.throwIfAborted();
  await startServices(options, parts, parts.infrastructure, { planned, signal, onChange });
  await publisher.update();
  const waits = [...parts.services, parts.infrastructure.oidc].map((each) =>
    each.waitUntilReady(readyTimeoutMs, signal),
  );
  await Promise.all(waits);
}

/** Schemas first; then all processes at once: each waits for what it needs by itself. */
async function startServices(
  options: StackOptions,
  parts: Parts,
  { postgresAdminUrl, natsUrlOf }: Infrastructure,
  run: {
    readonly planned: readonly PlannedProcess[];
    readonly signal: AbortSignal;
    readonly onChange: () => void;
  },
): Promise<void> {
  const { dataDir, databaseServices, onProgress } = options;
  const keys = await ensureKeys(dataDir);
  const databases = await prepareDatabases(postgresAdminUrl, dataDir, databaseServices);
  const surroundings = { keys, databases, natsUrlOf };
  await migrateSchemas(postgresAdminUrl, options, surroundings, run.signal);
  onProgress(`starting ${run.planned.length} processes`);
  for (const plan of run.planned) {
    run.signal.throwIfAborted();
    parts.services.push(await startPlanned(plan, options, surroundings, run.onChange));
  }
}

async function stopParts(
  options: StackOptions,
  { isClaimed, services, infrastructure }: Parts,
  publisher: RunPublisher,
): Promise<void> {
  if (!isClaimed) return;
  await publisher.withdraw();
  const edge = options.processes.filter(({ isEdge }) => isEdge === true).map(({ name }) => name);
  await Promise.all(services.filter(({ name }) => edge.includes(name)).map((each) => each.stop()));
  await Promise.all(services.map((each) => each.stop()));
  await infrastructure?.stop();
  await publisher.close();
  await releaseDataDir(options.dataDir);
}

function toRecord({ services, infrastructure }: Parts): RunRecord {
  return {
    services: services.map(({ name, entry, url, current }) => ({
      ...{ name, entry, url },
      pid: current()?.pid ?? null,
    })),
    infrastructure: infrastructure?.entries() ?? [],
  };
}
