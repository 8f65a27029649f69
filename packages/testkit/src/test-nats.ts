import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { loadExternalServers } from './config.ts';
import { endWithProcess } from './end-with-process.ts';
import { startNats } from './nats-server.ts';
import { findFreePort } from './server-process.ts';

export interface TestNats {
  /** With credentials; connect as the services do. */
  readonly url: string;
  kill(signal: NodeJS.Signals): void;
  /**
   * Starts it again with its data and under the same URL, after `kill`; `damage` may spoil the data
   * first, as a torn write would.
   */
  restart(damage?: (dataDir: string) => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/**
 * An empty NATS server for one test file, gone with the file's process at the latest. With
 * `VEDETTE_TEST_NATS_URL` it is that server, which can be neither killed nor started again.
 */
export async function startTestNats(): Promise<TestNats> {
  const { natsUrl } = loadExternalServers();
  if (natsUrl !== undefined) return useExternalNats(natsUrl);
  const folder = await mkdtemp(join(tmpdir(), 'vedette-test-nats-'));
  await chmod(folder, 0o711);
  const options = { dataDir: folder, port: await findFreePort() };
  endWithProcess(process.pid, {
    pidFile: join(folder, 'nats.pid'),
    mark: folder,
    folders: [folder],
  });
  let server = await startNats(options);
  return {
    url: server.url,
    kill: (signal) => server.kill(signal),
    restart: async (damage) => {
      await server.exited;
      await damage?.(folder);
      server = await startNats(options);
    },
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function useExternalNats(url: string): TestNats {
  const refuse = (): never => {
    throw new Error('this test needs a NATS server of its own: unset VEDETTE_TEST_NATS_URL');
  };
  return { url, kill: refuse, restart: refuse, stop: () => Promise.resolve() };
}
