import type { ApolloServerPlugin } from '@apollo/server';
import {
  getNamedType,
  getVariableValues,
  GraphQLError,
  isCompositeType,
  isObjectType,
  isInterfaceType,
  Kind,
  valueFromAST,
} from 'graphql';
import type {
  DirectiveNode,
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  GraphQLArgument,
  GraphQLNamedType,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql';
import { defaultPage, isList, isOfConnection, longestList, maxPage } from './list-sizes.ts';
import type { RequestContext } from './supergraph.ts';

/** What one operation may ask for. */
export interface OperationLimits {
  /** Operations and fragments of one document. */
  readonly maxDefinitions: number;
  /** Fields below each other; this and what follows counts with fragments unfolded. */
  readonly maxDepth: number;
  readonly maxRootFields: number;
  readonly maxAliases: number;
  readonly maxDirectives: number;
  /** Objects that the answer could hold when every page and list is as long as it may be. */
  readonly maxObjects: number;
}

const operationLimits: OperationLimits = {
  maxDefinitions: 20,
  maxDepth: 10,
  maxRootFields: 20,
  maxAliases: 30,
  maxDirectives: 30,
  maxObjects: 20_000,
};

/** Selections looked at: fragments that name each other can unfold without end worth waiting for. */
const maxSelections = 10_000;

/** As execution will see them, with their defaults; null when they are not what they were declared to be. */
type Variables = Readonly<Record<string, unknown>> | null;

interface Measuring {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: Variables;
  readonly limits: OperationLimits;
  objects: number;
  selections: number;
  rootFields: number;
  aliases: number;
  directives: number;
}

/** Where a selection stands: how deep, how many objects it is asked of, and how long their list is. */
interface Place {
  readonly depth: number;
  readonly objects: number;
  /** Length of the page around it, for the lists of a connection. */
  readonly page: number;
}

/**
 * Refuses an operation that asks for more than its answer is worth, before it is planned. Each list
 * counts with what it holds at most, inside the one around it. Gives the number of objects, which that
 * of the answer never exceeds.
 * @param variables as the request has them
 * @throws {GraphQLError} OPERATION_TOO_EXPENSIVE, with what was asked and what is allowed
 */
export function assertAffordable(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
  limits: OperationLimits = operationLimits,
): number {
  if (document.definitions.length > limits.maxDefinitions) {
    throw tooExpensive(`A document may hold ${limits.maxDefinitions} definitions at most.`);
  }
  const fragments = new Map(
    document.definitions
      .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
  const measuring: Measuring = {
    ...{ schema, fragments, variables: coerce(schema, operation, variables), limits },
    ...{ objects: 0, selections: 0, rootFields: 0, aliases: 0, directives: 0 },
  };
  for (const node of [operation, ...(operation.variableDefinitions ?? [])]) {
    countDirectives(node, measuring);
  }
  const root = schema.getRootType(operation.operation);
  if (root) measure(operation.selectionSet, root, { depth: 1, objects: 1, page: 1 }, measuring);
  return measuring.objects;
}

function coerce(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Variables {
  return (
    getVariableValues(schema, variableDefinitions, variables, { maxErrors: 1 }).coerced ?? null
  );
}

function measure(
  { selections }: SelectionSetNode,
  parent: GraphQLNamedType,
  place: Place,
  measuring: Measuring,
): void {
  const { limits, fragments, schema } = measuring;
  if (place.depth > limits.maxDepth) {
    throw tooExpensive(`An operation may be ${limits.maxDepth} fields deep at most.`);
  }
  for (const selection of selections) {
    measuring.selections += 1;
    if (measuring.selections > maxSelections) throw tooExpensive('The operation is too long.');
    countDirectives(selection, measuring);
    if (selection.kind === Kind.FIELD) {
      measureField(selection, parent, place, measuring);
      continue;
    }
    const fragment =
      selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
    if (!fragment) continue;
    if (fragment !== selection) countDirectives(fragment, measuring);
    const name = fragment.typeCondition?.name.value;
    const type = name === undefined ? parent : (schema.getType(name) ?? parent);
    measure(fragment.selectionSet, type, place, measuring);
  }
}

function measureField(
  field: FieldNode,
  parent: GraphQLNamedType,
  place: Place,
  measuring: Measuring,
): void {
  countField(field, place, measuring);
  const name = field.name.value;
  // Introspection is either off or meant; its standard query is deeper than any of ours.
  if (name.startsWith('__') || !(isObjectType(parent) || isInterfaceType(parent))) return;
  const definition = parent.getFields()[name];
  if (!definition || !field.selectionSet) return;
  const type = getNamedType(definition.type);
  if (!isCompositeType(type)) return;

  const first = definition.args.find((argument) => argument.name === 'first');
  const page = first
    ? pageOf(field, first, defaultPage(parent, definition), measuring.variables)
    : place.page;
  const isOfPage = first !== undefined || isOfConnection(parent);
  const longest = isOfPage ? page : (longestList(parent, definition) ?? maxPage);
  const length = isList(definition) ? longest : 1;
  const objects = place.objects * length;
  measuring.objects += objects;
  if (measuring.objects > measuring.limits.maxObjects) {
    throw tooExpensive(
      `The answer could hold more than ${measuring.limits.maxObjects} objects; ask for smaller pages.`,
    );
  }
  measure(field.selectionSet, type, { depth: place.depth + 1, objects, page }, measuring);
}

/** Introspection's own fields count like any other: `a: __typename b: __typename …` is work as well. */
function countField(field: FieldNode, { depth }: Place, measuring: Measuring): void {
  const { limits } = measuring;
  measuring.rootFields += depth === 1 ? 1 : 0;
  measuring.aliases += field.alias ? 1 : 0;
  if (measuring.rootFields > limits.maxRootFields) {
    throw tooExpensive(`An operation may have ${limits.maxRootFields} root fields at most.`);
  }
  if (measuring.aliases > limits.maxAliases) {
    throw tooExpensive(`An operation may have ${limits.maxAliases} aliases at most.`);
  }
}

function countDirectives(
  { directives = [] }: { readonly directives?: readonly DirectiveNode[] | undefined },
  measuring: Measuring,
): void {
  const { maxDirectives } = measuring.limits;
  measuring.directives += directives.length;
  if (measuring.directives > maxDirectives) {
    throw tooExpensive(`An operation may have ${maxDirectives} directives at most.`);
  }
}

/** A page that is out of range is the subgraph's to refuse; here it counts as what it could be at most. */
function pageOf(
  { arguments: given = [] }: FieldNode,
  first: GraphQLArgument,
  defaultPage: number,
  variables: Variables,
): number {
  const node = given.find(({ name }) => name.value === 'first')?.value;
  // The executor refuses such variables; until then nothing is known of them.
  if (node?.kind === Kind.VARIABLE && variables === null) return maxPage;
  const isGiven =
    node && (node.kind !== Kind.VARIABLE || Object.hasOwn(variables ?? {}, node.name.value));
  const value: unknown = isGiven
    ? valueFromAST(node, first.type, variables)
    : (first.defaultValue ?? null);
  // Null is what a subgraph takes for left out.
  if (value === null) return defaultPage;
  return typeof value === 'number' ? Math.min(Math.max(value, 1), maxPage) : maxPage;
}

function tooExpensive(message: string): GraphQLError {
  return new GraphQLError(message, {
    extensions: { code: 'OPERATION_TOO_EXPENSIVE', http: { status: 400 } },
  });
}

/** The code that Apollo Server has for a document from which no operation can be taken. */
function unresolved(message: string): GraphQLError {
  return new GraphQLError(message, {
    extensions: { code: 'OPERATION_RESOLUTION_FAILURE', http: { status: 400 } },
  });
}

/** Puts the limits before the planner. */
export const operationLimitsPlugin: ApolloServerPlugin<RequestContext> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ schema, document, operation, request }) => {
      if (!operation) throw unresolved('Say by operationName which operation to run.');
      // The planner would fail over it, as over a missing name, with an error of its own.
      if (!schema.getRootType(operation.operation)) {
        throw unresolved(`There is no ${operation.operation} to run.`);
      }
      assertAffordable(schema, document, operation, request.variables ?? {});
    },
  }),
};
