import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { z } from 'zod';
import { readCustomerRows } from './customer-data.ts';
import type { CustomerRow, CustomerTable } from './customer-data.ts';
import type { Database } from './database.ts';
import { toError, UnavailableError } from './errors.ts';
import { newId, parseId } from './ids.ts';

/** The export store of a service: a folder that all its processes share. */
export const exportsDirSetting = z
  .string()
  .refine(isAbsolute, 'must be an absolute path')
  .describe("folder for exports of customers' data, shared by the service's replicas");

/** Which file of the export store: `<customerId>/<exportId>/<service>.ndjson.gz`. */
export interface ExportPlace {
  readonly exportsDir: string;
  readonly customerId: string;
  readonly exportId: string;
  readonly service: string;
}

/** What was written, as the receipt tells it. */
export interface ExportFile {
  /** SHA-256 of the file, in hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
  readonly rows: number;
}

/**
 * Writes all that a service holds of a customer as gzipped NDJSON, `{"table":…,"row":{…}}` a line. The
 * file has its name once it is whole and on disk. Called again it writes the file anew.
 * @throws {InvalidInputError} customer or export has no id
 * @throws {UnavailableError} the file cannot be written, or PostgreSQL is away
 */
export async function exportCustomer(
  database: Database,
  tables: readonly CustomerTable[],
  place: ExportPlace,
): Promise<ExportFile> {
  // They become part of a path.
  const exportId = parseId('exportId', place.exportId);
  const customerId = parseId('customerId', place.customerId);
  const folder = join(place.exportsDir, customerId, exportId);
  const name = fileName(place.service);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // What an attempt that was cut short has left.
    await removeFiles(folder, `${name}.`);
    const unfinished = join(folder, `${name}.${newId()}`);
    const file = await writeRows(readCustomerRows(database, tables, customerId), unfinished);
    await rename(unfinished, join(folder, name));
    await syncFolder(folder);
    return file;
  } catch (error) {
    throw toStoreFailure(error);
  }
}

/** Deletes the files that a service has written of a customer, and folders that are empty then. */
export async function removeExports(place: Omit<ExportPlace, 'exportId'>): Promise<void> {
  const ofCustomer = join(place.exportsDir, parseId('customerId', place.customerId));
  try {
    for (const exportId of await listFolder(ofCustomer)) {
      await removeFiles(join(ofCustomer, exportId), fileName(place.service));
      await removeIfEmpty(join(ofCustomer, exportId));
    }
    await removeIfEmpty(ofCustomer);
  } catch (error) {
    throw toStoreFailure(error);
  }
}

function fileName(service: string): string {
  return `${service}.ndjson.gz`;
}

async function writeRows(
  batches: AsyncIterable<readonly CustomerRow[]>,
  path: string,
): Promise<ExportFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  let rows = 0;
  await pipeline(
    async function* () {
      for await (const batch of batches) {
        rows += batch.length;
        yield batch.map(({ table, json }) => `{"table":"${table}","row":${json}}\n`).join('');
      }
    },
    createGzip(),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        bytes += chunk.byteLength;
        yield chunk;
      }
    },
    createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }),
  );
  return { sha256: hash.digest('hex'), bytes, rows };
}

/** Makes the new name survive a power failure. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function removeFiles(folder: string, prefix: string): Promise<void> {
  for (const name of await listFolder(folder)) {
    if (name.startsWith(prefix)) await rm(join(folder, name), { force: true });
  }
}

async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    // Another service's files are in it, or another service was faster.
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(codeOf(error))) throw error;
  }
}

/** A disk that is full or away is nobody's message's fault: it is tried again for as long as it lasts. */
function toStoreFailure(thrown: unknown): Error {
  const error = toError(thrown);
  return 'syscall' in error ? new UnavailableError('export store', { cause: error }) : error;
}

function codeOf(error: unknown): string {
  return (toError(error) as NodeJS.ErrnoException).code ?? '';
}
