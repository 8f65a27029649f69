import type { RuleHead } from './rule.ts';
import { RuleRefusal } from './rule-refusal.ts';

/** A rule or file that is not run, and why. */
export interface RefusedRule {
  readonly file: string;
  readonly line?: number;
  readonly ruleId?: string;
  readonly ruleName?: string;
  readonly reason: string;
}

/** Runs the work; a refusal is noted with what is known of the rule, and gives nothing. */
export function refusing<T>(
  where: Omit<RefusedRule, 'reason'>,
  refused: RefusedRule[],
  work: () => T,
): T | undefined {
  try {
    return work();
  } catch (error) {
    // Anything else than a refusal comes from a library that met input it does not survive, such as its own recursion.
    const reason = error instanceof Error ? error.message : String(error);
    const line = error instanceof RuleRefusal ? error.line : undefined;
    refused.push({ ...where, ...(line === undefined ? {} : { line }), reason });
    return undefined;
  }
}

/** What a refusal says of a rule whose head is read. */
export function placeOf({ file, line, id, name }: RuleHead): Omit<RefusedRule, 'reason'> {
  return { file, line, ruleId: id, ...(name === undefined ? {} : { ruleName: name }) };
}
