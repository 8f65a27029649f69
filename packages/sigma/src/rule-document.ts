import { findEntry, readRule, readText, readTexts, type SigmaRule } from './rule.ts';
import { RuleRefusal } from './rule-refusal.ts';
import { readYamlDocuments, type YamlMap, type YamlNode } from './yaml-tree.ts';

/** The text of one rule file; `file` is the name that refusals and rules carry. */
export interface RuleSource {
  readonly file: string;
  readonly text: string;
}

/** A rule or file that is not run, and why. */
export interface RefusedRule {
  readonly file: string;
  readonly line?: number;
  readonly ruleId?: string;
  readonly reason: string;
}

/** A rule whose head is read and whose detection waits to be compiled. */
export interface ReadRule {
  readonly rule: SigmaRule;
  readonly detection: YamlMap;
}

export interface ReadFiles {
  readonly rules: readonly ReadRule[];
  readonly refused: readonly RefusedRule[];
}

/**
 * Reads the documents of all files. Correlations, filters and collections are refused; so are the rules that a refused
 * correlation refers to, because by the specification they do not alert by themselves.
 */
export function readRuleFiles(sources: readonly RuleSource[]): ReadFiles {
  const rules: ReadRule[] = [];
  const refused: RefusedRule[] = [];
  const correlated = new Set<string>();
  for (const source of sources) {
    const documents =
      refusing({ file: source.file }, refused, () => readYamlDocuments(source.text)) ?? [];
    documents.forEach((document, index) => {
      refusing(whereIs(source.file, document), refused, () => {
        if (document.kind === 'MAP') noteCorrelated(document, correlated);
        rules.push(readDocument(document, source.file, index + 1));
      });
    });
  }
  const unique = refuseRepeats(rules, refused);
  return { rules: unique.filter((read) => !refuseCorrelated(read, correlated, refused)), refused };
}

/** Runs the work; a refusal is noted with what is known of the rule, and gives nothing. */
export function refusing<T>(
  where: Omit<RefusedRule, 'reason'>,
  refused: RefusedRule[],
  work: () => T,
): T | undefined {
  try {
    return work();
  } catch (error) {
    // Anything else than a refusal comes from a library that met input it does not survive, such as its own recursion.
    const reason = error instanceof Error ? error.message : String(error);
    const line = error instanceof RuleRefusal ? error.line : undefined;
    refused.push({ ...where, ...(line === undefined ? {} : { line }), reason });
    return undefined;
  }
}

function whereIs(file: string, document: YamlNode): Omit<RefusedRule, 'reason'> {
  const id = document.kind === 'MAP' ? findEntry(document, 'id') : undefined;
  const ruleId = id?.kind === 'SCALAR' && id.value !== null ? String(id.value) : undefined;
  return { file, line: document.line, ...(ruleId === undefined ? {} : { ruleId }) };
}

function readDocument(document: YamlNode, file: string, documentNumber: number): ReadRule {
  if (document.kind !== 'MAP') throw new RuleRefusal('a rule is a map', document.line);
  for (const [key, what] of UNSUPPORTED_DOCUMENTS) {
    const found = findEntry(document, key);
    if (found !== undefined) throw new RuleRefusal(`${what} are not supported`, found.line);
  }
  const detection = findEntry(document, 'detection');
  if (detection?.kind !== 'MAP')
    throw new RuleRefusal("'detection' is missing", detection?.line ?? document.line);
  const taxonomy = readText(document, 'taxonomy') ?? 'sigma';
  if (taxonomy !== 'sigma')
    throw new RuleRefusal(`taxonomy '${taxonomy}' is unknown; 'sigma' is known`, document.line);
  return { rule: readRule(document, file, documentNumber), detection };
}

const UNSUPPORTED_DOCUMENTS = [
  ['correlation', 'correlation rules'],
  ['filter', 'filters'],
  ['action', "collections ('action')"],
] as const;

function noteCorrelated(document: YamlMap, correlated: Set<string>): void {
  const correlation = findEntry(document, 'correlation');
  if (correlation?.kind !== 'MAP') return;
  for (const name of readTexts(correlation, 'rules')) correlated.add(name);
}

function refuseCorrelated(
  read: ReadRule,
  correlated: ReadonlySet<string>,
  refused: RefusedRule[],
): boolean {
  const { id, name, file, line } = read.rule;
  if (!correlated.has(id) && (name === undefined || !correlated.has(name))) return false;
  refused.push({
    file,
    line,
    ruleId: id,
    reason: 'it only feeds a correlation rule, and those are not supported',
  });
  return true;
}

function refuseRepeats(rules: readonly ReadRule[], refused: RefusedRule[]): readonly ReadRule[] {
  const fileOf = new Map<string, string>();
  return rules.filter(({ rule }) => {
    const first = fileOf.get(rule.id);
    if (first === undefined) {
      fileOf.set(rule.id, rule.file);
      return true;
    }
    refused.push({
      file: rule.file,
      line: rule.line,
      ruleId: rule.id,
      reason: `the id is already used by ${first}`,
    });
    return false;
  });
}
