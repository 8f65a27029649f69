import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import {
  findCommandLine,
  isRunning,
  stopLeftoverNats,
  stopLeftoverPostgres,
  stopProcess,
} from '@vedette/testkit/servers';
import { hasCode, readJson, writeJson } from './data-files.ts';
import type { InfrastructureEntry } from './infrastructure.ts';
import { openidProviderEntry } from './openid-provider/process.ts';

/** One of our processes as `endpoints.json` shows it. */
export interface ServiceEntry {
  readonly name: string;
  /** Null while it is being started again. */
  readonly pid: number | null;
  readonly url: string;
}

/** What runs, for the other commands and for the next start after a crash of the supervisor. */
export interface RunRecord {
  readonly services: readonly (ServiceEntry & { readonly entry: string })[];
  readonly infrastructure: readonly InfrastructureEntry[];
}

interface SupervisorRecord {
  readonly pid: number;
  /** Its command line; ids are used again. */
  readonly mark: string;
}

const stopSteps = [
  ['SIGTERM', 15_000],
  ['SIGKILL', 2_000],
] as const;

const recordFile = (dataDir: string) => join(dataDir, 'run.json');
const supervisorFile = (dataDir: string) => join(dataDir, 'supervisor.json');

export function readRunRecord(dataDir: string): Promise<RunRecord | null> {
  return readJson<RunRecord>(recordFile(dataDir));
}

export function writeRunRecord(dataDir: string, record: RunRecord): Promise<void> {
  return writeJson(recordFile(dataDir), record);
}

export async function removeRunRecord(dataDir: string): Promise<void> {
  await rm(recordFile(dataDir), { force: true });
}

/** The process id of the supervisor that runs on this data directory, or null. */
export async function findSupervisor(dataDir: string): Promise<number | null> {
  const record = await readJson<SupervisorRecord>(supervisorFile(dataDir));
  return record !== null && isRunning(record.pid, record.mark) ? record.pid : null;
}

/** @throws {Error} another supervisor runs on this data directory */
export async function claimDataDir(dataDir: string): Promise<void> {
  while (!(await tryToClaim(dataDir))) {
    const pid = await findSupervisor(dataDir);
    if (pid !== null) {
      throw new Error(`a stack already runs on ${dataDir} (process ${pid}); stop it with 'down'`);
    }
    await releaseDataDir(dataDir);
  }
}

async function tryToClaim(dataDir: string): Promise<boolean> {
  const record: SupervisorRecord = {
    pid: process.pid,
    mark: findCommandLine(process.pid) ?? '',
  };
  try {
    await writeFile(supervisorFile(dataDir), JSON.stringify(record), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

export async function releaseDataDir(dataDir: string): Promise<void> {
  await rm(supervisorFile(dataDir), { force: true });
}

/**
 * Stops what a killed supervisor left running: our processes, NATS, PostgreSQL. They mostly go by
 * themselves when it dies; this waits for them and ends those that do not.
 */
export async function stopLeftovers(
  dataDir: string,
  onProgress: (message: string) => void,
): Promise<void> {
  const { services = [], infrastructure = [] } = (await readRunRecord(dataDir)) ?? {};
  const ours = infrastructure
    .filter(({ name }) => name === 'oidc')
    .map((each) => ({ ...each, entry: openidProviderEntry }));
  const left = [...services, ...ours].filter(
    ({ pid, entry }) => pid !== null && isRunning(pid, entry),
  );
  if (left.length > 0) {
    onProgress(`stopping what was left over: ${left.map(({ name }) => name).join(', ')}`);
  }
  await Promise.all(left.map(({ pid }) => stopProcess(pid ?? 0, stopSteps)));
  await stopLeftoverNats(join(dataDir, 'nats'), onProgress);
  await stopLeftoverPostgres(join(dataDir, 'postgres'), onProgress);
}
