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
import type { JsonObject } from './json-path.ts';
import { putAt } from './json-path.ts';

/** Puts a field into an ECS document; false where the value has not the type that the ECS field needs. */
export function putEcsValue(
  document: JsonObject,
  path: string,
  type: FieldType,
  value: FieldValue,
): boolean {
  if (typeof value === 'string') {
    const structure = toEcsStructure(path, type, value);
    for (const [key, part] of structure) putAt(document, key, part);
    if (structure.length > 0) return true;
  }
  const scalar = toEcsScalar(type, value);
  if (scalar === null) return false;
  putAt(document, path, scalar);
  return true;
}

function toEcsScalar(type: FieldType, value: FieldValue): JsonValue {
  switch (type) {
    case 'integer':
      return toInteger(value);
    case 'boolean':
      return toBoolean(value);
    case 'ip':
      return toIp(value);
    case 'string':
      return typeof value === 'object' ? value : String(value);
    case 'direction': {
      const isComingIn = isInbound(value);
      if (isComingIn === null) return null;
      return isComingIn ? 'inbound' : 'outbound';
    }
    default:
      return null;
  }
}

type Part = readonly [path: string, value: JsonValue];

/** The several ECS fields that one field of ours fills; empty where the type has no structure. */
function toEcsStructure(path: string, type: FieldType, text: string): readonly Part[] {
  const parent = path.slice(0, path.lastIndexOf('.'));
  switch (type) {
    case 'path':
      return [
        [path, text],
        [`${parent}.name`, baseName(text)],
      ];
    case 'account':
      return Object.entries(parseAccount(text)).map(([key, part]): Part => [
        `${path}.${key}`,
        part,
      ]);
    case 'time': {
      const time = parseTime(text);
      return time === null ? [] : [[path, new Date(time).toISOString()]];
    }
    case 'list':
      return [[path, text.split(/\s+/).filter((word) => word !== '')]];
    case 'answers':
      return [[path, parseAnswers(text).map((data) => ({ data }))]];
    case 'hashes':
      return parseHashes(text).map(({ algorithm, value }): Part => [
        // ECS keeps the import hash with the executable's own facts.
        algorithm === 'IMPHASH' ? `${parent}.pe.imphash` : `${path}.${ecsHashName(algorithm)}`,
        value.toLowerCase(),
      ]);
    case 'registryValue':
      return registryParts(path, text);
    default:
      return [];
  }
}

/** ECS names a closed set of hashes; a sender's own algorithm name never becomes a key. */
function ecsHashName(algorithm: string): string {
  return ['MD5', 'SHA1', 'SHA256', 'SHA384', 'SHA512'].includes(algorithm)
    ? algorithm.toLowerCase()
    : 'other';
}

function registryParts(path: string, text: string): readonly Part[] {
  const first = text.indexOf('\\');
  const last = text.lastIndexOf('\\');
  if (first < 0) return [[path, text]];
  const parent = path.slice(0, path.lastIndexOf('.'));
  return [
    [path, text],
    [`${parent}.hive`, text.slice(0, first)],
    [`${parent}.key`, text.slice(first + 1, last < first + 1 ? text.length : last)],
    [`${parent}.value`, text.slice(last + 1)],
  ];
}
