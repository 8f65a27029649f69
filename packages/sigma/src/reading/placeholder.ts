import { RuleRefusal } from './rule-refusal.ts';
import type { YamlPlain } from './yaml-node.ts';

/** By name, the values that stand for `%name%` under `expand`. They are read like values of a rule: wildcards are live. */
export type Placeholders = Readonly<Record<string, readonly string[]>>;

/** The modifier that makes placeholders live. They are filled in first, wherever it stands. */
export const EXPAND = 'expand';

/** Two placeholders in one value multiply. */
const MAX_EXPANSIONS = 10_000;

/**
 * The value once per combination of its placeholders' values.
 * @throws {RuleRefusal} a placeholder that nobody gave values for: without them the rule would mean something else
 */
export function fillPlaceholders(
  value: YamlPlain,
  placeholders: Placeholders,
): readonly YamlPlain[] {
  if (typeof value !== 'string') return [value];
  // An odd piece is the name between two percent signs.
  const pieces = value.split(/%([^%\s]+)%/);
  let filled: readonly string[] = [''];
  pieces.forEach((piece, index) => {
    const texts = index % 2 === 0 ? [piece] : valuesOf(piece, placeholders);
    if (filled.length * texts.length > MAX_EXPANSIONS)
      throw new RuleRefusal(`'${value}' expands to more than ${String(MAX_EXPANSIONS)} values`);
    filled = filled.flatMap((start) => texts.map((text) => start + text));
  });
  return filled;
}

function valuesOf(name: string, placeholders: Placeholders): readonly string[] {
  const values = Object.hasOwn(placeholders, name) ? placeholders[name] : undefined;
  if (values === undefined || values.length === 0)
    throw new RuleRefusal(`modifier 'expand': no values are given for the placeholder %${name}%`);
  return values;
}
