import type { FieldType } from './catalogue/field-entry.ts';
import type { FieldValue } from './event.ts';
import {
  baseName,
  isInbound,
  parseAccount,
  parseAnswers,
  parseHashes,
  parseTime,
  toBoolean,
  toInteger,
  toIp,
} from './field-values.ts';
import type { JsonValue } from './field-values.ts';

/** OCSF `fingerprint.algorithm_id`; what it does not list is 99 Other. */
const algorithmIds: Readonly<Record<string, number>> = {
  MD5: 1,
  SHA1: 2,
  SHA256: 3,
  SHA512: 4,
  CTPH: 5,
  TLSH: 6,
};

/** The OCSF value of a field, or null where the value has not the type the attribute needs. */
export function toOcsfValue(type: FieldType, value: FieldValue): JsonValue {
  switch (type) {
    case 'integer':
      return toInteger(value);
    case 'boolean':
      return toBoolean(value);
    case 'ip':
      return toIp(value);
    case 'direction':
      return directionId(isInbound(value));
    case 'string':
      return typeof value === 'object' ? (value?.join(' ') ?? null) : String(value);
    default:
      return typeof value === 'string' ? toOcsfStructure(type, value) : null;
  }
}

function directionId(isComingIn: boolean | null): number | null {
  if (isComingIn === null) return null;
  return isComingIn ? 1 : 2;
}

function toOcsfStructure(
  type: 'time' | 'list' | 'path' | 'account' | 'hashes' | 'registryValue' | 'answers',
  text: string,
): JsonValue {
  switch (type) {
    case 'time':
      return parseTime(text);
    case 'list':
      return text.split(/\s+/).filter((word) => word !== '');
    case 'path':
      return { path: text, name: baseName(text), type_id: 1 };
    case 'account':
      return parseAccount(text);
    case 'registryValue': {
      const at = text.lastIndexOf('\\');
      return at < 0 ? null : { path: text.slice(0, at), name: text.slice(at + 1) };
    }
    case 'answers': {
      const answers = parseAnswers(text);
      return answers.length === 0 ? null : answers.map((rdata) => ({ rdata }));
    }
    case 'hashes': {
      const hashes = parseHashes(text);
      if (hashes.length === 0) return null;
      return hashes.map(({ algorithm, value }) => ({
        algorithm,
        algorithm_id: algorithmIds[algorithm] ?? 99,
        value,
      }));
    }
  }
}
