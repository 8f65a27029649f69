import { unescape } from 'node:querystring';
import { connect } from '@nats-io/transport-node';
import { toNatsOptions } from '@vedette/testkit/servers';
import pg from 'pg';
import type { StackSettings } from './config.ts';

const answerTimeoutMs = 4_000;

/**
 * Makes sure that the servers which the environment names can be used, before anything is started.
 * @throws {Error} a malformed URL, or no answer within 4 s; the message never holds the password
 */
export async function assertGivenServersAnswer(
  settings: Pick<StackSettings, 'natsUrl' | 'postgresAdminUrl'>,
): Promise<void> {
  await Promise.all([
    assertAnswer(settings.postgresAdminUrl, {
      variable: 'VEDETTE_POSTGRES_ADMIN_URL',
      example: 'postgres://user:password@host:5432',
      protocols: ['postgres:', 'postgresql:'],
      ask: askPostgres,
    }),
    assertAnswer(settings.natsUrl, {
      variable: 'VEDETTE_NATS_URL',
      example: 'nats://user:password@host:4222',
      protocols: ['nats:', 'tls:'],
      ask: askNats,
    }),
  ]);
}

interface GivenServer {
  readonly variable: string;
  readonly example: string;
  readonly protocols: readonly string[];
  readonly ask: (url: string) => Promise<void>;
}

async function assertAnswer(text: string | undefined, server: GivenServer): Promise<void> {
  if (text === undefined) return;
  const url = URL.parse(text);
  if (!url?.hostname || !server.protocols.includes(url.protocol))
    throw new Error(`${server.variable} must be a URL such as ${server.example}`);
  const port = url.port || new URL(server.example).port;
  const problem = await server.ask(text).then(() => null, reasonOf);
  if (problem === null) return;
  const reason = withoutPassword(problem, url);
  throw new Error(`${server.variable}: ${url.hostname}:${port} cannot be used: ${reason}`);
}

async function askPostgres(url: string): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: answerTimeoutMs,
    query_timeout: answerTimeoutMs,
  });
  // A connection that breaks after it failed has nothing more to tell.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } finally {
    await client.end();
  }
}

async function askNats(url: string): Promise<void> {
  const connection = await connect({
    ...toNatsOptions(url),
    timeout: answerTimeoutMs,
    reconnect: false,
  });
  await connection.close();
}

/** Drivers wrap several attempts, and then their own message is empty. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '')
    return error.errors.map(reasonOf).join('; ');
  if (!Error.isError(error)) return String(error);
  const cause = Error.isError(error.cause) ? ` (${error.cause.message})` : '';
  return `${error.message}${cause}`;
}

function withoutPassword(reason: string, { password }: URL): string {
  if (password === '') return reason;
  return reason.replaceAll(password, '…').replaceAll(unescape(password), '…');
}
