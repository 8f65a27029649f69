import { followActions } from './collection.ts';
import {
  mentionsOf,
  readCorrelation,
  type Mentions,
  type ReadCorrelation,
} from './correlation-document.ts';
import { readFilter, type ReadFilter } from './filter.ts';
import { refusing, type RefusedRule } from './refused-rule.ts';
import { findEntry, readRule, type RuleHead, type SigmaRule } from './rule.ts';
import { RuleRefusal } from './rule-refusal.ts';
import type { YamlMap, YamlNode } from './yaml-node.ts';
import { readYamlDocuments } from './yaml-tree.ts';

/** The text of one rule file; `file` is the name that refusals and rules carry. */
export interface RuleSource {
  readonly file: string;
  readonly text: string;
}

/** A rule whose head is read and whose detection waits to be compiled. */
export interface ReadRule {
  readonly rule: SigmaRule;
  readonly detection: YamlMap;
}

export interface ReadFiles {
  readonly rules: readonly ReadRule[];
  readonly correlations: readonly ReadCorrelation[];
  readonly filters: readonly ReadFilter[];
  /** Rules that correlations name, also correlations that are refused. */
  readonly mentions: Mentions;
  readonly refused: readonly RefusedRule[];
}

/** Reads the documents of all files, whatever their kind. A file is a step. */
export function* readRuleFiles(sources: readonly RuleSource[]): Generator<void, ReadFiles> {
  const reader = new FileReader();
  for (const source of sources) {
    reader.read(source);
    yield;
  }
  return reader;
}

class FileReader implements ReadFiles {
  readonly rules: ReadRule[] = [];
  readonly correlations: ReadCorrelation[] = [];
  readonly filters: ReadFilter[] = [];
  readonly mentions = new Map<string, boolean>();
  readonly refused: RefusedRule[] = [];
  readonly #fileOf = new Map<string, string>();

  read({ file, text }: RuleSource): void {
    const documents = refusing({ file }, this.refused, () => readYamlDocuments(text)) ?? [];
    for (const { number, document, isMerged, refusal } of followActions(documents)) {
      refusing(whereIs(file, document), this.refused, () => {
        if (refusal !== undefined) throw refusal;
        if (document.kind !== 'MAP') throw new RuleRefusal('a rule is a map', document.line);
        this.#readDocument(
          isMerged ? this.#withOwnId(document, file, number) : document,
          file,
          number,
        );
      });
    }
  }

  #readDocument(document: YamlMap, file: string, number: number): void {
    if (findEntry(document, 'correlation') !== undefined) {
      const { names, generate } = mentionsOf(document);
      for (const name of names)
        this.mentions.set(name, generate || this.mentions.get(name) === true);
      const correlation = readCorrelation(document, file, number);
      this.#refuseRepeat(correlation.head);
      this.correlations.push(correlation);
    } else if (findEntry(document, 'filter') !== undefined) {
      const filter = readFilter(document, file, number);
      this.#refuseRepeat(filter.head);
      this.filters.push(filter);
    } else {
      const detection = findEntry(document, 'detection');
      if (detection?.kind !== 'MAP')
        throw new RuleRefusal("'detection' is missing", detection?.line ?? document.line);
      const rule = readRule(document, file, number);
      this.#refuseRepeat(rule);
      this.rules.push({ rule, detection });
    }
  }

  /** Rules of a collection may share the id that one document gives to all: the number of theirs tells them apart. */
  #withOwnId(document: YamlMap, file: string, number: number): YamlMap {
    const id = textAt(document, 'id');
    if (id === undefined || this.#fileOf.get(id) !== file) return document;
    const value: YamlNode = {
      ...{ kind: 'SCALAR', line: document.line },
      value: `${id}#${String(number)}`,
    };
    const entries = document.entries.map((entry) =>
      entry.key === 'id' ? { ...entry, value } : entry,
    );
    return { ...document, entries };
  }

  #refuseRepeat({ id, file, line }: RuleHead): void {
    const first = this.#fileOf.get(id);
    if (first !== undefined) throw new RuleRefusal(`the id is already used by ${first}`, line);
    this.#fileOf.set(id, file);
  }
}

function whereIs(file: string, document: YamlNode): Omit<RefusedRule, 'reason'> {
  const ruleId = textAt(document, 'id');
  const ruleName = textAt(document, 'name');
  return {
    ...{ file, line: document.line },
    ...(ruleId === undefined ? {} : { ruleId }),
    ...(ruleName === undefined ? {} : { ruleName }),
  };
}

function textAt(document: YamlNode, key: string): string | undefined {
  const node = document.kind === 'MAP' ? findEntry(document, key) : undefined;
  return node?.kind === 'SCALAR' && node.value !== null ? String(node.value) : undefined;
}
