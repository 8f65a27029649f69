import type { EventView, ScanPlan } from './event-view.ts';
import { canLeap, findersFor, needsReading } from './literal-finders.ts';
import type { Atom, LiteralFinder } from './literal.ts';
import type { EventSelector } from '../reading/logsource.ts';
import type { Predicate } from '../compiling/predicate.ts';
import type { SigmaRule } from '../reading/rule.ts';

/** A compiled rule and the events it looks at. */
export interface CompiledRule {
  /** Its place in the set. */
  readonly index: number;
  readonly rule: SigmaRule;
  readonly predicate: Predicate;
  readonly selectors: readonly EventSelector[];
  /** Every literal that its terms look for. */
  readonly atoms: readonly Atom[];
}

/** Rules for the same events. Most wait for a literal: only those whose literal an event shows are looked at. */
export class Bucket implements ScanPlan {
  readonly finders: FindersBySlot;
  readonly lateFinders: FindersBySlot;
  /** Rules that may match any event of the bucket. */
  readonly #always: readonly CompiledRule[];
  readonly #waiting: ReadonlyMap<number, readonly CompiledRule[]>;
  /** By atom, 1 where a rule waits for it. */
  readonly #isAwaited: Uint8Array;
  /** The fields that rules wait for; the others are searched when a term asks. */
  readonly #slots: Int32Array;
  #candidates: CompiledRule[] = [];

  constructor(rules: readonly CompiledRule[]) {
    this.#always = rules.filter(({ predicate }) => predicate.trigger === null);
    const waiting = new Map<number, CompiledRule[]>();
    const slots = new Set<number>();
    for (const rule of rules) {
      for (const { id, slot } of rule.predicate.trigger?.atoms ?? []) {
        slots.add(slot);
        addTo(waiting, id, rule);
      }
    }
    this.#waiting = waiting;
    this.#isAwaited = new Uint8Array(
      waiting.keys().reduce((most, id) => Math.max(most, id), -1) + 1,
    );
    for (const id of waiting.keys()) this.#isAwaited[id] = 1;
    this.#slots = Int32Array.from(slots);
    const { early, late } = sortAtoms(rules, this.#isAwaited);
    this.finders = findersBySlot(early);
    this.lateFinders = findersBySlot(late);
  }

  readonly onAtom = (atomId: number): void => {
    // Most atoms are only asked about, so a byte spares the look-up.
    if (this.#isAwaited[atomId] !== 1) return;
    for (const rule of this.#waiting.get(atomId) ?? []) this.#candidates.push(rule);
  };

  /** The rules that may match; one that waits for several literals may come more than once. */
  candidates(view: EventView): readonly CompiledRule[] {
    this.#candidates = this.#always.slice();
    view.follow(this);
    for (const slot of this.#slots) view.scanEarly(slot);
    return this.#candidates;
  }
}

type FindersBySlot = readonly (readonly LiteralFinder[] | undefined)[];
type AtomsBySlot = ReadonlyMap<number, readonly Atom[]>;

/**
 * What is looked for before any rule is looked at, and what can wait until a term asks: literals for which a whole text
 * must be read, where no rule of the field waits for one of them, or where those that rules wait for can be leapt for.
 */
function sortAtoms(
  rules: readonly CompiledRule[],
  isAwaited: Uint8Array,
): { readonly early: AtomsBySlot; readonly late: AtomsBySlot } {
  const bySlot = new Map<number, Atom[]>();
  for (const atom of new Set(rules.flatMap(({ atoms }) => atoms))) addTo(bySlot, atom.slot, atom);
  const early = new Map<number, Atom[]>();
  const late = new Map<number, Atom[]>();
  for (const [slot, atoms] of bySlot) {
    const awaited = atoms.filter((atom) => needsReading(atom) && isAwaited[atom.id] === 1);
    const isEarly = canLeap(awaited)
      ? (atom: Atom): boolean => !needsReading(atom) || isAwaited[atom.id] === 1
      : (): boolean => true;
    for (const atom of atoms) addTo(isEarly(atom) ? early : late, slot, atom);
  }
  return { early, late };
}

function findersBySlot(bySlot: AtomsBySlot): FindersBySlot {
  const finders: (readonly LiteralFinder[] | undefined)[] = [];
  for (const [slot, atoms] of bySlot) finders[slot] = findersFor(atoms);
  return Array.from(finders);
}

function addTo<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
