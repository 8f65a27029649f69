import { buildASTSchema, Kind, parse, print, TypeInfo, visit, visitWithTypeInfo } from 'graphql';
import type {
  ArgumentNode,
  DocumentNode,
  FieldNode,
  GraphQLSchema,
  ObjectFieldNode,
  ValueNode,
} from 'graphql';

/** A request: what is sent to a subgraph. */
export interface Question {
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The path of the argument in a coordinate such as `Query.cases(filter.customerId)`; null for others. */
export function idArgumentOf(coordinate: string): string | null {
  return /^\w+\.\w+\(([\w.]+)\)$/.exec(coordinate)?.[1] ?? null;
}

/**
 * The same question with an empty text for the id that a coordinate such as
 * `Query.cases(filter.customerId)` takes, whether it stands in the document or in a variable.
 * @throws {Error} the document does not go through the coordinate's field
 */
export function withEmptyId(typeDefs: string, question: Question, coordinate: string): Question {
  const [typeName, fieldName] = coordinate.split(/[.(]/);
  const path = idArgumentOf(coordinate)?.split('.') ?? [];
  const variables = new Map(Object.entries(question.variables));
  let count = 0;
  const typeInfo = new TypeInfo(schemaOf(typeDefs));
  const changed = visit(
    parse(question.document),
    visitWithTypeInfo(typeInfo, {
      Field: (field): FieldNode | undefined => {
        if (field.name.value !== fieldName || typeInfo.getParentType()?.name !== typeName) return;
        count += 1;
        const given = (field.arguments ?? []).map(
          ({ name, value }) => [name.value, value] as const,
        );
        return { ...field, arguments: withEmpty(given, path, variables).map(toArgument) };
      },
    }),
  );
  if (count === 0) throw new Error(`the document has no field of ${coordinate}`);
  return withoutUnused(changed, variables);
}

function schemaOf(typeDefs: string): GraphQLSchema {
  // Federation's own directives are not declared in a subgraph's text.
  return buildASTSchema(parse(typeDefs), { assumeValid: true, assumeValidSDL: true });
}

type Given = readonly (readonly [name: string, value: ValueNode])[];

/** Arguments or fields of an object, with an empty text at the path and the others as they are. */
function withEmpty(
  given: Given,
  [head = '', ...rest]: readonly string[],
  variables: Map<string, unknown>,
): Given {
  const present = given.find(([name]) => name === head)?.[1];
  const value = emptied(present, rest, variables);
  return [...given.filter(([name]) => name !== head), [head, value]];
}

function emptied(
  value: ValueNode | undefined,
  path: readonly string[],
  variables: Map<string, unknown>,
): ValueNode {
  if (value?.kind === Kind.VARIABLE && path.length > 0) {
    const { value: name } = value.name;
    variables.set(name, emptiedInput(variables.get(name), path));
    return value;
  }
  if (path.length === 0) return { kind: Kind.STRING, value: '' };
  if (value?.kind === Kind.LIST) {
    return { ...value, values: value.values.map((each) => emptied(each, path, variables)) };
  }
  const fields = value?.kind === Kind.OBJECT ? value.fields : [];
  const given = fields.map((field) => [field.name.value, field.value] as const);
  return { kind: Kind.OBJECT, fields: withEmpty(given, path, variables).map(toObjectField) };
}

/** The same for what a variable holds. */
function emptiedInput(value: unknown, path: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((each) => emptiedInput(each, path));
  const [head, ...rest] = path;
  if (head === undefined) return '';
  const fields = { ...(value as Readonly<Record<string, unknown>> | null | undefined) };
  return { ...fields, [head]: emptiedInput(fields[head], rest) };
}

function toArgument([name, value]: Given[number]): ArgumentNode {
  return { kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: name }, value };
}

function toObjectField([name, value]: Given[number]): ObjectFieldNode {
  return { kind: Kind.OBJECT_FIELD, name: { kind: Kind.NAME, value: name }, value };
}

/** GraphQL refuses a document that declares a variable which nothing uses any more. */
function withoutUnused(document: DocumentNode, variables: ReadonlyMap<string, unknown>): Question {
  const used = new Set<string>();
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name }) => void used.add(name.value),
  });
  const pruned = visit(document, {
    VariableDefinition: ({ variable }) => (used.has(variable.name.value) ? undefined : null),
  });
  return {
    document: print(pruned),
    variables: Object.fromEntries([...variables].filter(([name]) => used.has(name))),
  };
}
