import {
  ANY_WINDOWS_EVENT,
  OTHER_BINDINGS,
  windowsCategory,
  windowsService,
} from './logsource-table.ts';
import type { EventSelector, LogsourceBinding, LogsourceMap } from './logsource.ts';

/** A logsource map that cannot be used; the message names the place. */
export class InvalidLogsourceMapError extends Error {
  override readonly name = 'InvalidLogsourceMapError';
}

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads a logsource map from parsed JSON: `windows_category` {name: {channel: [], event_id: []}}, `windows_service`
 * {name: [channel]}, `other` {name of a built-in binding: note}, `bindings` [{category?, product?, service?, events}].
 * `note` and `audit_alternative` are prose and bind nothing.
 * @throws {InvalidLogsourceMapError} another key or shape
 */
export function parseLogsourceMap(json: unknown): LogsourceMap {
  const map: LogsourceBinding[] = [];
  for (const [section, content] of Object.entries(asObject(json, 'the map'))) {
    if (section === 'note' || section === 'audit_alternative') continue;
    const read = SECTIONS.get(section);
    if (read === undefined) throw new InvalidLogsourceMapError(`unknown section '${section}'`);
    map.push(...read(content));
  }
  return map;
}

const SECTIONS = new Map<string, (content: unknown) => LogsourceMap>([
  [
    'windows_category',
    (content) =>
      entriesOf(content, 'windows_category').map(([category, selector, at]) => {
        const { channel, event_id } = asObject(selector, at);
        return windowsCategory(
          category,
          asTexts(channel, `${at}.channel`),
          asIds(event_id, `${at}.event_id`),
        );
      }),
  ],
  [
    'windows_service',
    (content) => [
      ANY_WINDOWS_EVENT,
      ...entriesOf(content, 'windows_service').map(([service, channels, at]) =>
        windowsService(service, asTexts(channels, at)),
      ),
    ],
  ],
  [
    'other',
    (content) =>
      entriesOf(content, 'other').flatMap(([name, , at]) => {
        const bindings = OTHER_BINDINGS.get(name);
        if (bindings === undefined)
          throw new InvalidLogsourceMapError(`${at}: there is no built-in binding of this name`);
        return bindings;
      }),
  ],
  [
    'bindings',
    (content) => {
      if (!Array.isArray(content)) throw new InvalidLogsourceMapError('bindings: must be a list');
      return content.map((binding: unknown, index) =>
        readBinding(binding, `bindings[${String(index)}]`),
      );
    },
  ],
]);

function readBinding(json: unknown, at: string): LogsourceBinding {
  const { events, ...source } = asObject(json, at);
  for (const [key, value] of Object.entries(source)) {
    if (key !== 'category' && key !== 'product' && key !== 'service') {
      throw new InvalidLogsourceMapError(`${at}: unknown key '${key}'`);
    }
    if (typeof value !== 'string') throw new InvalidLogsourceMapError(`${at}.${key}: must be text`);
  }
  return { ...source, events: readSelector(events, `${at}.events`) };
}

function readSelector(json: unknown, at: string): EventSelector {
  const { channels, eventIds, fields, ...rest } = asObject(json, at);
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new InvalidLogsourceMapError(`${at}: unknown key '${unknown}'`);
  return {
    ...(channels === undefined ? {} : { channels: asTexts(channels, `${at}.channels`) }),
    ...(eventIds === undefined ? {} : { eventIds: asIds(eventIds, `${at}.eventIds`) }),
    ...(fields === undefined ? {} : { fields: readFields(fields, `${at}.fields`) }),
  };
}

function readFields(json: unknown, at: string): Readonly<Record<string, string | true>> {
  const fields = entriesOf(json, at).map(([name, value, where]): [string, string | true] => {
    if (value !== true && typeof value !== 'string')
      throw new InvalidLogsourceMapError(`${where}: text or true`);
    return [name, value];
  });
  return Object.fromEntries(fields);
}

function entriesOf(json: unknown, at: string): readonly (readonly [string, unknown, string])[] {
  return Object.entries(asObject(json, at)).map(([key, value]) => [key, value, `${at}.${key}`]);
}

function asObject(json: unknown, at: string): JsonObject {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as JsonObject;
  throw new InvalidLogsourceMapError(`${at}: must be an object`);
}

function asTexts(json: unknown, at: string): readonly string[] {
  if (Array.isArray(json) && json.every((item) => typeof item === 'string')) return json;
  throw new InvalidLogsourceMapError(`${at}: must be a list of texts`);
}

function asIds(json: unknown, at: string): readonly number[] {
  if (
    Array.isArray(json) &&
    json.every((item) => typeof item === 'number' && Number.isInteger(item))
  ) {
    return json as readonly number[];
  }
  throw new InvalidLogsourceMapError(`${at}: must be a list of whole numbers`);
}
