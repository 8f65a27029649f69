import type { JsonValue } from './field-values.ts';

/** A JSON object under construction. Its keys come from the catalogue, never from a sender. */
export interface JsonObject {
  [key: string]: JsonValue | JsonObject | JsonObject[];
}

const split = new Map<string, readonly string[]>();

function segmentsOf(path: string): readonly string[] {
  const known = split.get(path);
  if (known !== undefined) return known;
  const segments = path.split('.');
  split.set(path, segments);
  return segments;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Puts a value at a dotted path of the catalogue; the segment `0` is the first item of a list.
 * An object joins one that stands there already; a value that stands there already stays (the canonical name
 * comes first in a record as in the catalogue, and sources repeat themselves).
 */
export function putAt(target: JsonObject, path: string, value: JsonValue | JsonObject): void {
  const segments = segmentsOf(path);
  let node = target;
  for (let index = 0; index < segments.length - 1; index += 1) {
    const key = segments[index] ?? '';
    if (segments[index + 1] === '0') {
      const isLeaf = index + 2 === segments.length;
      if (isLeaf) {
        node[key] ??= [value];
        return;
      }
      const list = (node[key] ??= [{}]);
      const first: unknown = Array.isArray(list) ? list[0] : undefined;
      if (!isJsonObject(first)) return;
      node = first;
      index += 1;
    } else {
      const child = (node[key] ??= {});
      if (!isJsonObject(child)) return;
      node = child;
    }
  }
  const last = segments.at(-1) ?? '';
  const present = node[last];
  if (isJsonObject(present) && isJsonObject(value)) Object.assign(present, value);
  else node[last] ??= isJsonObject(value) ? { ...value } : value;
}
