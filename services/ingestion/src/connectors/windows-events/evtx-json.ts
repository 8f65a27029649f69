import { isRecord, setField } from '../record-fields.ts';
import type { DraftFields } from '../record-fields.ts';

type XmlNode = Readonly<Record<string, unknown>>;

/** Where converters of event XML put attributes and text. */
const attributeKeys = ['#attributes', '@attributes', '_attributes', '$'];
const textKeys = ['#text', '_text', '_'];

/** Deeper than Windows nests (`UserData/EventXML/Name`), shallow enough for hostile input. */
const maxDepth = 8;

/** An element's name is repeated for each of its attributes; Windows' own have at most 13 characters. */
const maxElementNameLength = 64;

/**
 * Adds the `System` part: `Provider/@Name` becomes `Provider_Name`, `Execution/@ProcessID` `Execution_ProcessID`.
 * Rules know these names as the envelope's, so event data of the same name moves to `EventData_<name>`.
 */
export function readSystem(fields: DraftFields, system: XmlNode): void {
  for (const name of Object.keys(system)) {
    const value = system[name];
    if (isRecord(value)) readElement(fields, name.slice(0, maxElementNameLength), value);
    else setSystemField(fields, name, value);
  }
}

function readElement(fields: DraftFields, name: string, element: XmlNode): void {
  for (const key of Object.keys(element)) {
    const part = element[key];
    if (textKeys.includes(key)) setSystemField(fields, name, part);
    else if (isRecord(part)) readAttributes(fields, name, part);
    else setSystemField(fields, `${name}_${key.startsWith('@') ? key.slice(1) : key}`, part);
  }
}

function readAttributes(fields: DraftFields, name: string, attributes: XmlNode): void {
  for (const key of Object.keys(attributes)) {
    setSystemField(fields, `${name}_${key}`, attributes[key]);
  }
}

function setSystemField(fields: DraftFields, name: string, value: unknown): void {
  if (value === undefined) return;
  const data = fields[name];
  if (data !== undefined) fields[`EventData_${name}`] = data;
  setField(fields, name, name === 'EventID' ? toEventId(value) : value);
}

/** Event ids are numbers in rules and in the class table; some shippers send them as text. */
export function toEventId(value: unknown): unknown {
  if (typeof value !== 'string' || value.trim() === '') return value;
  const eventId = Number(value);
  return Number.isSafeInteger(eventId) ? eventId : value;
}

/** Adds `EventData` or `UserData`: leaf elements by their name, `<Data Name="X">` as `X`, nameless data as a list. */
export function readEventData(fields: DraftFields, data: unknown): void {
  const open: { readonly node: unknown; readonly depth: number }[] = [{ node: data, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, depth } = next;
    if (!isRecord(node)) continue;
    for (const name of Object.keys(node)) {
      if (attributeKeys.includes(name)) continue;
      const value = node[name];
      if (isRecord(value)) {
        if (isDataElement(value)) readDataElement(fields, name, value);
        else if (depth < maxDepth) open.push({ node: value, depth: depth + 1 });
      } else if (Array.isArray(value)) {
        readList(fields, name, value);
      } else {
        setField(fields, name, value);
      }
    }
  }
}

function isDataElement(node: XmlNode): boolean {
  return textKeys.some((key) => node[key] !== undefined) || nameOf(node) !== null;
}

function nameOf(node: XmlNode): string | null {
  for (const key of attributeKeys) {
    const attributes = node[key];
    if (isRecord(attributes) && typeof attributes.Name === 'string') return attributes.Name;
  }
  const name = node['@Name'];
  return typeof name === 'string' ? name : null;
}

function readDataElement(fields: DraftFields, element: string, node: XmlNode): void {
  const textKey = textKeys.find((key) => node[key] !== undefined);
  setField(fields, nameOf(node) ?? element, textKey === undefined ? null : node[textKey]);
}

function readList(fields: DraftFields, name: string, items: readonly unknown[]): void {
  const nameless: unknown[] = [];
  for (const item of items) {
    if (isRecord(item) && nameOf(item) !== null) readDataElement(fields, name, item);
    else nameless.push(isRecord(item) && isDataElement(item) ? textOf(item) : item);
  }
  if (nameless.length > 0) setField(fields, name, nameless);
}

function textOf(node: XmlNode): unknown {
  const textKey = textKeys.find((key) => node[key] !== undefined);
  return textKey === undefined ? null : node[textKey];
}
