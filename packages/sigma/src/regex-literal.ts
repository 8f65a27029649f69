/**
 * Texts of which every match of a regular expression holds one, ignoring case; empty when none are easy to see. Used to
 * pass over most values without running the expression, so whatever is not understood counts as "any text".
 */
export function requiredTexts(source: string): readonly string[] {
  const found = new RegexReader(source).read();
  return found ?? [];
}

/** Shorter texts are everywhere. */
const MIN_CHARS = 2;
const MAX_TEXTS = 64;

/** What a part of an expression asks of a value. */
interface Part {
  /** The texts that it stands for, all of them; null when there are too many to list. */
  readonly exact: readonly string[] | null;
  /** One of these is in every match; null when nothing is known. */
  readonly needed: readonly string[] | null;
}

const ANYTHING: Part = { exact: null, needed: null };
const NOTHING: Part = { exact: [''], needed: null };

class RegexReader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** Null when the expression holds something that is not understood. */
  read(): readonly string[] | null {
    const part = this.#choice();
    if (part === null || this.#at < this.#source.length) return null;
    return best(part);
  }

  #choice(): Part | null {
    const parts: Part[] = [];
    do {
      const part = this.#sequence();
      if (part === null) return null;
      parts.push(part);
    } while (this.#take('|'));
    const [only] = parts;
    return parts.length === 1 && only ? only : choose(parts);
  }

  #sequence(): Part | null {
    let whole: Part = NOTHING;
    while (this.#at < this.#source.length && !'|)'.includes(this.#source.charAt(this.#at))) {
      const atom = this.#atom();
      if (atom === null) return null;
      whole = join(whole, this.#repeat(atom));
    }
    return whole;
  }

  #repeat(part: Part): Part {
    const quantifier = /^(?:[*+?]|\{\d+(?:,\d*)?\})[?+]?/.exec(
      this.#source.slice(this.#at, this.#at + 24),
    )?.[0];
    if (quantifier === undefined) return part;
    this.#at += quantifier.length;
    if (/^(?:[*?]|\{0[,}])/.test(quantifier)) return ANYTHING;
    // What is repeated is there once at least.
    return { exact: null, needed: best(part) };
  }

  #atom(): Part | null {
    const char = this.#source.charAt(this.#at);
    if (char === '(') return this.#group();
    if (char === '[') return this.#skipClass() ? ANYTHING : null;
    this.#at += 1;
    if (char === '\\') return this.#escape();
    if (char === '.') return ANYTHING;
    if (char === '^' || char === '$') return NOTHING;
    return { exact: [char], needed: null };
  }

  #group(): Part | null {
    const flags = /^\(\?[ims]+\)/.exec(this.#source.slice(this.#at, this.#at + 8))?.[0];
    if (flags !== undefined) {
      this.#at += flags.length;
      return NOTHING;
    }
    const opening = /^\((?:\?(?:[ims]*:|P?<[A-Za-z_]\w*>))?/.exec(this.#source.slice(this.#at))?.[0];
    this.#at += opening?.length ?? 1;
    if (this.#source.charAt(this.#at) === '?') return null;
    const inner = this.#choice();
    return inner !== null && this.#take(')') ? inner : null;
  }

  #escape(): Part | null {
    const char = this.#source.charAt(this.#at);
    this.#at += 1;
    if (char !== '' && !/[A-Za-z0-9]/.test(char)) return { exact: [char], needed: null };
    if (/[bBAz]/.test(char)) return NOTHING;
    return /[dDsSwWntrfv]/.test(char) ? ANYTHING : null;
  }

  /** Past `[…]`, in which a bracket that comes first is a member. */
  #skipClass(): boolean {
    const found = /^\[\^?\]?(?:[^\]\\[]|\\.|\[(?!:))*\]/s.exec(this.#source.slice(this.#at))?.[0];
    this.#at += found?.length ?? 0;
    return found !== undefined;
  }

  #take(char: string): boolean {
    if (this.#source.charAt(this.#at) !== char) return false;
    this.#at += 1;
    return true;
  }
}

function join(a: Part, b: Part): Part {
  if (a.exact !== null && b.exact !== null && a.exact.length * b.exact.length <= MAX_TEXTS) {
    const [before, after] = [a.exact, b.exact];
    const exact = before.flatMap((text) => after.map((more) => text + more));
    return { exact, needed: better(a.needed, b.needed) };
  }
  return { exact: null, needed: better(best(a), best(b)) };
}

function choose(parts: readonly Part[]): Part {
  const exact = parts.flatMap((part) => part.exact ?? []);
  const isListed = parts.every((part) => part.exact !== null) && exact.length <= MAX_TEXTS;
  const needed: string[] = [];
  for (const part of parts) {
    const ofPart = best(part);
    if (ofPart === null) return { exact: isListed ? exact : null, needed: null };
    needed.push(...ofPart);
  }
  return { exact: isListed ? exact : null, needed: needed.length <= MAX_TEXTS ? needed : null };
}

/** The stronger of what is known of a part. */
function best({ exact, needed }: Part): readonly string[] | null {
  const isTelling = exact !== null && exact.every((text) => text.length >= MIN_CHARS);
  return better(isTelling ? exact : null, needed);
}

/** The one whose shortest text is longer. */
function better(a: readonly string[] | null, b: readonly string[] | null): readonly string[] | null {
  if (a === null || b === null) return a ?? b;
  return shortest(b) > shortest(a) ? b : a;
}

function shortest(texts: readonly string[]): number {
  return texts.reduce((least, { length }) => Math.min(least, length), Infinity);
}
