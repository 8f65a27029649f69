import { findEntry } from './rule.ts';
import { RuleRefusal } from './rule-refusal.ts';
import type { YamlEntry, YamlMap, YamlNode } from './yaml-tree.ts';

/** A document after the collection's actions; `refusal` when an action cannot be followed. */
export interface CollectedDocument {
  /** Its place in the file, from 1. */
  readonly number: number;
  readonly document: YamlNode;
  readonly refusal?: RuleRefusal;
}

/** What merging may add up to: a `global` of the largest size under a thousand documents would be fifty million values. */
const MAX_MERGED_ENTRIES = 200_000;

/**
 * Follows the actions of old collections as pySigma does: `global` is merged into the documents that follow and wins over
 * them, `reset` ends that, `repeat` is the rule before it with the document merged over it. Maps merge deeply; anything else
 * is replaced.
 */
export function followActions(documents: readonly YamlNode[]): readonly CollectedDocument[] {
  const collected: CollectedDocument[] = [];
  const budget = { left: MAX_MERGED_ENTRIES };
  let shared: YamlMap | undefined;
  let previous: YamlMap | undefined;
  documents.forEach((document, index) => {
    const number = index + 1;
    const action = document.kind === 'MAP' ? findEntry(document, 'action') : undefined;
    try {
      if (document.kind !== 'MAP') {
        collected.push({ number, document });
        return;
      }
      const plain = action === undefined ? document : without(document, 'action');
      switch (action === undefined ? '' : actionName(action)) {
        case '':
          previous = shared === undefined ? plain : merge(plain, shared, budget);
          collected.push({ number, document: previous });
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
          previous = { ...merge(previous, plain, budget), line: document.line };
          collected.push({ number, document: previous });
          break;
        default:
          throw new RuleRefusal("'action' is none of global, reset, repeat", document.line);
      }
    } catch (error) {
      if (!(error instanceof RuleRefusal)) throw error;
      collected.push({ number, document, refusal: error });
    }
  });
  return collected;
}

function actionName(node: YamlNode): string {
  // The empty name is no action's; it would otherwise read as "no action".
  return node.kind === 'SCALAR' ? String(node.value) || 'empty' : 'not a text';
}

/** The first with the second merged over it. */
function merge(under: YamlMap, over: YamlMap, budget: { left: number }): YamlMap {
  budget.left -= under.entries.length + over.entries.length;
  if (budget.left < 0)
    throw new RuleRefusal(
      `merging the collection takes more than ${String(MAX_MERGED_ENTRIES)} entries`,
      under.line,
    );
  const entries = new Map<string, YamlEntry>(under.entries.map((entry) => [entry.key, entry]));
  for (const entry of over.entries) {
    const known = entries.get(entry.key)?.value;
    const value =
      known?.kind === 'MAP' && entry.value.kind === 'MAP'
        ? merge(known, entry.value, budget)
        : entry.value;
    entries.set(entry.key, { ...entry, value });
  }
  return { kind: 'MAP', line: under.line, entries: [...entries.values()] };
}

function without(document: YamlMap, key: string): YamlMap {
  return { ...document, entries: document.entries.filter((entry) => entry.key !== key) };
}
