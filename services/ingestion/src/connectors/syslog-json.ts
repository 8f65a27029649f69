import { isRecord } from './record-fields.ts';

/**
 * The JSON object of a syslog line (`<13>Oct 11 22:14:15 host tag: {…}`), or null where the text is no such line.
 * What stands before the brace is the relay's, not the record's.
 */
export function unwrapSyslogJson(text: string): Readonly<Record<string, unknown>> | null {
  if (!/^<\d{1,3}>/.test(text)) return null;
  const brace = text.indexOf('{');
  if (brace < 0) return null;
  try {
    const record: unknown = JSON.parse(text.slice(brace));
    return isRecord(record) ? record : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
