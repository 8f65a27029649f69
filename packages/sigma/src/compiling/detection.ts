import { parseCondition, selectNames, type Condition } from '../reading/condition.ts';
import type { FieldTable } from './field-table.ts';
import { compileFieldItem, readFieldItem } from './field-item.ts';
import type { Placeholders } from '../reading/placeholder.ts';
import { allOf, anyOf, not, type Predicate } from './predicate.ts';
import { RuleRefusal } from '../reading/rule-refusal.ts';
import type { YamlMap, YamlNode } from '../reading/yaml-node.ts';

/**
 * Compiles a rule's `detection` section.
 * @throws {RuleRefusal} anything that cannot be run exactly as written
 */
export function compileDetection(
  section: YamlMap,
  fields: FieldTable,
  placeholders: Placeholders = {},
): Predicate {
  const identifiers = new Map<string, Predicate>();
  let condition: YamlNode | undefined;
  for (const { key, line, value } of section.entries) {
    if (key === 'condition') condition = value;
    else if (key === 'timeframe')
      throw new RuleRefusal(
        "'timeframe' belongs to aggregations, which are not part of Sigma 2",
        line,
      );
    else identifiers.set(key, compileSelection(value, fields, placeholders));
  }
  if (condition === undefined)
    throw new RuleRefusal("'detection' has no 'condition'", section.line);
  const texts = condition.kind === 'LIST' ? condition.items : [condition];
  if (texts.length === 0) throw new RuleRefusal("'condition' is empty", condition.line);
  const named = budgetedNames(identifiers);
  return anyOf(texts.map((node) => compileCondition(node, named)));
}

/** `x of` may name every identifier time and again; together they may name this many. */
const MAX_NAMED = 20_000;

interface Names {
  readonly all: readonly string[];
  readonly get: (name: string) => Predicate;
}

function budgetedNames(identifiers: ReadonlyMap<string, Predicate>): Names {
  let left = MAX_NAMED;
  const get = (name: string): Predicate => {
    const predicate = identifiers.get(name);
    if (predicate === undefined)
      throw new RuleRefusal(`the condition names '${name}', which is not defined`);
    left -= 1;
    if (left < 0)
      throw new RuleRefusal(
        `the condition names more than ${String(MAX_NAMED)} search identifiers`,
      );
    return predicate;
  };
  return { all: [...identifiers.keys()], get };
}

function compileCondition(node: YamlNode, names: Names): Predicate {
  if (node.kind !== 'SCALAR' || node.value === null)
    throw new RuleRefusal("'condition' is text", node.line);
  try {
    return bind(parseCondition(String(node.value)), names);
  } catch (error) {
    if (error instanceof RuleRefusal) throw new RuleRefusal(error.message, error.line ?? node.line);
    throw error;
  }
}

function bind(condition: Condition, names: Names): Predicate {
  switch (condition.kind) {
    case 'NOT':
      return not(bind(condition.operand, names));
    case 'AND':
      return allOf(condition.operands.map((operand) => bind(operand, names)));
    case 'OR':
      return anyOf(condition.operands.map((operand) => bind(operand, names)));
    case 'IDENTIFIER':
      return names.get(condition.name);
    case 'OF': {
      const selected = selectNames(condition.pattern, names.all);
      if (selected.length === 0)
        throw new RuleRefusal(`no search identifier fits '${condition.pattern}'`);
      const predicates = selected.map(names.get);
      return condition.count === 'ALL' ? allOf(predicates) : anyOf(predicates);
    }
  }
}

/** A map needs all its fields; a list needs one of its maps or keywords; a bare value is one keyword. */
function compileSelection(
  node: YamlNode,
  fields: FieldTable,
  placeholders: Placeholders,
): Predicate {
  if (node.kind === 'SCALAR')
    return compileFieldItem(readFieldItem('', node), fields, placeholders);
  if (node.kind === 'MAP') return compileMap(node, fields, placeholders);
  if (node.items.length === 0) throw new RuleRefusal('a search identifier is empty', node.line);
  if (node.items.every((item) => item.kind === 'SCALAR')) {
    return compileFieldItem(readFieldItem('', node), fields, placeholders);
  }
  return anyOf(
    node.items.map((item) => {
      if (item.kind === 'LIST')
        throw new RuleRefusal('a list of lists is not part of Sigma', item.line);
      return compileSelection(item, fields, placeholders);
    }),
  );
}

function compileMap(node: YamlMap, fields: FieldTable, placeholders: Placeholders): Predicate {
  if (node.entries.length === 0) throw new RuleRefusal('a search identifier is empty', node.line);
  return allOf(
    node.entries.map(({ key, line, value }) => {
      try {
        return compileFieldItem(readFieldItem(key, value), fields, placeholders);
      } catch (error) {
        if (error instanceof RuleRefusal) throw new RuleRefusal(error.message, error.line ?? line);
        throw error;
      }
    }),
  );
}
