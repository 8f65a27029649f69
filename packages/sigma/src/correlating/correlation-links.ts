import type { SigmaCorrelation } from './correlation.ts';
import type { Mentions, ReadCorrelation } from '../reading/correlation-document.ts';
import { placeOf, type RefusedRule } from '../reading/refused-rule.ts';
import type { RuleHead, SigmaRule } from '../reading/rule.ts';
import { RuleRefusal } from '../reading/rule-refusal.ts';

type Target = SigmaRule | ReadCorrelation;

export interface LinkedRules {
  /** Correlations come after those that they refer to. */
  readonly correlations: readonly SigmaCorrelation[];
  /** Rules that only feed correlations. */
  readonly feedOnly: ReadonlySet<SigmaRule>;
  /** Rules that nothing is left to be done by. */
  readonly idle: ReadonlySet<SigmaRule>;
  readonly refused: readonly RefusedRule[];
}

const MAX_CHAIN = 16;

/**
 * Resolves the references of correlations. One that refers to something missing or refused is refused with that reason, and
 * so is what only feeds refused correlations, because by the specification it does not alert by itself.
 */
export function linkCorrelations(
  read: readonly ReadCorrelation[],
  rules: readonly SigmaRule[],
  mentions: Mentions,
  alreadyRefused: readonly RefusedRule[],
): LinkedRules {
  if (mentions.size === 0 && read.length === 0)
    return { correlations: [], feedOnly: new Set(), idle: new Set(), refused: [] };
  const linker = new Linker([...rules, ...read], mentions, alreadyRefused);
  const linked = linker.linkAll(read);
  return linker.dropIdle(linked, rules);
}

class Linker {
  readonly #byName = new Map<string, Target[]>();
  readonly #mentions: Mentions;
  readonly #reasons = new Map<string, string>();
  readonly #done = new Map<ReadCorrelation, { made: SigmaCorrelation; depth: number } | null>();
  readonly #refused: RefusedRule[] = [];

  constructor(targets: readonly Target[], mentions: Mentions, refused: readonly RefusedRule[]) {
    this.#mentions = mentions;
    for (const target of targets) {
      const { id, name } = headOf(target);
      for (const key of new Set([id, name ?? id])) {
        const known = this.#byName.get(key);
        if (known) known.push(target);
        else this.#byName.set(key, [target]);
      }
    }
    for (const { ruleId, ruleName, reason } of refused)
      for (const key of [ruleId, ruleName]) if (key !== undefined) this.#reasons.set(key, reason);
  }

  /** Goes round until nothing more can be linked, which takes no recursion however long a chain is. */
  linkAll(read: readonly ReadCorrelation[]): readonly SigmaCorrelation[] {
    let waiting = [...read];
    while (waiting.length > 0) {
      const before = waiting.length;
      waiting = waiting.filter((each) => !this.#tryLink(each));
      if (waiting.length === before) break;
    }
    for (const each of waiting)
      this.#refuse(
        each,
        new RuleRefusal('it is part of a circle of correlations, or refers to one', each.line),
      );
    return [...this.#done.values()].flatMap((done) => (done === null ? [] : [done.made]));
  }

  #tryLink(read: ReadCorrelation): boolean {
    try {
      const targets = read.rules.map((name) => this.#find(name, read.line));
      const inner = targets.filter(isRead);
      if (inner.some((each) => !this.#done.has(each) && !this.#isHopeless(each))) return false;
      const depth = 1 + Math.max(0, ...inner.map((each) => this.#done.get(each)?.depth ?? 0));
      if (depth > MAX_CHAIN)
        throw new RuleRefusal(`a chain of more than ${String(MAX_CHAIN)} correlations`, read.line);
      this.#done.set(read, { made: this.#make(read, targets), depth });
    } catch (error) {
      if (!(error instanceof RuleRefusal)) throw error;
      this.#refuse(read, error);
    }
    return true;
  }

  #isHopeless(read: ReadCorrelation): boolean {
    return this.#done.get(read) === null;
  }

  #find(name: string, line: number): Target {
    const [found, another] = this.#byName.get(name) ?? [];
    if (another !== undefined)
      throw new RuleRefusal(`'rules' names '${name}', which several rules are called`, line);
    if (found !== undefined) return found;
    const reason = this.#reasons.get(name);
    throw new RuleRefusal(
      reason === undefined
        ? `'rules' names '${name}', and there is no such rule`
        : `'rules' names '${name}', which is refused: ${reason}`,
      line,
    );
  }

  #make(read: ReadCorrelation, targets: readonly Target[]): SigmaCorrelation {
    const rules = targets.map((target, place): SigmaRule | SigmaCorrelation => {
      if (!isRead(target)) return target;
      const done = this.#done.get(target);
      if (done) return done.made;
      const name = read.rules[place] ?? '';
      const reason = this.#reasons.get(target.head.id) ?? '';
      throw new RuleRefusal(`'rules' names '${name}', which is refused: ${reason}`, read.line);
    });
    if (new Set(rules).size < rules.length)
      throw new RuleRefusal("'rules' names the same rule by its id and its name", read.line);
    const { type, timespanMs, groupBy, condition } = read;
    return {
      ...read.head,
      ...{ type, rules, timespanMs, groupBy, condition },
      groupFields: this.#groupFields(read, targets),
      places: new Map(read.rules.map((name, place) => [name, place])),
      isAlert: this.#isAlert(read.head),
    };
  }

  /** A rule that an alias does not speak of goes by the alias's own name, as in pySigma. */
  #groupFields(read: ReadCorrelation, targets: readonly Target[]): readonly (readonly string[])[] {
    const fields = targets.map(() => [...read.groupBy]);
    for (const [alias, byRule] of read.aliases) {
      for (const [name, field] of byRule) {
        const found = this.#byName.get(name) ?? [];
        const own = fields[targets.findIndex((target) => found.includes(target))];
        if (own === undefined)
          throw new RuleRefusal(`alias '${alias}' names '${name}', not one of 'rules'`, read.line);
        read.groupBy.forEach((key, index) => {
          if (key === alias) own[index] = field;
        });
      }
    }
    return fields;
  }

  /** Refuses what only feeds refused correlations, the outermost first. */
  dropIdle(linked: readonly SigmaCorrelation[], rules: readonly SigmaRule[]): LinkedRules {
    const useful = new Set<SigmaRule | SigmaCorrelation>();
    for (const outer of linked.toReversed()) {
      if (!outer.isAlert && !useful.has(outer)) continue;
      useful.add(outer);
      for (const inner of outer.rules) useful.add(inner);
    }
    const feedOnly = new Set(rules.filter((rule) => !this.#isAlert(rule)));
    const idle = new Set([...feedOnly].filter((rule) => !useful.has(rule)));
    const correlations = linked.filter((each) => useful.has(each));
    const reason = 'it only feeds correlations, and those are refused';
    for (const head of [...linked.filter((each) => !useful.has(each)), ...idle])
      this.#refused.push({ ...placeOf(head), reason });
    return { correlations, feedOnly, idle, refused: this.#refused };
  }

  #isAlert({ id, name }: RuleHead): boolean {
    const wishes = [
      this.#mentions.get(id),
      name === undefined ? undefined : this.#mentions.get(name),
    ];
    return wishes.every((wish) => wish === undefined) || wishes.includes(true);
  }

  #refuse(read: ReadCorrelation, { message, line }: RuleRefusal): void {
    this.#done.set(read, null);
    const { head } = read;
    for (const key of [head.id, head.name]) if (key !== undefined) this.#reasons.set(key, message);
    this.#refused.push({ ...placeOf(head), line: line ?? head.line, reason: message });
  }
}

function isRead(target: Target): target is ReadCorrelation {
  return 'head' in target;
}

function headOf(target: Target): RuleHead {
  return isRead(target) ? target.head : target;
}
