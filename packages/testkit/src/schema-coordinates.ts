import {
  buildASTSchema,
  getNamedType,
  isInputObjectType,
  isObjectType,
  isRequiredArgument,
  Kind,
  parse,
} from 'graphql';
import type { GraphQLField, GraphQLInputField, GraphQLNamedType, GraphQLObjectType } from 'graphql';

/**
 * Where ids go into and come out of a subgraph, as coordinates: `Query.case(id)`,
 * `Query.cases(filter.customerId)` and `Mutation.assignCase(input.caseId)` take one; `Query.cases`
 * gives some without being asked for one; `_entities(Case)` is a reference that the gateway resolves.
 */
export function idCoordinates(typeDefs: string): string[] {
  const document = parse(typeDefs);
  // Federation's own directives are not declared in a subgraph's text.
  const schema = buildASTSchema(document, { assumeValid: true, assumeValidSDL: true });
  const found: string[] = [];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    const isRoot = type === schema.getQueryType() || type === schema.getMutationType();
    for (const field of Object.values(type.getFields()))
      found.push(...fieldCoordinates(type, field, isRoot));
    if (isResolvableEntity(type)) found.push(`_entities(${type.name})`);
  }
  return found.toSorted();
}

function fieldCoordinates(
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
  isRoot: boolean,
): string[] {
  const name = `${type.name}.${field.name}`;
  const taken = field.args.flatMap((argument) => idPaths(argument.name, argument.type));
  const needsId = field.args.some(
    (arg) => isRequiredArgument(arg) && idPaths(arg.name, arg.type).length > 0,
  );
  const givesFreely = isRoot && !needsId && givesIds(getNamedType(field.type), new Set());
  return [...(givesFreely ? [name] : []), ...taken.map((path) => `${name}(${path})`)];
}

function idPaths(
  path: string,
  type: GraphQLInputField['type'],
  seen: readonly string[] = [],
): string[] {
  const named = getNamedType(type);
  if (named.name === 'ID') return [path];
  if (!isInputObjectType(named) || seen.includes(named.name)) return [];
  return Object.values(named.getFields()).flatMap((field) =>
    idPaths(`${path}.${field.name}`, field.type, [...seen, named.name]),
  );
}

function givesIds(type: GraphQLNamedType, seen: Set<string>): boolean {
  if (type.name === 'ID') return true;
  if (!isObjectType(type) || seen.has(type.name)) return false;
  seen.add(type.name);
  return Object.values(type.getFields()).some((field) => givesIds(getNamedType(field.type), seen));
}

function isResolvableEntity(type: GraphQLObjectType): boolean {
  return (type.astNode?.directives ?? []).some(
    (directive) =>
      directive.name.value === 'key' &&
      !directive.arguments?.some(
        ({ name, value }) =>
          name.value === 'resolvable' && value.kind === Kind.BOOLEAN && !value.value,
      ),
  );
}
