import type { QueryRunner } from 'typeorm';
import type { Database, Transaction } from './database.ts';

/**
 * A table that holds rows of customers, as one entry of the list that each service keeps in code:
 * children before parents, since rows are deleted in that order.
 */
export interface CustomerTable {
  readonly name: string;
  /** Columns of the primary key, which also is the order in which rows are read. */
  readonly key: readonly ['customer_id', ...string[]];
  /** Columns that no export shows: digests of keys, sealed credentials. */
  readonly secret?: readonly string[];
}

/** A row of an export: the table, and the row as JSON text. */
export interface CustomerRow {
  readonly table: string;
  readonly json: string;
}

const rowsPerRead = 1_000;
/** JSON text of one read, unless its first row alone has more. A row of telemetry may have 3.5 MB. */
const bytesPerRead = 8 * 1024 * 1024;
const rowsPerDelete = 2_000;

/**
 * Reads all rows of a customer, a batch at a time and each batch in a transaction of its own, so that
 * neither memory nor locks grow with their number. Rows that are added meanwhile may be missing.
 */
export async function* readCustomerRows(
  database: Database,
  tables: readonly CustomerTable[],
  customerId: string,
): AsyncGenerator<readonly CustomerRow[]> {
  for (const table of tables) {
    let last: readonly string[] = [];
    for (;;) {
      const sql = readStatement(table, last.length > 0);
      const rows = await alongKey(database, customerId, (tx) =>
        tx.query<{ row_key: readonly string[]; row_json: string }[]>(sql, [
          customerId,
          [...(table.secret ?? [])],
          ...last,
        ]),
      );
      if (rows.length === 0) break;
      yield rows.map((row) => ({ table: table.name, json: row.row_json }));
      last = rows.at(-1)?.row_key ?? [];
    }
  }
}

/**
 * Deletes all rows of a customer from one table, a batch in each transaction. Cut short and called
 * again it goes on with what is left.
 * @param note told of each batch inside its transaction
 */
export async function deleteCustomerRows(
  database: Database,
  table: CustomerTable,
  customerId: string,
  note: (tx: Transaction, rows: number) => Promise<void>,
): Promise<void> {
  let from: readonly string[] | null = [];
  while (from !== null) {
    const after: readonly string[] = from;
    from = await alongKey(database, customerId, async (tx) => {
      const ends = await tx.query<{ row_key: readonly string[] }[]>(
        batchEndStatement(table, after.length > 0),
        [customerId, ...after],
      );
      const end = ends[0]?.row_key;
      if (!end) return null;
      const [, rows] = await tx.query<[unknown, number]>(deleteStatement(table, after.length > 0), [
        customerId,
        ...end,
        ...after,
      ]);
      await note(tx, rows);
      return end;
    });
  }
}

/**
 * Lets the runtime role delete rows of a table whose customer is being purged, and no others: a fact
 * goes with its customer only. The table `purged_customers` is there before (see event-bus).
 */
export async function allowPurge(runner: QueryRunner, tables: readonly string[]): Promise<void> {
  const schema = (await runner.query('select current_schema() as name')) as { name: string }[];
  for (const table of tables) {
    await runner.query(`create policy purge on ${table} as restrictive for delete
      using (customer_id in (select customer_id from purged_customers))`);
    await runner.query(`grant delete on ${table} to ${schema[0]?.name ?? ''}_runtime`);
  }
}

/** Takes back what {@link allowPurge} gave. */
export async function forbidPurge(runner: QueryRunner, tables: readonly string[]): Promise<void> {
  const schema = (await runner.query('select current_schema() as name')) as { name: string }[];
  for (const table of tables) {
    await runner.query(`revoke delete on ${table} from ${schema[0]?.name ?? ''}_runtime`);
    await runner.query(`drop policy purge on ${table}`);
  }
}

/**
 * A transaction of a customer in which rows are read in the order of an index. Where partitions are
 * small, PostgreSQL would else read and sort all that is left for each batch.
 */
function alongKey<T>(
  database: Database,
  customerId: string,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  return database.transaction({ kind: 'CUSTOMERS', customerIds: [customerId] }, async (tx) => {
    await tx.query(`select set_config('enable_sort', 'off', true)`);
    return work(tx);
  });
}

/** `$1` is the customer, `$2` the columns to leave out, then the last key that was read. */
function readStatement({ name, key }: CustomerTable, goesOn: boolean): string {
  const order = key.join(', ');
  return `
    select row_key, row_json from (
      select ${keyAsText(key)} as row_key, ${order}, row_json,
             sum(octet_length(row_json)) over (order by ${order}) - octet_length(row_json) as bytes_before
      from (select ${order}, (to_jsonb(page) - $2::text[])::text as row_json
            from (select * from ${name} where customer_id = $1 ${goesOn ? afterKey(key, 3) : ''}
                  order by ${order} limit ${rowsPerRead}) as page) as texts
    ) as sized
    where bytes_before < ${bytesPerRead} order by ${order}`;
}

/** The last key of the next batch. `$1` is the customer, then the last key of the batch before. */
function batchEndStatement({ name, key }: CustomerTable, goesOn: boolean): string {
  const order = key.join(', ');
  return `
    select ${keyAsText(key)} as row_key
    from (select ${order} from ${name} where customer_id = $1 ${goesOn ? afterKey(key, 2) : ''}
          order by ${order} limit ${rowsPerDelete}) as batch
    order by ${key.map((column) => `${column} desc`).join(', ')} limit 1`;
}

/**
 * `$1` is the customer, then the last key of the batch, then that of the one before. A range instead of
 * the keys themselves: with many partitions, looking up 2,000 keys took a hundred times as long.
 */
function deleteStatement({ name, key }: CustomerTable, goesOn: boolean): string {
  return `
    delete from ${name} where customer_id = $1 ${compareKey(key, '<=', 2)}
    ${goesOn ? afterKey(key, 2 + key.length) : ''}`;
}

/** As text, since a Date has no microseconds and would skip or repeat rows. */
function keyAsText(key: CustomerTable['key']): string {
  return `array[${key.map((column) => `${column}::text`).join(', ')}]`;
}

function afterKey(key: CustomerTable['key'], firstParameter: number): string {
  return compareKey(key, '>', firstParameter);
}

/** The second condition follows from the first and lets PostgreSQL leave out partitions. */
function compareKey(key: CustomerTable['key'], than: '>' | '<=', firstParameter: number): string {
  const places = key.map((_, n) => `$${firstParameter + n}`);
  const [, second] = key;
  return `and (${key.join(', ')}) ${than} (${places.join(', ')})
    ${second === undefined ? '' : `and ${second} ${than === '>' ? '>=' : '<='} ${places[1] ?? ''}`}`;
}
