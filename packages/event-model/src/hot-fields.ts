import { fieldCatalogue, ocsfNameOf } from './field-catalogue.ts';
import type { FieldValue, NormalisedEvent } from './event.ts';

/**
 * What free text looks into, by OCSF path: whatever a source calls it, in whichever class. What people remember of
 * an event belongs here; what only a program compares (ports, ids of rows, times) does not.
 */
export const hotPaths: readonly string[] = [
  // Hosts and people
  'device.hostname',
  'device.name',
  'device.ip',
  'actor.user',
  'actor.user.name',
  'actor.user.email_addr',
  'user.name',
  'user.full_name',
  'process.user',
  'process.user.name',
  'entity.name',
  'group.name',
  'privileges.0',
  // Programs
  'process.file.path',
  'process.name',
  'process.cmd_line',
  'process.file.hashes',
  'process.file.internal_name',
  'process.parent_process.file.path',
  'process.parent_process.cmd_line',
  'actor.process.file.path',
  'actor.process.cmd_line',
  'actor.process.name',
  'evidences.0.process.file.path',
  'evidences.0.process.cmd_line',
  'module.file.path',
  'module.file.hashes',
  'driver.file.path',
  'driver.file.hashes',
  'script.script_content.value',
  'script.file.path',
  'job.name',
  'job.cmd_line',
  'win_service.name',
  'win_service.cmd_line',
  // Files and the registry
  'file.path',
  'file.name',
  'file.hashes',
  'file.url.url_string',
  'evidences.0.file.path',
  'evidences.0.file.name',
  'reg_key.path',
  'reg_value.path',
  'reg_value.data',
  'win_resource.name',
  'share',
  // Network, web and mail
  'src_endpoint.ip',
  'src_endpoint.hostname',
  'dst_endpoint.ip',
  'dst_endpoint.hostname',
  'evidences.0.src_endpoint.ip',
  'evidences.0.dst_endpoint.ip',
  'evidences.0.query.hostname',
  'query.hostname',
  'answers',
  'http_request.url.url_string',
  'http_request.url.hostname',
  'http_request.user_agent',
  'email.subject',
  'evidences.0.email.from',
  'evidences.0.email.subject',
  // What was found, asked for and touched
  'finding_info.title',
  'finding_info.desc',
  'finding_info.analytic.uid',
  'malware.0.name',
  'malware.0.path',
  'malware.0.files.0.hashes',
  'policy.name',
  'api.operation',
  'api.service.name',
  'resources.0.name',
  'resources.0.uid',
  'service.name',
  'message',
];

/** Characters of one value, and of all together. */
const maxValueLength = 1_024;
const maxTextLength = 4_096;

/**
 * Ends a text that does not hold all of its event's hot values. Letters, since only those are indexed, that nobody
 * writes: the text of an event with this mark says nothing about what is not in the event.
 */
export const cutMark = '\u{A66E}\u{A66E}\u{A66E}\u{A66E}';

const hotNames: ReadonlySet<string> = toHotNames();

function toHotNames(): ReadonlySet<string> {
  const hot = new Set(hotPaths);
  const names = new Set(hotPaths);
  for (const entry of fieldCatalogue) {
    const path = ocsfNameOf(entry);
    if (path !== null && hot.has(path)) names.add(entry.sigma);
  }
  return names;
}

/** Whether the values of a field, by its source's name, are in the text that free text looks into. */
export function isHotName(name: string): boolean {
  return hotNames.has(name);
}

/**
 * The text that free-text search looks into: the values of the hot fields in lower case, one a line, each once and
 * cut to 1,024 characters, 4,096 together; {@link cutMark} ends what was cut. A name counts as hot when it is so in any class or source: looking the
 * class up for each field would cost more than the few values that it would leave out.
 */
export function searchTextOf(
  event: Pick<NormalisedEvent, 'hostname' | 'userName' | 'fields'>,
): string {
  const lines = new Set<string>();
  let length = 0;
  let isCut = false;
  const add = (value: FieldValue | undefined): void => {
    if (typeof value === 'object' && value !== null) {
      for (const item of value) add(item);
    } else if (typeof value === 'string' && value.length > 1) {
      const line = value
        .slice(0, Math.max(0, Math.min(maxValueLength, maxTextLength - length)))
        .toLowerCase();
      isCut ||= line.length < value.length;
      if (line === '' || lines.has(line)) return;
      lines.add(line);
      length += line.length + 1;
    }
  };
  add(event.hostname);
  add(event.userName);
  const { fields } = event;
  for (const name in fields) if (hotNames.has(name)) add(fields[name]);
  if (isCut) lines.add(cutMark);
  // PostgreSQL holds neither NUL nor half a surrogate pair, which a cut can leave.
  return [...lines].join('\n').replaceAll('\0', '').toWellFormed();
}
