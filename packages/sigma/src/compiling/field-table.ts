import { KEYWORD_SLOT, type Vocabulary } from '../matching/event-view.ts';
import { AtomTable, type Atom } from '../matching/literal.ts';

/** What the rules of a set have in common: each field has a slot, each literal is an atom, each costly test a memo. */
export class FieldTable implements Vocabulary {
  readonly atoms = new AtomTable();
  readonly #slots = new Map<string, number>([['|keywords', KEYWORD_SLOT]]);
  readonly #shared = new Map<string, { made: unknown; atoms: readonly Atom[] }>();
  #memos = 0;

  slot(field: string): number {
    const known = this.#slots.get(field);
    if (known !== undefined) return known;
    const slot = this.#slots.size;
    this.#slots.set(field, slot);
    return slot;
  }

  /** What goes by this key, made by the work when it is the first. Under one key all work makes the same kind of thing. */
  shared<Made>(key: string, work: () => Made): Made {
    const known = this.#shared.get(key);
    if (known) {
      this.atoms.note(known.atoms);
      return known.made as Made;
    }
    const noted = this.atoms.noting(work);
    this.#shared.set(key, noted);
    return noted.made;
  }

  /** A place where a view keeps what a test gave, for the other rules that ask the same. */
  memo(): number {
    return this.#memos++;
  }

  get memoCount(): number {
    return this.#memos;
  }

  get atomCount(): number {
    return this.atoms.size;
  }

  get names(): readonly string[] {
    return [...this.#slots.keys()];
  }
}
