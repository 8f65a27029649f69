import { RuleRefusal } from './rule-refusal.ts';
import type { Logsource } from './logsource.ts';
import type { YamlMap, YamlNode } from './yaml-node.ts';
import { toValue } from './yaml-tree.ts';

export const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'] as const;
export type Level = (typeof LEVELS)[number];
const STATUSES = ['stable', 'test', 'experimental', 'deprecated', 'unsupported'] as const;
export type Status = (typeof STATUSES)[number];

/**
 * The head that every kind of rule has, as its author wrote it. Author and id belong wherever a match is shown (Detection
 * Rule License 1.1).
 */
export interface RuleHead {
  /** The rule's `id`; for one without, its file (and the document's number when that is not the first). */
  readonly id: string;
  readonly name?: string;
  readonly title: string;
  /** `medium` when the rule does not say. */
  readonly level: Level;
  readonly status?: Status;
  readonly author?: string;
  readonly description?: string;
  readonly license?: string;
  readonly date?: string;
  readonly modified?: string;
  readonly tags: readonly string[];
  readonly references: readonly string[];
  readonly falsepositives: readonly string[];
  /** What the head says beyond the specification, as plain values: the specification leaves such keys to whoever uses them. */
  readonly custom: Readonly<Record<string, unknown>>;
  readonly file: string;
  readonly line: number;
}

/** A detection rule. */
export interface SigmaRule extends RuleHead {
  readonly logsource: Logsource;
}

const MAX_TITLE_CHARS = 256;

/**
 * Reads what a detection rule says beside its detection.
 * @throws {RuleRefusal} a missing or misshapen key
 */
export function readRule(root: YamlMap, file: string, documentNumber: number): SigmaRule {
  return { ...readHead(root, file, documentNumber), logsource: readLogsource(root) };
}

/**
 * Reads the head of a rule of any kind.
 * @throws {RuleRefusal} a missing or misshapen key, or a taxonomy that is not Sigma's own
 */
export function readHead(root: YamlMap, file: string, documentNumber: number): RuleHead {
  const taxonomy = readText(root, 'taxonomy') ?? 'sigma';
  if (taxonomy !== 'sigma')
    throw new RuleRefusal(`taxonomy '${taxonomy}' is unknown; 'sigma' is known`, root.line);
  const title = readText(root, 'title');
  if (title === undefined) throw new RuleRefusal("'title' is missing", root.line);
  if (title.length > MAX_TITLE_CHARS)
    throw new RuleRefusal("'title' is longer than 256 characters", root.line);
  return {
    id: readText(root, 'id') ?? (documentNumber === 1 ? file : `${file}#${String(documentNumber)}`),
    ...optionalTexts(root),
    title,
    level: readChoice(root, 'level', LEVELS) ?? 'medium',
    ...optional('status', readChoice(root, 'status', STATUSES)),
    tags: readTexts(root, 'tags'),
    references: readTexts(root, 'references'),
    falsepositives: readTexts(root, 'falsepositives'),
    custom: readCustom(root),
    file,
    line: root.line,
  };
}

export function findEntry(map: YamlMap, key: string): YamlNode | undefined {
  return map.entries.find((entry) => entry.key === key)?.value;
}

export function readText(map: YamlMap, key: string): string | undefined {
  const node = findEntry(map, key);
  if (node === undefined) return undefined;
  if (node.kind !== 'SCALAR' || node.value === null || node.value === '') {
    throw new RuleRefusal(`'${key}' must be text`, node.line);
  }
  return String(node.value);
}

/** `true` or `false`; undefined when absent. */
export function readFlag(map: YamlMap, key: string): boolean | undefined {
  const node = findEntry(map, key);
  if (node === undefined) return undefined;
  if (node.kind !== 'SCALAR' || typeof node.value !== 'boolean')
    throw new RuleRefusal(`'${key}' must be true or false`, node.line);
  return node.value;
}

/** A list of texts, or a single one. */
export function readTexts(map: YamlMap, key: string): readonly string[] {
  const node = findEntry(map, key);
  if (node === undefined || (node.kind === 'SCALAR' && node.value === null)) return [];
  const items = node.kind === 'LIST' ? node.items : [node];
  return items.map((item) => {
    if (item.kind !== 'SCALAR')
      throw new RuleRefusal(`'${key}' must be a list of texts`, item.line);
    return String(item.value);
  });
}

const OPTIONAL_TEXTS = ['name', 'author', 'description', 'license', 'date', 'modified'] as const;
type OptionalTexts = Partial<Record<(typeof OPTIONAL_TEXTS)[number], string>>;

function optionalTexts(root: YamlMap): OptionalTexts {
  return Object.fromEntries(
    OPTIONAL_TEXTS.flatMap((key) => {
      const text = readText(root, key);
      return text === undefined ? [] : [[key, text]];
    }),
  );
}

/** Keys of a rule that the specification 2.1 defines. */
const KNOWN_KEYS: ReadonlySet<string> = new Set([
  ...['title', 'id', 'related', 'name', 'taxonomy', 'status', 'description', 'license', 'author'],
  ...['references', 'date', 'modified', 'logsource', 'detection', 'fields', 'falsepositives'],
  ...['level', 'tags', 'scope', 'correlation', 'generate', 'filter'],
]);

function readCustom(root: YamlMap): Readonly<Record<string, unknown>> {
  const custom = root.entries.filter(({ key }) => !KNOWN_KEYS.has(key));
  return Object.fromEntries(custom.map(({ key, value }) => [key, toValue(value)]));
}

function optional<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Partial<Record<K, V>>);
}

function readChoice<T extends string>(
  root: YamlMap,
  key: string,
  choices: readonly T[],
): T | undefined {
  const text = readText(root, key);
  if (text === undefined) return undefined;
  const choice = choices.find((candidate) => candidate === text.toLowerCase());
  if (choice === undefined)
    throw new RuleRefusal(`'${key}' is none of ${choices.join(', ')}`, findEntry(root, key)?.line);
  return choice;
}

/** Where the rule's events come from. */
export function readLogsource(root: YamlMap): Logsource {
  const node = findEntry(root, 'logsource');
  if (node?.kind !== 'MAP')
    throw new RuleRefusal("'logsource' is missing", node?.line ?? root.line);
  const logsource: Logsource = {
    ...optional('category', readText(node, 'category')),
    ...optional('product', readText(node, 'product')),
    ...optional('service', readText(node, 'service')),
  };
  if (Object.keys(logsource).length === 0) {
    throw new RuleRefusal("'logsource' names no category, product or service", node.line);
  }
  return logsource;
}
