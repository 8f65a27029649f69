import { recordEvent, type SigmaEvent } from '../index.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads one record as an event with the names of the Sigma taxonomy, its layout told by its keys: EVTX as JSON, winlogbeat
 * 6, flat Windows; every other record is taken as it is, nested fields by dotted names.
 */
export function toSigmaEvent(record: JsonObject): SigmaEvent {
  const evtx = record['Event'];
  if (isObject(evtx) && isObject(evtx['System']))
    return recordEvent(flattenEvtx(evtx, evtx['System']));
  const data = record['event_data'];
  if (isObject(data) && record['log_name'] !== undefined)
    return recordEvent(flattenWinlogbeat(record, data));
  if (record['Channel'] !== undefined) return withAliases(record);
  return recordEvent(record);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The name Windows gives a field in a flat export, by the name the taxonomy gives it. */
const FLAT_ALIASES: ReadonlyMap<string, string> = new Map([
  ['Provider_Name', 'SourceName'],
  ['Computer', 'Hostname'],
]);

function withAliases(record: JsonObject): SigmaEvent {
  const event = recordEvent(record);
  return {
    get: (field) => {
      const value = event.get(field);
      const alias = FLAT_ALIASES.get(field);
      return value === undefined && alias !== undefined ? event.get(alias) : value;
    },
    values: () => event.values(),
  };
}

function flattenWinlogbeat(record: JsonObject, data: JsonObject): JsonObject {
  const { log_name, event_id, source_name, computer_name, message, level, task, opcode } = record;
  return {
    ...{ Level: level, Task: task, Opcode: opcode, Message: message },
    ...data,
    ...{
      Channel: log_name,
      EventID: event_id,
      Provider_Name: source_name,
      Computer: computer_name,
    },
  };
}

/** EventData and the leaves of UserData by name without blanks, then the System names, whose attributes join with `_`. */
function flattenEvtx(event: JsonObject, system: JsonObject): JsonObject {
  // Without a prototype, so that a field may have any name.
  const flat = Object.create(null) as Record<string, unknown>;
  for (const section of [event['EventData'], event['UserData']]) {
    if (isObject(section)) collectLeaves(section, flat, 0);
  }
  for (const [name, value] of Object.entries(system)) {
    if (!isObject(value)) {
      flat[name] = value;
      continue;
    }
    if (value['#text'] !== undefined) flat[name] = value['#text'];
    const attributes = value['#attributes'];
    if (!isObject(attributes)) continue;
    for (const [attribute, content] of Object.entries(attributes))
      flat[`${name}_${attribute}`] = content;
  }
  return flat;
}

/** No layout nests its data deeper; what does is left out. */
const MAX_DEPTH = 64;

function collectLeaves(section: JsonObject, flat: Record<string, unknown>, depth: number): void {
  if (depth > MAX_DEPTH) return;
  for (const [name, value] of Object.entries(section)) {
    if (name === '#attributes') continue;
    if (isObject(value)) collectLeaves(value, flat, depth + 1);
    else flat[name.replaceAll(' ', '')] = value;
  }
}
