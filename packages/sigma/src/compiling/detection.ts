import { parseCondition, selectNames, type Condition } from '../reading/condition.ts';
import type { FieldTable } from './field-table.ts';
import { compileFieldItem, readFieldItem } from './field-item.ts';
import type { Placeholders } from '../reading/placeholder.ts';
import { allOf, anyOf, not, type Predicate } from './predicate.ts';
import { RuleRefusal } from '../reading/rule-refusal.ts';
import type { YamlMap, YamlNode } from '../reading/yaml-tree.ts';

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
  return anyOf(texts.map((node) => compileCondition(node, identifiers)));
}

function compileCondition(node: YamlNode, identifiers: ReadonlyMap<string, Predicate>): Predicate {
  if (node.kind !== 'SCALAR' || node.value === null)
    throw new RuleRefusal("'condition' is text", node.line);
  try {
    return bind(parseCondition(String(node.value)), identifiers);
  } catch (error) {
    if (error instanceof RuleRefusal) throw new RuleRefusal(error.message, error.line ?? node.line);
    throw error;
  }
}

function bind(condition: Condition, identifiers: ReadonlyMap<string, Predicate>): Predicate {
  switch (condition.kind) {
    case 'NOT':
      return not(bind(condition.operand, identifiers));
    case 'AND':
      return allOf(condition.operands.map((operand) => bind(operand, identifiers)));
    case 'OR':
      return anyOf(condition.operands.map((operand) => bind(operand, identifiers)));
    case 'IDENTIFIER':
      return named(condition.name, identifiers);
    case 'OF': {
      const names = selectNames(condition.pattern, [...identifiers.keys()]);
      if (names.length === 0)
        throw new RuleRefusal(`no search identifier fits '${condition.pattern}'`);
      const predicates = names.map((name) => named(name, identifiers));
      return condition.count === 'ALL' ? allOf(predicates) : anyOf(predicates);
    }
  }
}

function named(name: string, identifiers: ReadonlyMap<string, Predicate>): Predicate {
  const predicate = identifiers.get(name);
  if (predicate === undefined)
    throw new RuleRefusal(`the condition names '${name}', which is not defined`);
  return predicate;
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
