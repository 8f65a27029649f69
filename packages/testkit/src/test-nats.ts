import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { natsPermissions, natsUsers } from '@vedette/event-bus';
import { loadExternalServers } from './config.ts';
import { endWithProcess } from './end-with-process.ts';
import { startNats, toUserUrl } from './nats-server.ts';
import { findFreePort } from './server-process.ts';

export interface TestNats {
  /** With the administrator's credentials. */
  readonly url: string;
  /** The URL for a service, with no more rights than it has outside of tests; anybody else gets `url`. */
  urlOf(service: string): string;
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
  const users = natsUsers.map((name) => ({
    name,
    password: randomBytes(24).toString('base64url'),
    permissions: natsPermissions(name),
  }));
  const options = { dataDir: folder, port: await findFreePort(), users };
  endWithProcess(process.pid, {
    pidFile: join(folder, 'nats.pid'),
    mark: folder,
    folders: [folder],
  });
  let server = await startNats(options);
  return {
    url: server.url,
    urlOf: (service) => {
      const user = users.find(({ name }) => name === service);
      return user ? toUserUrl(server.url, user) : server.url;
    },
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
  const stop = (): Promise<void> => Promise.resolve();
  return { url, urlOf: () => url, kill: refuse, restart: refuse, stop };
}
