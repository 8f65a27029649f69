/** Where in a value a literal must stand. */
export type Place = 'EQUALS' | 'STARTS' | 'ENDS' | 'ANYWHERE';

/** A piece of case-folded text that a value must show at a place for a test to be true. */
export interface Literal {
  readonly place: Place;
  readonly text: string;
}

/** A literal of one field, as rules share it: its number, and how often one may expect to see it. */
export interface Atom extends Literal {
  readonly id: number;
  readonly slot: number;
  /** A guess at the share of events that show it, 0 to 1. Only its order matters. */
  readonly odds: number;
}

/** What an event must show for a predicate to be true: one of the atoms. */
export interface Trigger {
  readonly atoms: readonly Atom[];
  readonly odds: number;
}

/** The atoms of a pack of rules, each field and literal once. */
export class AtomTable {
  readonly #byKey = new Map<string, Atom>();
  #asked = new Set<Atom>();

  get size(): number {
    return this.#byKey.size;
  }

  /** @param isLongField whether values of the field are so long that they hold most things */
  atom(slot: number, literal: Literal, isLongField = false): Atom {
    const key = `${String(slot)} ${literal.place} ${literal.text}`;
    const atom = this.#byKey.get(key) ?? {
      ...literal,
      slot,
      id: this.#byKey.size,
      odds: oddsOf(literal, isLongField),
    };
    this.#byKey.set(key, atom);
    this.#asked.add(atom);
    return atom;
  }

  /** The atoms that the work asked for, beside what it gave. */
  noting<T>(work: () => T): { readonly made: T; readonly atoms: readonly Atom[] } {
    const before = this.#asked;
    this.#asked = new Set();
    try {
      const made = work();
      const atoms = [...this.#asked];
      for (const atom of atoms) before.add(atom);
      return { made, atoms };
    } finally {
      this.#asked = before;
    }
  }

  /** Counts atoms as asked for again. */
  note(atoms: readonly Atom[]): void {
    for (const atom of atoms) this.#asked.add(atom);
  }
}

/** Longer literals add states to an automaton and hardly ever tell more. */
const MAX_LITERAL_CHARS = 20;

/** The literal, or a shorter one that every value with the literal shows too. */
export function shorten({ place, text }: Literal, most = MAX_LITERAL_CHARS): Literal {
  if (place === 'EQUALS' || text.length <= most) return { place, text };
  const cut = place === 'STARTS' ? text.slice(0, most) : text.slice(-most);
  return { place, text: cut };
}

/**
 * Words that ordinary events are full of. A rule that waits for nothing else is looked at all the time, so another of its
 * literals is the better one to wait for.
 */
const COMMON_WORDS: ReadonlySet<string> = new Set(
  [
    'powershell pwsh cmd rundll32 regsvr32 wmic wmiprvse net net1 reg sc schtasks svchost services explorer chrome msedge',
    'winword excel outlook conhost msiexec mshta cscript wscript certutil curl python node windows system32 syswow64',
    'program files x86 users public appdata local roaming temp tmp programdata microsoft corporation operating system',
    'exe dll http https www com user software currentversion currentcontrolset hklm hkcu hku authority nt high medium true',
    'false set get new object webclient invoke function param ntdll kernel32 kernelbase kernel unknown copy type',
  ].flatMap((words) => words.split(' ')),
);

function isCommon(text: string): boolean {
  return text.split(/[^a-z0-9]+/).every((word) => word.length < 2 || COMMON_WORDS.has(word));
}

/** In a stack trace or a whole script most words stand somewhere. */
const LONG_FIELD_FACTOR = 20;

function oddsOf({ place, text }: Literal, isLongField: boolean): number {
  if (isCommon(text)) return place === 'EQUALS' ? 0.05 : 0.1;
  if (place === 'EQUALS') return text.length < 6 ? 0.02 : 0.001;
  // Paths and words repeat, so what counts is less than the number of characters.
  const placed = place === 'ANYWHERE' ? 1 : 0.3;
  const odds = Math.max(0.000_05, placed * 0.5 * 0.7 ** text.length);
  return isLongField ? Math.min(0.5, odds * LONG_FIELD_FACTOR) : odds;
}

/** The rarer of two triggers; without one a predicate may be true for any event. */
export function rarer(a: Trigger | null, b: Trigger | null): Trigger | null {
  if (a === null || b === null) return a ?? b;
  return b.odds < a.odds ? b : a;
}

/** What an event must show when it is enough that one of the predicates is true. */
export function either(triggers: readonly (Trigger | null)[]): Trigger | null {
  const atoms = new Set<Atom>();
  for (const trigger of triggers) {
    if (trigger === null) return null;
    for (const atom of trigger.atoms) atoms.add(atom);
  }
  return toTrigger([...atoms]);
}

export function toTrigger(atoms: readonly Atom[]): Trigger {
  return { atoms, odds: atoms.reduce((sum, { odds }) => sum + odds, 0) };
}

/** Is told of each atom that a text shows, also more than once. */
export interface AtomSink {
  /** Changes when what was told before no longer counts. */
  readonly pass: number;
  see(atomId: number): void;
}

/** Finds literals of one field in a text. */
export interface LiteralFinder {
  /** Whether its literals hold characters beyond ASCII: a text without such need not be searched. */
  readonly isBeyondAscii: boolean;
  /**
   * Takes ASCII in any case; text beyond ASCII, whose lower case may be inside ASCII or of another length, case-folded.
   * @returns whether the text was ASCII, as far as it was read
   */
  find(text: string, sink: AtomSink): boolean;
}
