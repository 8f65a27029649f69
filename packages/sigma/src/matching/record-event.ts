import type { SigmaEvent } from './event-view.ts';

const MAX_DEPTH = 64;

/**
 * Reads a plain JSON object as an event. A field is a key of the object, else a dotted path into nested objects
 * (`userIdentity.type`); a path through an array gives every element's value.
 */
export function recordEvent(record: Readonly<Record<string, unknown>>): SigmaEvent {
  return {
    get: (field) => readPath(record, field, 0),
    values: () => leavesOf(record),
  };
}

function readPath(value: unknown, path: string, depth: number): unknown {
  if (depth > MAX_DEPTH) return undefined;
  if (Array.isArray(value)) {
    const found = value.flatMap((element: unknown) => readPath(element, path, depth + 1) ?? []);
    return found.length > 0 ? found : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (Object.hasOwn(value, path)) return (value as Record<string, unknown>)[path];
  for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
    const key = path.slice(0, dot);
    if (Object.hasOwn(value, key)) {
      const found = readPath(
        (value as Record<string, unknown>)[key],
        path.slice(dot + 1),
        depth + 1,
      );
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function leavesOf(record: object): readonly unknown[] {
  const values: readonly unknown[] = Object.values(record);
  // Most events are flat; a list of values is quicker than walking them.
  if (!values.some((value) => typeof value === 'object' && value !== null)) return values;
  const leaves: unknown[] = [];
  for (const value of values) collectLeaves(value, 1, leaves);
  return leaves;
}

function collectLeaves(value: unknown, depth: number, leaves: unknown[]): void {
  if (typeof value !== 'object' || value === null) {
    leaves.push(value);
  } else if (depth < MAX_DEPTH) {
    for (const child of Array.isArray(value) ? (value as unknown[]) : Object.values(value)) {
      collectLeaves(child, depth + 1, leaves);
    }
  }
}
