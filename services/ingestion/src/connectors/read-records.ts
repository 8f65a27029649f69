import type { ConnectorDefinition, JsonRecord } from './connector-definition.ts';
import { isRecord } from './record-fields.ts';

/**
 * The records of a text that one line, datagram or item of a list holds: one, or as many as the source wraps into
 * one object. Null where it is no record of this connector: not JSON, not an object, and not text that it reads.
 */
export function readRecords(
  connector: ConnectorDefinition,
  text: string,
): readonly JsonRecord[] | null {
  const record = readJson(text) ?? connector.readText?.(text) ?? null;
  if (record === null) return null;
  return connector.unwrap?.(record) ?? [record];
}

function readJson(text: string): JsonRecord | null {
  // Most lines of text connectors are not JSON; a failed parse costs more than the line.
  if (!text.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
