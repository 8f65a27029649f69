import { hash } from 'node:crypto';
import { uuidV5 } from '@vedette/event-model';
import type { Database } from '@vedette/service-kit';
import type { Quarantine, RejectedRecord } from '../intake/accept-records.ts';
import { countRejected, insertQuarantined, lockQuarantine, makeRoom } from './quarantine-store.ts';
import type { NewQuarantinedRow } from './quarantine-store.ts';

/** How much of a record is kept. */
export const maxKeptBytes = 64 * 1024;
/** What a statement carries at most, unless its first record alone has more. */
const maxStatementBytes = 4 * 1024 * 1024;
const maxStatementRows = 1_000;

/**
 * Keeps records in the service's database, in one transaction for each delivery. What a connector may fill is bounded:
 * its oldest records make room, and are counted.
 */
export function createQuarantine(database: Database, clock: () => Date): Quarantine {
  return {
    keep: async (sensor, records, receivedAt) => {
      if (records.length === 0) return;
      const { customerId, connectorId } = sensor;
      const rows = records.map((record) => toRow(connectorId, record));
      await database.transaction({ kind: 'CUSTOMERS', customerIds: [customerId] }, async (tx) => {
        // A connector that was deleted a moment ago leaves nothing behind.
        if (!(await lockQuarantine(tx, sensor))) return;
        let rejected = 0;
        for (const part of inParts(rows)) {
          rejected += await insertQuarantined(tx, sensor, receivedAt, part);
        }
        if (rejected === 0) return;
        const pushedOut = await makeRoom(tx, sensor);
        await countRejected(tx, sensor, clock(), { rejected, pushedOut });
      });
    },
  };
}

/** A record that comes again, such as in a batch that is sent again, has the same id. */
function toRow(
  connectorId: string,
  { line, code, message, raw }: RejectedRecord,
): NewQuarantinedRow {
  const bytes = typeof raw === 'string' ? Buffer.from(raw) : raw;
  return {
    recordId: uuidV5(connectorId, `quarantine:sha256:${hash('sha256', bytes, 'hex')}`),
    line,
    code: toText(code),
    message: toText(message),
    raw: Buffer.from(bytes.subarray(0, maxKeptBytes)),
    rawBytes: bytes.byteLength,
  };
}

/** Reasons come from connectors' code, which may quote what it should not. */
function toText(text: string): string {
  return text.slice(0, 500).replaceAll('\0', '\ufffd').toWellFormed();
}

function* inParts(rows: readonly NewQuarantinedRow[]): Generator<readonly NewQuarantinedRow[]> {
  let part: NewQuarantinedRow[] = [];
  let bytes = 0;
  for (const row of rows) {
    const isFull = part.length >= maxStatementRows || bytes + row.raw.length > maxStatementBytes;
    if (part.length > 0 && isFull) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(row);
    bytes += row.raw.length;
  }
  if (part.length > 0) yield part;
}
