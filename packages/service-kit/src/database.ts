import type { DataSource, EntityManager, EntitySchema, QueryRunner } from 'typeorm';
import { UnavailableError } from './errors.ts';
import { toPostgresFailure } from './postgres-failure.ts';
import type { TenantScope } from './viewer.ts';

/** A transaction in progress. Domain code never sees the pool behind it. */
export type Transaction = EntityManager;

/** The only way to the service's tables. */
export interface Database {
  /**
   * Runs `work` in one transaction that sees the scope's tenants and no others. Row-level security is
   * set with transaction-local settings, so that a pooled connection carries nothing over.
   * @throws {UnavailableError} PostgreSQL is away; whether a commit under way was done is not known
   */
  transaction<T>(scope: TenantScope, work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** A transaction without tenants: only the listed infrastructure tables show rows in it. */
  infrastructure<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
}

export interface DatabaseConnection extends Database {
  /**
   * Runs `work` on a connection of its own that holds a database-wide lock, or answers false at once
   * when another process holds it. The lock ends with the connection, also when the process dies or
   * hangs: after ten silent seconds the server ends the connection.
   */
  tryWithLock(name: string, work: (session: LockSession) => Promise<void>): Promise<boolean>;
  /** @throws {UnavailableError} PostgreSQL does not answer */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface LockSession {
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
}

export interface DatabaseOptions {
  readonly url: string;
  /** The service's schema, also the search path. */
  readonly schema: string;
  readonly applicationName: string;
  readonly poolSize: number;
  readonly entities: readonly EntitySchema[];
  readonly statementTimeoutMs?: number;
}

const noTenants: TenantScope = { kind: 'CUSTOMERS', customerIds: [] };

/** Connects the runtime role. The pool is bounded; a caller waits at most five seconds for a connection. */
export async function connectDatabase(options: DatabaseOptions): Promise<DatabaseConnection> {
  // Loaded by the processes that have a database only.
  const { DataSource } = await import('typeorm');
  const source = new DataSource({
    type: 'postgres',
    url: options.url,
    database: new URL(options.url).pathname.slice(1),
    schema: options.schema,
    entities: [...options.entities],
    synchronize: false,
    logging: false,
    poolSize: options.poolSize,
    applicationName: options.applicationName,
    extra: {
      options: `-c search_path=${options.schema}`,
      statement_timeout: options.statementTimeoutMs ?? 30_000,
      idle_in_transaction_session_timeout: 60_000,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    },
  });
  await source.initialize();
  return {
    transaction: (scope, work) => runTransaction(source, scope, work),
    infrastructure: (work) => runTransaction(source, noTenants, work),
    tryWithLock: (name, work) => tryWithLock(source, name, work),
    ping: async () => {
      try {
        await source.query('select 1');
      } catch (cause) {
        throw new UnavailableError('postgres', { cause });
      }
    },
    close: () => source.destroy(),
  };
}

/**
 * Lets an operation join a transaction that somebody else began, such as the consumer that keeps
 * inbox row, effect and outbox row together. The scope of the operation applies while it runs.
 */
export function joinTransaction(tx: Transaction): Database {
  return {
    transaction: async (scope, work) => {
      const before = await setScope(tx, settingsOf(scope));
      try {
        return await work(tx);
      } finally {
        await setScope(tx, before).catch(() => {
          // A statement failed before: nothing more can be done in this transaction.
        });
      }
    },
    infrastructure: (work) => work(tx),
  };
}

async function runTransaction<T>(
  source: DataSource,
  scope: TenantScope,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  try {
    return await source.transaction(async (tx) => {
      await setScope(tx, settingsOf(scope));
      return work(tx);
    });
  } catch (error) {
    throw toPostgresFailure(error);
  }
}

/** Values of `app.scope`, `app.customer_ids` and `app.provider_id`, which the policies read. */
type ScopeSettings = readonly [scope: string, customerIds: string, providerId: string];

function settingsOf(scope: TenantScope): ScopeSettings {
  return scope.kind === 'OPERATOR'
    ? ['operator', '', '']
    : ['customers', `{${scope.customerIds.join(',')}}`, scope.providerId ?? ''];
}

/**
 * Sets them until the end of the transaction, and answers what they were. What they are is not sent
 * back: thousands of customers are 200 kB.
 */
async function setScope(tx: Transaction, settings: ScopeSettings): Promise<ScopeSettings> {
  const rows: { before: ScopeSettings }[] = await tx.query(
    `with settings as materialized (
       select array[coalesce(current_setting('app.scope', true), ''),
                    coalesce(current_setting('app.customer_ids', true), ''),
                    coalesce(current_setting('app.provider_id', true), '')] as before)
     select before, set_config('app.scope', $1, true) is null,
            set_config('app.customer_ids', $2, true) is null,
            set_config('app.provider_id', $3, true) is null
     from settings`,
    [...settings],
  );
  return rows[0]?.before ?? settingsOf(noTenants);
}

async function tryWithLock(
  source: DataSource,
  name: string,
  work: (session: LockSession) => Promise<void>,
): Promise<boolean> {
  const runner = source.createQueryRunner();
  try {
    await runner.connect();
    const [row] = (await runner.query(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as held',
      [name],
    )) as { held: boolean }[];
    if (!row?.held) return false;
    const kept = await keepAlive(runner);
    try {
      await work(kept.session);
    } finally {
      await kept.end('select pg_advisory_unlock(hashtextextended($1, 0))', [name]).catch(() => {
        // The connection is gone, and the lock with it.
      });
    }
    return true;
  } finally {
    await runner.release();
  }
}

/** A holder that says nothing for this long loses its lock: it is stopped, or its host has gone. */
const silenceSeconds = 10;

/**
 * Has the server end the session, and with it its lock, when this process falls silent: a process that
 * hangs keeps its connections open. One that works says so in time, one query after the other.
 */
async function keepAlive(
  runner: QueryRunner,
): Promise<{ readonly session: LockSession; end(sql: string, names: string[]): Promise<void> }> {
  await runner.query(
    `select set_config('idle_session_timeout', $1, false), set_config('tcp_user_timeout', $1, false)`,
    [`${silenceSeconds}s`],
  );
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  const query = async (sql: string, parameters: readonly unknown[] = []): Promise<never> => {
    waiting += 1;
    const answer = last.then(() => runner.query(sql, [...parameters]) as Promise<never>);
    last = answer.catch(() => undefined);
    return answer.finally(() => (waiting -= 1));
  };
  const timer = setInterval(
    () => {
      if (waiting > 0) return;
      // Whoever works on this session hears of a lost connection at its next query.
      query('select 1').catch(() => undefined);
    },
    (silenceSeconds * 1_000) / 4,
  );
  return {
    session: { query },
    end: async (sql, names) => {
      clearInterval(timer);
      await query(sql, names);
      await query('reset idle_session_timeout');
      await query('reset tcp_user_timeout');
    },
  };
}
