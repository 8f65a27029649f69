import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  parseAllDocuments,
  type Alias,
  type Document,
  type ParsedNode,
} from 'yaml';
import { readQuickly } from './quick-yaml.ts';
import { RuleRefusal } from './rule-refusal.ts';
import type { YamlEntry, YamlNode, YamlPlain } from './yaml-node.ts';

// The largest public rule file is 295,078 characters with about 4,500 values; these leave room and bound the work.
const MAX_FILE_CHARS = 524_288;
const MAX_DOCUMENTS = 1_000;
const MAX_NODES = 50_000;
const MAX_DEPTH = 32;

/**
 * Reads every document of a file within a bound on size, depth and the number of values after aliases are followed.
 * @throws {RuleRefusal} not YAML, nothing in it, over a bound, a custom tag, a duplicate or non-text key
 */
export function readYamlDocuments(text: string): readonly YamlNode[] {
  if (text.length > MAX_FILE_CHARS) {
    throw new RuleRefusal(`the file is longer than ${String(MAX_FILE_CHARS)} characters`);
  }
  refuseDeepNesting(text);
  const limits = { nodes: MAX_NODES, depth: MAX_DEPTH, documents: MAX_DOCUMENTS };
  return readQuickly(text, limits) ?? readCarefully(text);
}

/** Reads everything that YAML has, and says where and why it is refused. */
export function readCarefully(text: string): readonly YamlNode[] {
  const lines = new LineCounter();
  // The library compares keys pairwise, which a file with many keys turns into minutes; the walk below uses a set.
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    uniqueKeys: false,
    intAsBigInt: true,
    prettyErrors: false,
    logLevel: 'silent',
  });
  if (documents.length > MAX_DOCUMENTS) {
    throw new RuleRefusal(`more than ${String(MAX_DOCUMENTS)} documents`);
  }
  const trees: YamlNode[] = [];
  for (const document of documents) {
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem !== undefined) {
      throw new RuleRefusal(
        `not readable YAML: ${problem.message}`,
        lines.linePos(problem.pos[0]).line,
      );
    }
    if (document.contents !== null) trees.push(new TreeReader(document, lines).read());
  }
  if (trees.length === 0) throw new RuleRefusal('the file holds no rule');
  return trees;
}

/** The parser recurses, so what nests deeper than any rule is refused before it starts, where that is cheap to see. */
function refuseDeepNesting(text: string): void {
  let line = 0;
  for (const content of text.split('\n')) {
    line += 1;
    if (COMPACT_NESTING.test(content)) throw new RuleRefusal('nested too deeply', line);
  }
  if ((text.match(/[[{]/g)?.length ?? 0) <= MAX_DEPTH) return;
  // Brackets also stand in quoted text, so only the lexer knows which of them open a collection.
  let depth = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') depth += 1;
    else if (token === ']' || token === '}') depth -= 1;
    if (depth > MAX_DEPTH) throw new RuleRefusal('nested too deeply');
  }
}

/** Thirty-two block collections opened on one line, as in `- - - -`. */
const COMPACT_NESTING = /^\s*(?:[-?:]\s+){32}/;

class TreeReader {
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;
  /** By name, the node that an alias means here. The library looks through the whole document for each alias. */
  readonly #anchors = new Map<string, ParsedNode>();
  readonly #seen = new Set<ParsedNode>();
  #nodes = 0;

  constructor(document: Document.Parsed, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  read(): YamlNode {
    return this.#node(this.#document.contents, 1, 0);
  }

  #node(node: ParsedNode | null, parentLine: number, depth: number): YamlNode {
    const line = node?.range === undefined ? parentLine : this.#lines.linePos(node.range[0]).line;
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES)
      throw new RuleRefusal(`more than ${String(MAX_NODES)} values`, line);
    if (depth > MAX_DEPTH) throw new RuleRefusal('nested too deeply', line);
    if (node === null) return { kind: 'SCALAR', line, value: null };
    if (isAlias(node)) {
      const meant = this.#anchors.get(node.source);
      if (meant === undefined)
        throw new RuleRefusal(`no anchor before the alias '*${node.source}' has its name`, line);
      return this.#node(meant, line, depth + 1);
    }
    this.#noteAnchor(node);
    if (isScalar(node)) return { kind: 'SCALAR', line, value: toPlain(node.value, line) };
    if (isSeq(node)) {
      return {
        kind: 'LIST',
        line,
        items: node.items.map((item) => this.#node(item, line, depth + 1)),
      };
    }
    return { kind: 'MAP', line, entries: this.#entries(node, line, depth) };
  }

  /** What an alias repeats must not set its inner anchors again: they may mean something later by then. */
  #noteAnchor(node: Exclude<ParsedNode, Alias.Parsed>): void {
    if (node.anchor === undefined || this.#seen.has(node)) return;
    this.#seen.add(node);
    this.#anchors.set(node.anchor, node);
  }

  #entries(node: ParsedNode, line: number, depth: number): readonly YamlEntry[] {
    if (!isMap(node)) throw new RuleRefusal('neither a scalar, a list nor a map', line);
    const seen = new Set<string>();
    return node.items.map((pair) => {
      if (!isPair(pair)) throw new RuleRefusal('a map holds something that is not a pair', line);
      const key = this.#node(pair.key, line, depth + 1);
      if (key.kind !== 'SCALAR' || key.value === null)
        throw new RuleRefusal('a key is not text', key.line);
      const name = String(key.value);
      if (seen.has(name)) throw new RuleRefusal(`duplicate key '${name}'`, key.line);
      seen.add(name);
      return {
        key: name,
        line: key.line,
        value: this.#node(pair.value, key.line, depth + 1),
      };
    });
  }
}

function toPlain(value: unknown, line: number): YamlPlain {
  if (value === null) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint')
    return value;
  if (typeof value === 'boolean') return value;
  throw new RuleRefusal('a value is not plain YAML', line);
}

/** The node as plain JavaScript, for what nobody needs a line of. Whole numbers beyond 2^53 stay `bigint`. */
export function toValue(node: YamlNode): unknown {
  if (node.kind === 'LIST') return node.items.map(toValue);
  if (node.kind === 'MAP') {
    return Object.fromEntries(node.entries.map(({ key, value }) => [key, toValue(value)]));
  }
  const { value } = node;
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
