import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { natsPermissions, natsUsers, type NatsUser } from '@vedette/event-bus';
import {
  startNats,
  startPostgres,
  toUserUrl,
  type NatsAccount,
  type OnProgress,
} from '@vedette/testkit/servers';
import { keepJson } from './data-files.ts';
import { startOpenidProvider } from './openid-provider/process.ts';
import type { ServiceProcess } from './service-process.ts';
import { watchJetStream } from './watch-jetstream.ts';
import { keepRunning, type KeptRunning, type Run } from './keep-running.ts';

/** A server that the product needs and that is not part of it. */
export interface InfrastructureEntry {
  readonly name: 'postgres' | 'nats' | 'oidc';
  /** Null: it ran before and is not ours to stop, or it is being started again. */
  readonly pid: number | null;
  /** With credentials. */
  readonly url: string;
}

export interface Infrastructure {
  readonly postgresAdminUrl: string;
  /** Our own NATS has a user for each service; of another one all are the same user. */
  readonly natsUrlOf: (user: NatsUser) => string;
  /** Started, and ready a moment later. */
  readonly oidc: Pick<ServiceProcess, 'url' | 'waitUntilReady'>;
  entries(): readonly InfrastructureEntry[];
  stop(): Promise<void>;
}

export interface InfrastructureOptions {
  /** The checkout, absolute. */
  readonly root: string;
  readonly dataDir: string;
  readonly postgresPort: number;
  readonly natsPort: number;
  readonly oidcPort: number;
  /** URLs of servers that already run, taken instead of our own. */
  readonly postgresAdminUrl?: string | undefined;
  readonly natsUrl?: string | undefined;
  readonly onLine: (name: string, line: string) => void;
  readonly onChange: () => void;
  readonly onProgress: OnProgress;
}

/**
 * Starts PostgreSQL and NATS, as far as they do not run elsewhere, and the OpenID provider side by
 * side, and keeps them up.
 */
export async function startInfrastructure(options: InfrastructureOptions): Promise<Infrastructure> {
  const startingPostgres = startOwnPostgres(options);
  const startingNats = startOwnNats(options);
  const startingOidc = startOpenidProvider({ ...options, port: options.oidcPort });
  try {
    const [postgres, nats, oidc] = await Promise.all([
      startingPostgres,
      startingNats,
      startingOidc,
    ]);
    return {
      postgresAdminUrl: postgres.url,
      natsUrlOf: nats.natsUrlOf,
      oidc,
      entries: () => [
        toEntry('postgres', postgres),
        toEntry('nats', nats),
        toEntry('oidc', { url: oidc.url, server: oidc }),
      ],
      stop: async () => {
        await Promise.all([oidc.stop(), nats.server?.stop()]);
        await postgres.server?.stop();
      },
    };
  } catch (error) {
    // One failed; the others may have started, or may still be about to.
    const startingServers = [startingPostgres, startingNats].map(
      async (each) => (await each).server,
    );
    for (const outcome of await Promise.allSettled([...startingServers, startingOidc])) {
      if (outcome.status === 'fulfilled') await outcome.value?.stop();
    }
    throw error;
  }
}

interface Server {
  readonly url: string;
  /** Null: it is not ours. */
  readonly server: Pick<KeptRunning<Run>, 'current' | 'stop'> | null;
}

function toEntry(name: InfrastructureEntry['name'], { url, server }: Server): InfrastructureEntry {
  return { name, url, pid: server?.current()?.pid ?? null };
}

async function startOwnPostgres(options: InfrastructureOptions): Promise<Server> {
  const { postgresAdminUrl, onProgress } = options;
  if (postgresAdminUrl !== undefined) return { url: postgresAdminUrl, server: null };
  const dataDir = join(options.dataDir, 'postgres');
  let url = '';
  const start = async () => {
    const started = await startPostgres({ dataDir, port: options.postgresPort, onProgress });
    url = started.adminUrl;
    return started;
  };
  const server = await keepRunning('postgres', start, options);
  return { url, server };
}

async function startOwnNats(
  options: InfrastructureOptions,
): Promise<Server & Pick<Infrastructure, 'natsUrlOf'>> {
  const { natsUrl, onProgress } = options;
  if (natsUrl !== undefined) return { url: natsUrl, natsUrlOf: () => natsUrl, server: null };
  const dataDir = join(options.dataDir, 'nats');
  const users = await Promise.all(natsUsers.map((name) => keepAccount(options.dataDir, name)));
  let url = '';
  const start = async () => {
    const started = await startNats({ dataDir, port: options.natsPort, users, onProgress });
    url = started.url;
    return started;
  };
  const kept = await keepRunning('nats', start, options);
  const watching = watchJetStream(
    () => url,
    async () => {
      onProgress('NATS stores nothing any more; starting it again');
      await kept.current()?.stop();
    },
  );
  const server = {
    current: () => kept.current(),
    stop: async () => {
      await watching.stop();
      await kept.stop();
    },
  };
  const natsUrlOf = (wanted: NatsUser) => {
    const account = users.find(({ name }) => name === wanted);
    if (!account) throw new Error(`${wanted} is no user of NATS`);
    return toUserUrl(url, account);
  };
  return { url, natsUrlOf, server };
}

/** A user of NATS, whose password is made once and kept in the data directory. */
async function keepAccount(dataDir: string, name: NatsUser): Promise<NatsAccount> {
  const { password } = await keepJson(join(dataDir, 'keys', `${name}-nats.json`), () => ({
    password: randomBytes(24).toString('base64url'),
  }));
  return { name, password, permissions: natsPermissions(name) };
}
