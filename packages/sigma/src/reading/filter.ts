import { covers, type Logsource } from './logsource.ts';
import {
  findEntry,
  readHead,
  readLogsource,
  readTexts,
  type RuleHead,
  type SigmaRule,
} from './rule.ts';
import { RuleRefusal } from './rule-refusal.ts';
import type { YamlMap } from './yaml-node.ts';

/** A global filter whose search identifiers wait to be compiled. */
export interface ReadFilter {
  readonly head: RuleHead;
  readonly logsource: Logsource;
  /** Ids and names of rules; `null` for every rule of the logsource. */
  readonly rules: ReadonlySet<string> | null;
  /** The search identifiers and the condition, as in a rule's `detection`. */
  readonly detection: YamlMap;
}

/**
 * Reads a filter document. `rules` is a list of ids and names, or `any` (also `all` or an empty list, as in pySigma).
 * @throws {RuleRefusal} a missing or misshapen key
 */
export function readFilter(root: YamlMap, file: string, documentNumber: number): ReadFilter {
  const section = findEntry(root, 'filter');
  if (section?.kind !== 'MAP')
    throw new RuleRefusal("'filter' must be a map", section?.line ?? root.line);
  const rules = findEntry(section, 'rules');
  if (rules === undefined)
    throw new RuleRefusal("'filter' has no 'rules' ('any' means every rule)", section.line);
  const condition = findEntry(section, 'condition');
  if (condition?.kind !== 'SCALAR')
    throw new RuleRefusal("'filter' needs one 'condition'", condition?.line ?? section.line);
  const names = readTexts(section, 'rules');
  const isAny = rules.kind === 'SCALAR' && /^(?:any|all)$/i.test(String(rules.value));
  return {
    head: readHead(root, file, documentNumber),
    logsource: readLogsource(root),
    rules: isAny || names.length === 0 ? null : new Set(names),
    detection: {
      ...section,
      entries: section.entries.filter(({ key }) => key !== 'rules'),
    },
  };
}

/** Whether the filter is for the rule: it names it, and its logsource is equal to the rule's or more general. */
export function appliesTo(filter: ReadFilter, rule: SigmaRule): boolean {
  const { rules, logsource } = filter;
  const isNamed =
    rules === null || rules.has(rule.id) || (rule.name !== undefined && rules.has(rule.name));
  return isNamed && covers(logsource, rule.logsource);
}
