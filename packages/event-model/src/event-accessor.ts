/** How rules look into an event, whatever its shape. */
export interface EventAccessor {
  /** The value of a field, a list of values where the path runs through a list, else undefined. */
  get(field: string): unknown;
  /** Every leaf value, for keyword searches. */
  values(): Iterable<unknown>;
}

/** Senders may nest at most 32 deep; what lies below is not looked at. */
const maxDepth = 32;

/**
 * Reads fields of a normalised event, or of a raw record, by Sigma's rule: the exact key first, then a dotted
 * path into nested values. Only own properties count: `constructor` is a field only where the sender wrote it.
 */
export function eventAccessor(fields: Readonly<Record<string, unknown>>): EventAccessor {
  const hasPrototype = Object.getPrototypeOf(fields) !== null;
  return {
    get(field) {
      const value = fields[field];
      const isOwn = value !== undefined && (!hasPrototype || Object.hasOwn(fields, field));
      return isOwn ? value : getNested(fields, field);
    },
    values: () => leaves(fields),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function getNested(fields: Readonly<Record<string, unknown>>, field: string): unknown {
  if (!field.includes('.')) return undefined;
  const segments = field.split('.', maxDepth + 1);
  if (segments.length > maxDepth) return undefined;
  let found: unknown[] = [fields];
  let passedList = false;
  for (const segment of segments) {
    const next: unknown[] = [];
    for (const node of found) {
      if (!isObject(node) || !Object.hasOwn(node, segment)) continue;
      const value = node[segment];
      if (Array.isArray(value)) {
        passedList = true;
        for (const item of value as readonly unknown[]) next.push(item);
      } else {
        next.push(value);
      }
    }
    if (next.length === 0) return undefined;
    found = next;
  }
  return passedList ? found : found[0];
}

function* leaves(fields: Readonly<Record<string, unknown>>): Iterable<unknown> {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: fields, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value !== 'object' || value === null) {
      yield value;
    } else if (depth <= maxDepth) {
      for (const child of Object.values(value)) open.push({ value: child, depth: depth + 1 });
    }
  }
}
