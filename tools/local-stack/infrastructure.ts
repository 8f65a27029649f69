import { join } from 'node:path';
import { startNats, startPostgres, type OnProgress } from '@vedette/testkit/servers';
import { keepRunning, type KeptRunning, type Run } from './keep-running.ts';

/** A server of somebody else's making that the product needs. */
export interface InfrastructureEntry {
  readonly name: 'postgres' | 'nats';
  /** Null: it ran before and is not ours to stop, or it is being started again. */
  readonly pid: number | null;
  /** With credentials. */
  readonly url: string;
}

export interface Infrastructure {
  readonly postgresAdminUrl: string;
  readonly natsUrl: string;
  entries(): readonly InfrastructureEntry[];
  stop(): Promise<void>;
}

export interface InfrastructureOptions {
  readonly dataDir: string;
  readonly postgresPort: number;
  readonly natsPort: number;
  /** URLs of servers that already run, taken instead of our own. */
  readonly postgresAdminUrl?: string | undefined;
  readonly natsUrl?: string | undefined;
  readonly onChange: () => void;
  readonly onProgress: OnProgress;
}

/** Starts PostgreSQL and NATS side by side, as far as they do not run elsewhere, and keeps them up. */
export async function startInfrastructure(options: InfrastructureOptions): Promise<Infrastructure> {
  const startingPostgres = startOwnPostgres(options);
  const startingNats = startOwnNats(options);
  try {
    const [postgres, nats] = await Promise.all([startingPostgres, startingNats]);
    return {
      postgresAdminUrl: postgres.url,
      natsUrl: nats.url,
      entries: () => [toEntry('postgres', postgres), toEntry('nats', nats)],
      stop: async () => {
        await nats.server?.stop();
        await postgres.server?.stop();
      },
    };
  } catch (error) {
    // One failed; the other may have started, or may still be about to.
    for (const outcome of await Promise.allSettled([startingPostgres, startingNats])) {
      if (outcome.status === 'fulfilled') await outcome.value.server?.stop();
    }
    throw error;
  }
}

interface Server {
  readonly url: string;
  /** Null: it is not ours. */
  readonly server: KeptRunning<Run> | null;
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

async function startOwnNats(options: InfrastructureOptions): Promise<Server> {
  const { natsUrl, onProgress } = options;
  if (natsUrl !== undefined) return { url: natsUrl, server: null };
  const dataDir = join(options.dataDir, 'nats');
  let url = '';
  const start = async () => {
    const started = await startNats({ dataDir, port: options.natsPort, onProgress });
    url = started.url;
    return started;
  };
  const server = await keepRunning('nats', start, options);
  return { url, server };
}
