import { RuleRefusal } from './rule-refusal.ts';

/** A parsed condition. `count` says how many of the named search identifiers must hold. */
export type Condition =
  | { readonly kind: 'IDENTIFIER'; readonly name: string }
  | { readonly kind: 'OF'; readonly count: 'ANY' | 'ALL'; readonly pattern: string }
  | { readonly kind: 'NOT'; readonly operand: Condition }
  | { readonly kind: 'AND' | 'OR'; readonly operands: readonly Condition[] };

const MAX_TOKENS = 1_000;
const MAX_DEPTH = 64;

/**
 * Parses a condition. Precedence, weakest first: or, and, not, "x of", parentheses.
 * @throws {RuleRefusal} not the grammar of the specification; old aggregations (`| count()`) among others
 */
export function parseCondition(text: string): Condition {
  if (text.includes('|')) {
    throw new RuleRefusal(
      'aggregation in a condition is not part of Sigma 2; it takes a correlation rule',
    );
  }
  const tokens = text.match(/[()]|[^\s()]+/g) ?? [];
  if (tokens.length > MAX_TOKENS) throw new RuleRefusal('the condition is too long');
  const parser = new ConditionParser(tokens);
  return parser.parse();
}

class ConditionParser {
  readonly #tokens: readonly string[];
  #next = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  parse(): Condition {
    const condition = this.#or(0);
    const rest = this.#tokens[this.#next];
    if (rest !== undefined)
      throw new RuleRefusal(`the condition goes on with '${rest}' where it should end`);
    return condition;
  }

  #or(depth: number): Condition {
    return this.#chain('or', 'OR', () => this.#and(depth));
  }

  #and(depth: number): Condition {
    return this.#chain('and', 'AND', () => this.#not(depth));
  }

  #chain(word: string, kind: 'AND' | 'OR', operand: () => Condition): Condition {
    const first = operand();
    const operands = [first];
    while (this.#takeWord(word)) operands.push(operand());
    return operands.length === 1 ? first : { kind, operands };
  }

  #not(depth: number): Condition {
    if (depth > MAX_DEPTH) throw new RuleRefusal('the condition is nested too deeply');
    return this.#takeWord('not')
      ? { kind: 'NOT', operand: this.#not(depth + 1) }
      : this.#atom(depth);
  }

  #atom(depth: number): Condition {
    const token = this.#take();
    if (token === '(') {
      const inner = this.#or(depth + 1);
      if (this.#take() !== ')') throw new RuleRefusal("the condition misses a ')'");
      return inner;
    }
    if (this.#takeWord('of')) return this.#of(token);
    if (token === ')' || /^(?:and|or|not|of)$/i.test(token)) {
      throw new RuleRefusal(`the condition has '${token}' where a search identifier should stand`);
    }
    return { kind: 'IDENTIFIER', name: token };
  }

  #of(quantity: string): Condition {
    const word = quantity.toLowerCase();
    if (word !== '1' && word !== 'any' && word !== 'all') {
      throw new RuleRefusal(
        `'${quantity} of' is not part of Sigma; '1 of', 'any of' and 'all of' are`,
      );
    }
    const target = this.#take();
    if (target === '(' || target === ')')
      throw new RuleRefusal(`'${quantity} of' needs a name or a pattern`);
    const pattern = target.toLowerCase() === 'them' ? '*' : target;
    return { kind: 'OF', count: word === 'all' ? 'ALL' : 'ANY', pattern };
  }

  #take(): string {
    const token = this.#tokens[this.#next];
    if (token === undefined) throw new RuleRefusal('the condition ends too early');
    this.#next += 1;
    return token;
  }

  #takeWord(word: string): boolean {
    if (this.#tokens[this.#next]?.toLowerCase() !== word) return false;
    this.#next += 1;
    return true;
  }
}

/** The names that `x of pattern` means; those that start with `_` only when the pattern does too. */
export function selectNames(pattern: string, names: readonly string[]): readonly string[] {
  const pieces = pattern.split('*');
  return names.filter(
    (name) => (!name.startsWith('_') || pattern.startsWith('_')) && fitsPieces(name, pieces),
  );
}

function fitsPieces(name: string, pieces: readonly string[]): boolean {
  const [head = '', ...others] = pieces;
  const tail = others.pop();
  if (tail === undefined) return name === head;
  if (!name.startsWith(head)) return false;
  let from = head.length;
  for (const piece of others) {
    const at = name.indexOf(piece, from);
    if (at === -1) return false;
    from = at + piece.length;
  }
  return name.length - tail.length >= from && name.endsWith(tail);
}
