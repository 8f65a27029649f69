import { compileDetection } from '../compiling/detection.ts';
import type { FieldTable } from '../compiling/field-table.ts';
import { appliesTo, type ReadFilter } from './filter.ts';
import type { Atom } from '../matching/literal.ts';
import type { Placeholders } from './placeholder.ts';
import { allOf, type Predicate } from '../compiling/predicate.ts';
import { placeOf, refusing, type RefusedRule } from './refused-rule.ts';
import type { ReadFiles } from './rule-document.ts';
import type { SigmaRule } from './rule.ts';
import { RuleRefusal } from './rule-refusal.ts';

/** A filter that is ready to be added to rules. */
interface CompiledFilter {
  readonly filter: ReadFilter;
  readonly predicate: Predicate;
  readonly atoms: readonly Atom[];
}

/** Compiles the filters. One that cannot be run, or that is for none of the rules, is refused; the rules run without it. */
export function compileFilters(
  { filters, rules }: Pick<ReadFiles, 'filters' | 'rules'>,
  fields: FieldTable,
  placeholders: Placeholders | undefined,
  refused: RefusedRule[],
): readonly CompiledFilter[] {
  const compiled: CompiledFilter[] = [];
  for (const filter of filters) {
    refusing(placeOf(filter.head), refused, () => {
      if (!rules.some(({ rule }) => appliesTo(filter, rule)))
        throw new RuleRefusal('it is for none of the rules: name or logsource do not fit');
      const { made: predicate, atoms } = fields.atoms.noting(() =>
        compileDetection(filter.detection, fields, placeholders),
      );
      compiled.push({ filter, predicate, atoms });
    });
  }
  return compiled;
}

/** The rule's own predicate and those of the filters that are for it. */
export function filtered(
  own: Predicate,
  rule: SigmaRule,
  filters: readonly CompiledFilter[],
  fields: FieldTable,
): Predicate {
  const others = filters.filter(({ filter }) => appliesTo(filter, rule));
  if (others.length === 0) return own;
  for (const { atoms } of others) fields.atoms.note(atoms);
  return allOf([own, ...others.map(({ predicate }) => predicate)]);
}
