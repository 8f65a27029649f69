import { newId } from '@vedette/service-kit';
import { idCoordinates } from '@vedette/testkit';
import {
  buildSchema,
  getNamedType,
  getNullableType,
  getOperationAST,
  GraphQLError,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  parse,
} from 'graphql';
import type {
  GraphQLArgument,
  GraphQLField,
  GraphQLInputType,
  GraphQLObjectType,
  GraphQLSchema,
} from 'graphql';
import { assertAffordable } from '../src/operation-limits.ts';

/** One operation of the API, made from its schema, so that a new field is walked without a new test. */
export interface WalkedOperation {
  /** Such as `Query.customers` or `Mutation.moveCustomer(input.customerId)`. */
  readonly name: string;
  readonly document: string;
  /**
   * Variables with an id in the place that the name says, and something plausible elsewhere. Of a list,
   * the page after a cursor, or the first.
   */
  readonly variables: (id: string, after?: string) => Readonly<Record<string, unknown>>;
  /** The field that the id is in, such as `customerId`; empty where none is needed. */
  readonly idField: string;
  /** The type that the operation gives, for ids that are called `id` only. */
  readonly gives: string;
}

export interface ApiWalk {
  /** Every query that needs no id, selecting all that it gives. */
  readonly queries: readonly WalkedOperation[];
  /** Every place of every query and mutation that takes an id. */
  readonly takingIds: readonly WalkedOperation[];
}

/**
 * How far an operation reaches, the widest that the gateway's limits allow: rows of a page, rows of a page
 * inside, and objects below each other. Three reach a customer's mandate through its provider.
 */
const reaches: readonly Reach[] = [3, 2].flatMap((levels) =>
  [100, 50, 20, 10, 5].flatMap((rows) => [5, 2].map((innerRows) => ({ levels, rows, innerRows }))),
);

interface Reach {
  readonly levels: number;
  readonly rows: number;
  readonly innerRows: number;
}

export function walkApi(sdl: string): ApiWalk {
  const schema = buildSchema(sdl, { assumeValid: true, assumeValidSDL: true });
  const coordinates = idCoordinates(sdl).map(parseCoordinate);
  const roots = { Query: schema.getQueryType(), Mutation: schema.getMutationType() };
  const found = coordinates.flatMap(({ type, field, path }) => {
    const root = type === 'Query' || type === 'Mutation' ? roots[type] : null;
    const definition = root?.getFields()[field];
    return definition ? [toAffordable(schema, type, definition, path)] : [];
  });
  return {
    queries: found.filter(({ idField }) => idField === ''),
    takingIds: found.filter(({ idField }) => idField !== ''),
  };
}

/** `Query.cases(filter.customerId)` into its parts. */
function parseCoordinate(coordinate: string): {
  readonly type: string;
  readonly field: string;
  readonly path: readonly string[];
} {
  const [, type = '', field = '', path] = /^(\w+)\.(\w+)(?:\((.+)\))?$/.exec(coordinate) ?? [];
  return { type, field, path: path?.split('.') ?? [] };
}

/** Of what the gateway refuses there would be nothing to see, and so nothing to find. */
function toAffordable(
  schema: GraphQLSchema,
  ...rest: [root: string, field: GraphQLField<unknown, unknown>, path: readonly string[]]
): WalkedOperation {
  for (const reach of reaches) {
    const operation = toOperation(reach, ...rest);
    if (isAffordable(schema, operation)) return operation;
  }
  throw new Error(`${rest[1].name} is too expensive, however little is asked of it`);
}

function isAffordable(schema: GraphQLSchema, { document, variables }: WalkedOperation): boolean {
  const parsed = parse(document);
  const operation = getOperationAST(parsed);
  if (!operation) throw new Error(`no operation: ${document}`);
  try {
    assertAffordable(schema, parsed, operation, variables(''));
    return true;
  } catch (error) {
    if (error instanceof GraphQLError) return false;
    throw error;
  }
}

function toOperation(
  { levels, rows, innerRows }: Reach,
  root: string,
  field: GraphQLField<unknown, unknown>,
  path: readonly string[],
): WalkedOperation {
  const isGiven = (argument: GraphQLArgument): boolean =>
    isRequiredArgument(argument) || [path[0], 'first', 'after'].includes(argument.name);
  const given = field.args.filter(isGiven);
  const declared = given.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ');
  const passed = given.map(({ name }) => `${name}: $${name}`).join(', ');
  const named = getNamedType(field.type);
  const selection = isObjectType(named) ? ` { ${select(named, { levels, innerRows }, [])} }` : '';
  return {
    name: `${root}.${field.name}${path.length > 0 ? `(${path.join('.')})` : ''}`,
    document: `${root.toLowerCase()} ${declared ? `(${declared})` : ''} { ${field.name}${
      passed ? `(${passed})` : ''
    }${selection} }`,
    variables: (id, after) => ({
      ...Object.fromEntries(
        given.map(({ name, type }) => [
          name,
          toValue(type, path[0] === name ? path.slice(1) : null, id),
        ]),
      ),
      ...(given.some(({ name }) => name === 'first') ? { first: rows } : {}),
      ...(given.some(({ name }) => name === 'after') ? { after: after ?? null } : {}),
    }),
    idField: path.at(-1) ?? '',
    gives: named.name,
  };
}

/** All leaves, and objects below as deep as allowed. A type is not entered again below itself. */
function select(
  type: GraphQLObjectType,
  { levels, innerRows }: Omit<Reach, 'rows'>,
  above: readonly string[],
): string {
  const parts = Object.values(type.getFields()).flatMap((field): string[] => {
    const named = getNamedType(field.type);
    if (field.args.some(isRequiredArgument) || field.name === 'edges') return [];
    if (isLeafType(named)) return [field.name];
    if (!isObjectType(named) || above.includes(named.name)) return [];
    const isPage = named.name.endsWith('Connection') || type.name.endsWith('Connection');
    const below = isPage ? levels : levels - 1;
    if (below <= 0) return [];
    const page = field.args.some(({ name }) => name === 'first') ? `(first: ${innerRows})` : '';
    const inside = select(named, { levels: below, innerRows }, [...above, type.name]);
    return [`${field.name}${page} { ${inside} }`];
  });
  return parts.length > 0 ? parts.join(' ') : '__typename';
}

/** Something plausible of the type; the id goes where the path leads, and to every id that must be given. */
function toValue(type: GraphQLInputType, path: readonly string[] | null, id: string): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return [toValue(nullable.ofType, path, id)];
  const named = getNamedType(nullable);
  if (isInputObjectType(named)) {
    const fields = Object.values(named.getFields()).filter(
      (field) => isRequiredInputField(field) || field.name === path?.[0],
    );
    return Object.fromEntries(
      fields.map((field) => [
        field.name,
        toValue(field.type, field.name === path?.[0] ? path.slice(1) : null, id),
      ]),
    );
  }
  if (isEnumType(named)) return named.getValues()[0]?.name;
  const plausible: Readonly<Record<string, unknown>> = {
    ID: id,
    Int: 1,
    Float: 1,
    Boolean: false,
    DateTime: '2026-06-01T00:00:00.000Z',
    String: `walk-${newId()}`,
  };
  return plausible[named.name];
}
