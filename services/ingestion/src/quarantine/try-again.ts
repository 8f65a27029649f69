import { connectorOf } from '../connectors/index.ts';
import type { ConnectorDefinition, RecordProblem } from '../connectors/index.ts';
import type { Sensor } from '../connector/sensor-key-store.ts';
import { acceptRecords } from '../intake/accept-records.ts';
import type { DeliveredRecord, RejectedRecord } from '../intake/accept-records.ts';
import { parseLine } from '../intake/record-lines.ts';
import { recordsOfLines } from '../syslog/syslog-line.ts';
import type { TelemetryPublisher } from '../telemetry/telemetry-publisher.ts';
import type { QuarantinedRow } from './quarantined-records.ts';

const cutOff: RecordProblem = {
  code: 'RAW_CUT_OFF',
  message: 'Only the beginning of the record was kept: it has to be sent again by its source.',
};

/**
 * Takes a record as if it had just come, but with the time at which it came: its event has the id and the place that
 * it would have had.
 * @returns why it is still not taken; null once its event is stored by the stream
 * @throws {UnavailableError} the stream cannot say that it has it
 */
export async function tryAgain(
  sensor: Sensor,
  {
    raw,
    rawBytes,
    line,
    receivedAt,
  }: Pick<QuarantinedRow, 'raw' | 'rawBytes' | 'line' | 'receivedAt'>,
  publisher: TelemetryPublisher,
): Promise<RecordProblem | null> {
  if (rawBytes > raw.length) return cutOff;
  const records = [...recordsOf(raw, line, connectorOf(sensor.connectorType))];
  const { errors } = await acceptRecords(sensor, records, {
    ...{ publisher, quarantine: null },
    receivedAt: receivedAt.getTime(),
  });
  const [error] = errors;
  return error ? { code: error.code, message: error.message } : null;
}

/** Reads it as the HTTP door does, and where that fails and the source speaks syslog, as that door does. */
function recordsOf(
  raw: Buffer,
  line: number,
  connector: ConnectorDefinition,
): Iterable<DeliveredRecord | RejectedRecord> {
  const parsed = parseLine(raw, connector);
  const isUnread = parsed.some((each) => 'code' in each && each.code === 'INVALID_JSON');
  if (isUnread && connector.deliveries.includes('SYSLOG')) {
    const text = raw.toString('utf8');
    return recordsOfLines(
      [{ number: line, text, byteLength: raw.length, problem: null }],
      connector,
    );
  }
  return parsed.map((each) =>
    'code' in each ? { ...each, line, raw } : { raw: each.raw, record: each.record, line },
  );
}
