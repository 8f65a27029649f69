import type { FieldValue } from '@vedette/event-model';

/** Fields under construction: an object without a prototype, so that `__proto__` is a key like any other. */
export type DraftFields = Record<string, FieldValue>;

/**
 * The same limits as the HTTP door has (nesting 32, 1,000 keys), kept here too: parsers also run on records
 * that came another way. A joined name is cut so that one long key cannot be repeated for each of its children.
 */
const maxDepth = 32;
const maxFields = 1000;
const maxNameLength = 512;

export function createFields(): DraftFields {
  return Object.create(null) as DraftFields;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Text as the stream and the database can carry it: U+0000 and lone surrogates become U+FFFD. PostgreSQL stores
 * neither, and one such text past this point would be a message that nobody can process.
 */
export function cleanText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\ufffd') : wellFormed;
}

/** Names repeat in every record, so what became of each is kept; cleared when a sender invents names. */
const knownNames = new Map<string, string>();
const maxKnownNames = 8192;
const maxKnownNameLength = 128;

/** A field's name by Sigma's convention: without spaces (`Threat Name` is `ThreatName`). */
function fieldName(name: string): string {
  const known = knownNames.get(name);
  if (known !== undefined) return known;
  const clean = cleanText(name.includes(' ') ? name.replaceAll(' ', '') : name);
  if (name.length > maxKnownNameLength) return clean;
  if (knownNames.size >= maxKnownNames) knownNames.clear();
  knownNames.set(name, clean);
  return clean;
}

/** Sets a field to any JSON value; objects are flattened to dotted names. */
export function setField(fields: DraftFields, name: string, value: unknown): void {
  if (typeof value === 'string') fields[fieldName(name)] = cleanText(value);
  else if (typeof value === 'number' || typeof value === 'boolean' || value === null) {
    fields[fieldName(name)] = value;
  } else if (value !== undefined) flattenInto(fields, name, value);
}

/** Cut before it is joined: cutting after would copy a long key once for each of its children. */
function nestedName(prefix: string, key: string): string {
  return (prefix + fieldName(key).slice(0, maxNameLength)).slice(0, maxNameLength);
}

interface Open {
  readonly name: string;
  readonly value: unknown;
  readonly depth: number;
}

/**
 * Adds a nested value under dotted names. A list of scalars stays a list; what a list's objects hold is collected
 * under one name (`answers.data` of two answers is a list of two). What is deeper or more than the limits is left
 * out: the raw record, which is stored beside the event, still has it.
 */
export function flattenInto(fields: DraftFields, name: string, value: unknown): void {
  const open: Open[] = [{ name: nestedName('', name), value, depth: 1 }];
  let budget = maxFields;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { name: path, value: node, depth } = next;
    if (Array.isArray(node)) {
      // A list of one stays a list.
      const hasLeaf = node.some((item) => typeof item !== 'object' || item === null);
      if (node.length === 0 || hasLeaf) fields[path] ??= [];
      if (depth < maxDepth) {
        // Pushed last to first, so that they are taken first to last.
        for (let at = node.length - 1; at >= 0; at -= 1) {
          open.push({ name: path, value: node[at] as unknown, depth: depth + 1 });
        }
      }
    } else if (isRecord(node)) {
      if (depth < maxDepth) {
        for (const [key, child] of Object.entries(node).reverse()) {
          open.push({ name: nestedName(`${path}.`, key), value: child, depth: depth + 1 });
        }
      }
    } else if (budget > 0) {
      budget -= 1;
      addValue(fields, path, node);
    }
  }
}

function addValue(fields: DraftFields, name: string, value: unknown): void {
  const scalar =
    typeof value === 'string'
      ? cleanText(value)
      : typeof value === 'number' || typeof value === 'boolean'
        ? value
        : null;
  const present = fields[name];
  if (present === undefined) fields[name] = scalar;
  else if (isList(present)) present.push(scalar);
  else fields[name] = [present, scalar];
}

/** Lists in draft fields are made here and nowhere else, so they may still grow. */
function isList(value: FieldValue): value is FieldValue[] {
  return Array.isArray(value);
}
