import { isUtf8 } from 'node:buffer';
import type { ConnectorDefinition, RecordProblem } from '../connectors/index.ts';
import { cleanText, isRecord } from '../connectors/record-fields.ts';
import { unwrapSyslogJson } from '../connectors/syslog-json.ts';
import type { DeliveredRecord, RejectedRecord } from '../intake/accept-records.ts';
import { takeApart } from '../intake/record-lines.ts';
import type { FramedLine } from './line-framer.ts';
import { takeSenderKey } from './sender-key.ts';

/** The longest line that is taken, in bytes. */
export const maxSyslogLineBytes = 64 * 1024;

/** A line on its way to be taken. */
export interface SyslogLine {
  /** Counted from 1 on its connection. */
  readonly number: number;
  /** What is kept of it: without the sensor key. */
  readonly text: string;
  /** As it was read. */
  readonly byteLength: number;
  readonly problem: RecordProblem | null;
}

/** A line, and the sensor key that stood in it. */
export interface ReadLine {
  readonly line: SyslogLine;
  readonly key: string | null;
}

const problems = {
  TOO_LONG: {
    code: 'LINE_TOO_LONG',
    message: `A line has at most ${maxSyslogLineBytes} bytes; this is its beginning.`,
  },
  CUT_OFF: { code: 'LINE_CUT_OFF', message: 'The connection ended before the line did.' },
} as const;

/** Makes a line of what was read, and takes the sensor key out of it. */
export function readSyslogLine({ bytes, fault }: FramedLine, number: number): ReadLine {
  const { text, key } = takeSenderKey(decode(bytes));
  const problem = fault && problems[fault];
  return { key, line: { number, text, byteLength: bytes.length, problem } };
}

/**
 * A line that is not UTF-8 is read as Latin-1, in which any byte is a character: RFC 3164 names no encoding, and a
 * user's name with an accent must not keep a detection out.
 */
function decode(bytes: Buffer): string {
  return cleanText(isUtf8(bytes) ? bytes.toString('utf8') : bytes.toString('latin1'));
}

/** The records of lines, or why there are none in them, one line after the other. */
export function* recordsOfLines(
  lines: readonly SyslogLine[],
  connector: ConnectorDefinition,
): Generator<DeliveredRecord | RejectedRecord> {
  for (const { number, text, problem } of lines) {
    if (problem) {
      yield { ...problem, line: number, raw: text };
      continue;
    }
    const record = readLine(text, connector);
    for (const found of record === null ? [notRead] : takeApart(record, text, connector)) {
      if ('code' in found) yield { ...found, line: number, raw: text };
      else yield { raw: found.raw, record: found.record, line: number };
    }
  }
}

const notRead: RecordProblem = {
  code: 'INVALID_JSON',
  message: 'The line is neither JSON nor text that this connector reads.',
};

function readLine(
  text: string,
  connector: ConnectorDefinition,
): Readonly<Record<string, unknown>> | null {
  return (
    // Most lines are not JSON, and a parser that fails costs more than the line.
    (text.startsWith('{') ? readJson(text) : null) ??
    connector.readText?.(text) ??
    unwrapSyslogJson(text)
  );
}

function readJson(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
