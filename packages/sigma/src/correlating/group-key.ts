import { createHash } from 'node:crypto';
import { parseNumber } from '../compiling/number-text.ts';

/** Longer values are told apart by a digest, so that a key stays short whatever an event holds. */
const MAX_TEXT = 256;

/** An event, or the completion of another correlation, by the names of its fields. */
export interface FieldSource {
  get(field: string): unknown;
}

/**
 * The text that a value is grouped and counted by, exactly as it is written; undefined for what is missing, null or an
 * object. An array with one element is that element; with more it is one value, its JSON text.
 */
export function valueText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value.length <= MAX_TEXT ? value : shortened(value);
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'object':
      if (!Array.isArray(value) || value.length === 0) return undefined;
      if (value.length === 1) return valueText(value[0]);
      return valueText(JSON.stringify(value.map((each: unknown) => valueText(each) ?? null)));
    default:
      return undefined;
  }
}

export function valueNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  const text = valueText(value);
  const number = text === undefined ? undefined : parseNumber(text);
  return number !== undefined && Number.isFinite(number) ? number : undefined;
}

/** The values of the fields; null when one is missing. */
export function readTexts(
  fields: readonly string[],
  source: FieldSource,
): readonly string[] | null {
  const texts: string[] = [];
  for (const field of fields) {
    const text = valueText(source.get(field));
    if (text === undefined) return null;
    texts.push(text);
  }
  return texts;
}

/** Several texts as one, so that different lists give different keys. */
export function toKey(texts: readonly string[]): string {
  if (texts.length === 1) return texts[0] ?? '';
  let key = '';
  for (const text of texts) key += `${text.length}:${text}`;
  return key;
}

function shortened(text: string): string {
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 32);
  // Through bytes, because a slice of a long text would keep all of it in memory.
  const start = Buffer.from(text.slice(0, MAX_TEXT - 40), 'utf16le').toString('utf16le');
  return `${start}…${digest}`;
}
