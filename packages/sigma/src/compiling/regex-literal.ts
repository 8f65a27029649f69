/**
 * What every match of a regular expression holds, ignoring case: one text of each of these lists, the most telling list
 * first; empty when nothing is easy to see. Used to pass over most values without running the expression, so whatever is
 * not understood counts as "any text".
 */
export function requiredTexts(source: string): readonly (readonly string[])[] {
  const needed = new RegexReader(source).read() ?? [];
  return needed.toSorted((a, b) => shortest(b) - shortest(a)).slice(0, MAX_LISTS);
}

/** Shorter texts are everywhere. */
const MIN_CHARS = 2;
const MAX_TEXTS = 64;
const MAX_LISTS = 4;

type Lists = readonly (readonly string[])[];

/** What a part of an expression asks of a value. */
interface Part {
  /** The texts that it stands for, all of them; null when there are too many to list. */
  readonly exact: readonly string[] | null;
  /** One text of each list is in every match. */
  readonly needed: Lists;
}

const ANYTHING: Part = { exact: null, needed: [] };
const NOTHING: Part = { exact: [''], needed: [] };

class RegexReader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** Null when the expression holds something that is not understood. */
  read(): Lists | null {
    const part = this.#choice();
    if (part === null || this.#at < this.#source.length) return null;
    return allNeeded(part);
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
    /** The texts that the end of what was read stands for. */
    let run: readonly string[] = [''];
    let isWhole = true;
    const needed: (readonly string[])[] = [];
    while (this.#at < this.#source.length && !'|)'.includes(this.#source.charAt(this.#at))) {
      const atom = this.#atom();
      if (atom === null) return null;
      const part = this.#repeat(atom);
      needed.push(...part.needed);
      if (part.exact !== null && run.length * part.exact.length <= MAX_TEXTS) {
        const { exact } = part;
        run = run.flatMap((text) => exact.map((more) => text + more));
      } else {
        if (isTelling(run)) needed.push(run);
        if (part.exact !== null && isTelling(part.exact)) needed.push(part.exact);
        run = [''];
        isWhole = false;
      }
    }
    if (isWhole) return { exact: run, needed };
    if (isTelling(run)) needed.push(run);
    return { exact: null, needed };
  }

  #repeat(part: Part): Part {
    const quantifier = /^(?:[*+?]|\{\d+(?:,\d*)?\})[?+]?/.exec(
      this.#source.slice(this.#at, this.#at + 24),
    )?.[0];
    if (quantifier === undefined) return part;
    this.#at += quantifier.length;
    if (/^(?:[*?]|\{0[,}])/.test(quantifier)) return ANYTHING;
    // What is repeated is there once at least.
    return { exact: null, needed: allNeeded(part) };
  }

  #atom(): Part | null {
    const char = this.#source.charAt(this.#at);
    if (char === '(') return this.#group();
    if (char === '[') return this.#skipClass() ? ANYTHING : null;
    this.#at += 1;
    if (char === '\\') return this.#escape();
    if (char === '.') return ANYTHING;
    if (char === '^' || char === '$') return NOTHING;
    return { exact: [char], needed: [] };
  }

  #group(): Part | null {
    const flags = /^\(\?[ims]+\)/.exec(this.#source.slice(this.#at, this.#at + 8))?.[0];
    if (flags !== undefined) {
      this.#at += flags.length;
      // A count here is that of what stands before the flags.
      return /[*+?{]/.test(this.#source.charAt(this.#at)) ? null : NOTHING;
    }
    const opening = /^\((?:\?(?:[ims]*:|P?<[A-Za-z_]\w*>))?/.exec(
      this.#source.slice(this.#at),
    )?.[0];
    this.#at += opening?.length ?? 1;
    if (this.#source.charAt(this.#at) === '?') return null;
    const inner = this.#choice();
    return inner !== null && this.#take(')') ? inner : null;
  }

  #escape(): Part | null {
    const char = this.#source.charAt(this.#at);
    this.#at += 1;
    if (char !== '' && !/[A-Za-z0-9]/.test(char)) return { exact: [char], needed: [] };
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

function choose(parts: readonly Part[]): Part {
  const exact = parts.flatMap((part) => part.exact ?? []);
  const isListed = parts.every((part) => part.exact !== null) && exact.length <= MAX_TEXTS;
  const best = parts.map(mostTelling);
  const one = best.flatMap((texts) => texts ?? []);
  const isNeeded = best.every((texts) => texts !== null) && one.length <= MAX_TEXTS;
  return { exact: isListed ? exact : null, needed: isNeeded && !isListed ? [one] : [] };
}

function allNeeded({ exact, needed }: Part): Lists {
  return exact !== null && isTelling(exact) ? [...needed, exact] : needed;
}

function mostTelling(part: Part): readonly string[] | null {
  return allNeeded(part).toSorted((a, b) => shortest(b) - shortest(a))[0] ?? null;
}

function isTelling(texts: readonly string[]): boolean {
  return shortest(texts) >= MIN_CHARS;
}

function shortest(texts: readonly string[]): number {
  return texts.reduce((least, { length }) => Math.min(least, length), Infinity);
}
