import { lstat, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { loadExternalServers } from './config.ts';
import { readIfPresent } from './data-folder.ts';
import { endWithProcess } from './end-with-process.ts';
import { startPostgres } from './postgres-server.ts';
import { findFreePort, isRunning } from './server-process.ts';

const START_TIMEOUT_MS = 45_000;

/** What the worker that starts the server tells the others. */
type Outcome = { readonly adminUrl: string; readonly pid: number } | { readonly problem: string };

/**
 * The PostgreSQL of this jest run, as superuser: `VEDETTE_TEST_POSTGRES_URL`, else one that the first
 * worker to ask starts for all and that ends with the run.
 */
export async function findTestPostgres(): Promise<string> {
  const { postgresAdminUrl } = loadExternalServers();
  if (postgresAdminUrl !== undefined) return postgresAdminUrl;
  const runPid = findRunPid();
  const folder = join(tmpdir(), `vedette-test-${process.getuid?.() ?? 0}-${runPid}`);
  const outcome = (await claim(folder))
    ? await startForAll(folder, runPid)
    : await waitForOutcome(folder);
  if ('problem' in outcome) throw new Error(`the tests' PostgreSQL: ${outcome.problem}`);
  // The ids of processes return: what an earlier run with our id left behind must not be taken.
  if (isRunning(outcome.pid, 'postgres')) return outcome.adminUrl;
  await rm(folder, { recursive: true, force: true });
  return findTestPostgres();
}

/** Jest's main process: the parent of its workers, or this process when it runs tests itself. */
function findRunPid(): number {
  return process.argv[1]?.includes('jest-worker') === true ? process.ppid : process.pid;
}

/** Whoever makes the folder starts the server. */
async function claim(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { mode: 0o711 });
    return true;
  } catch (error) {
    const { uid } = await lstat(folder);
    if (uid === (process.getuid?.() ?? uid)) return false;
    throw new Error(`${folder} belongs to somebody else`, { cause: error });
  }
}

async function startForAll(folder: string, runPid: number): Promise<Outcome> {
  const outcome = await start(folder, runPid).catch((error: unknown) => ({
    problem: error instanceof Error ? error.message : String(error),
  }));
  await writeFile(join(folder, 'outcome.new'), JSON.stringify(outcome), { mode: 0o600 });
  await rename(join(folder, 'outcome.new'), join(folder, 'outcome'));
  return outcome;
}

async function start(folder: string, runPid: number): Promise<Outcome> {
  const dataDir = join(folder, 'postgres');
  const server = await startPostgres({ dataDir, port: await findFreePort(), isDurable: false });
  endWithProcess(runPid, {
    pidFile: join(server.dataDir, 'postmaster.pid'),
    mark: server.dataDir,
    folders: [folder, dirname(server.dataDir)],
  });
  return { adminUrl: server.adminUrl, pid: server.pid };
}

async function waitForOutcome(folder: string): Promise<Outcome> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const outcome = await readIfPresent(join(folder, 'outcome'));
    if (outcome !== null) return JSON.parse(outcome) as Outcome;
    await delay(50);
  }
  return { problem: `another worker did not start it within ${START_TIMEOUT_MS} ms` };
}
