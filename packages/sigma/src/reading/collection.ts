import { findEntry } from './rule.ts';
import { RuleRefusal } from './rule-refusal.ts';
import type { YamlEntry, YamlMap, YamlNode } from './yaml-node.ts';

/** A document after the collection's actions; `refusal` when an action cannot be followed. */
export interface CollectedDocument {
  /** Its place in the file, from 1. */
  readonly number: number;
  readonly document: YamlNode;
  /** Whether another document is merged in, so that its id may be that one's. */
  readonly isMerged: boolean;
  readonly refusal?: RuleRefusal;
}

/** What merging may add up to: a `global` of the largest size under a thousand documents would be fifty million values. */
const MAX_MERGED_VALUES = 200_000;

/**
 * Follows the actions of old collections as pySigma does: `global` is merged into the documents that follow and wins over
 * them, `reset` ends that, `repeat` is the rule before it with the document merged over it. Maps merge deeply; anything else
 * is replaced.
 */
export function followActions(documents: readonly YamlNode[]): readonly CollectedDocument[] {
  const collected: CollectedDocument[] = [];
  const mergeWithin = mergeWithinBudget();
  let shared: YamlMap | undefined;
  let previous: YamlMap | undefined;
  documents.forEach((document, index) => {
    // A separator after the last rule makes an empty document.
    if (document.kind === 'SCALAR' && document.value === null) return;
    const number = index + 1;
    const action = document.kind === 'MAP' ? findEntry(document, 'action') : undefined;
    try {
      if (document.kind !== 'MAP') {
        collected.push({ number, document, isMerged: false });
        return;
      }
      const plain = action === undefined ? document : without(document, 'action');
      switch (action === undefined ? '' : actionName(action)) {
        case '':
          previous = shared === undefined ? plain : mergeWithin(plain, shared);
          collected.push({ number, document: previous, isMerged: shared !== undefined });
          break;
        case 'global':
          shared = plain;
          previous = plain;
          break;
        case 'reset':
          shared = undefined;
          break;
        case 'repeat':
          if (previous === undefined)
            throw new RuleRefusal("'action: repeat' has no document before it", document.line);
          previous = { ...mergeWithin(previous, plain), line: document.line };
          collected.push({ number, document: previous, isMerged: true });
          break;
        default:
          throw new RuleRefusal("'action' is none of global, reset, repeat", document.line);
      }
    } catch (error) {
      if (!(error instanceof RuleRefusal)) throw error;
      collected.push({ number, document, isMerged: false, refusal: error });
    }
  });
  if (collected.length === 0 && documents[0] !== undefined) {
    const refusal = new RuleRefusal('the file holds no rule', documents[0].line);
    collected.push({ number: 1, document: documents[0], isMerged: false, refusal });
  }
  return collected;
}

function actionName(node: YamlNode): string {
  // The empty name is no action's; it would otherwise read as "no action".
  return node.kind === 'SCALAR' ? String(node.value) || 'empty' : 'not a text';
}

/** Merging that stops when the values of all that it made are too many. */
function mergeWithinBudget(): (under: YamlMap, over: YamlMap) => YamlMap {
  let left = MAX_MERGED_VALUES;
  return (under, over) => {
    left -= countValues(under) + countValues(over);
    if (left < 0)
      throw new RuleRefusal(
        `merging the collection gives more than ${String(MAX_MERGED_VALUES)} values`,
        under.line,
      );
    return merge(under, over);
  };
}

function countValues(node: YamlNode): number {
  if (node.kind === 'SCALAR') return 1;
  const children = node.kind === 'LIST' ? node.items : node.entries.map(({ value }) => value);
  return children.reduce((total, child) => total + countValues(child), 1);
}

/** The first with the second merged over it. */
function merge(under: YamlMap, over: YamlMap): YamlMap {
  const entries = new Map<string, YamlEntry>(under.entries.map((entry) => [entry.key, entry]));
  for (const entry of over.entries) {
    const known = entries.get(entry.key)?.value;
    const value =
      known?.kind === 'MAP' && entry.value.kind === 'MAP' ? merge(known, entry.value) : entry.value;
    entries.set(entry.key, { ...entry, value });
  }
  return { kind: 'MAP', line: under.line, entries: [...entries.values()] };
}

function without(document: YamlMap, key: string): YamlMap {
  return { ...document, entries: document.entries.filter((entry) => entry.key !== key) };
}
