import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  buildASTSchema,
  execute,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
  isRequiredArgument,
  Kind,
  parse,
  validate,
} from 'graphql';
import type { GraphQLField, GraphQLObjectType, OperationDefinitionNode } from 'graphql';
import { readExamples } from './graphiql.ts';
import { defaultPage, isOfConnection, longestList } from './list-sizes.ts';
import { assertAffordable } from './operation-limits.ts';

type Field = GraphQLField<unknown, unknown>;

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const schema = buildASTSchema(parse(read('../supergraph.graphql')), { assumeValidSDL: true });
const types = Object.values(schema.getTypeMap())
  .filter(isObjectType)
  .filter(({ name }) => !name.startsWith('__'));

/** What the schema's own text says that a page holds, for one who leaves `first` out. */
function documentedPage({ args }: Field): number | null {
  const first = args.find(({ name }) => name === 'first');
  const [, size] = /default (\d+)/.exec(first?.description ?? '') ?? [];
  return size === undefined ? null : Number(size);
}

function price(query: string, variables: Record<string, unknown> = {}): number {
  const document = parse(query);
  expect(validate(schema, document)).toEqual([]);
  const operation = document.definitions.find(
    (definition): definition is OperationDefinitionNode =>
      definition.kind === Kind.OPERATION_DEFINITION,
  );
  if (!operation) throw new Error('no operation');
  return assertAffordable(schema, document, operation, variables);
}

/** How many objects the answer holds when each page is full; other lists are short. */
function countObjects(query: string, variables: Record<string, unknown>): number {
  let objects = 0;
  const answer = execute({
    schema,
    document: parse(query),
    variableValues: variables,
    fieldResolver: (
      source,
      args: { first?: number | null },
      _,
      { returnType, parentType, fieldName },
    ) => {
      const field = parentType.getFields()[fieldName];
      if (!field) throw new Error(`no field ${fieldName}`);
      const page = Math.min(args.first ?? documentedPage(field) ?? 0, 100);
      if (!isListType(getNullableType(returnType))) {
        objects += 1;
        return { page };
      }
      const ofConnection = (source as { page?: number } | undefined)?.page ?? 0;
      const length = isOfConnection(parentType) ? ofConnection : documentedPage(field) ? page : 3;
      objects += length;
      return Array.from({ length }, () => ({}));
    },
  });
  expect(answer).not.toHaveProperty('errors');
  return objects;
}

/** Takes decisions from a list of numbers, and 0 when it is used up. */
function decider(tape: readonly number[]): (below: number) => number {
  let next = 0;
  return (below) => (tape[next++] ?? 0) % below;
}

/** Ways to ask for a page, as the argument and the variable that it needs. */
const pageSizes: readonly ((n: number) => [argument: string, variable: string, given: unknown])[] =
  [
    () => ['', '', undefined],
    (n) => [`first: ${n}`, '', undefined],
    () => ['first: null', '', undefined],
    (n) => ['first: $V', '$V: Int', n],
    (n) => ['first: $V', `$V: Int = ${n}`, undefined],
    (n) => ['first: $V', `$V: Int = ${n}`, null],
    () => ['first: $V', '$V: Int', undefined],
    (n) => ['first: $V', `$V: Int = 1`, n],
  ];

interface Written {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

/** An operation over the real schema: pages asked for in every way, fragments, the same field twice. */
function write(tape: readonly number[]): Written {
  const decide = decider(tape);
  const variables: Record<string, unknown> = {};
  const declared: string[] = [];
  const fragments: string[] = [];

  const writeField = (field: Field, levels: number): string => {
    const sizes = field.args.some(({ name }) => name === 'first') ? pageSizes : [];
    const [page = '', variable = '', given] =
      sizes[decide(pageSizes.length)]?.([1, 2, 7, 100][decide(4)] ?? 1) ?? [];
    const name = `v${declared.length}`;
    if (variable) declared.push(variable.replace('$V', `$${name}`));
    if (given !== undefined) variables[name] = given;
    const ids = field.args.filter(isRequiredArgument).map((argument) => `${argument.name}: "x"`);
    const given2 = [...ids, page.replace('$V', `$${name}`)].filter(Boolean).join(', ');
    const alias = `a${decide(1_000)}_${fragments.length}_${declared.length}`;
    const type = getNamedType(field.type) as GraphQLObjectType;
    return `${alias}: ${field.name}${given2 ? `(${given2})` : ''} { ${writeSelection(type, levels - 1)} }`;
  };
  const writeSelection = (type: GraphQLObjectType, levels: number): string => {
    const fields = Object.values(type.getFields()).filter(
      (field) =>
        isCompositeType(getNamedType(field.type)) &&
        field.args.every((each) => !isRequiredArgument(each) || each.type.toString() === 'ID!'),
    );
    const parts = ['__typename'];
    for (let left = levels > 0 && fields.length > 0 ? 1 + decide(2) : 0; left > 0; left -= 1) {
      const field = fields[decide(fields.length)];
      if (!field) continue;
      const text = writeField(field, levels);
      const form = decide(4);
      if (form < 2) parts.push(text);
      else if (form === 2) parts.push(`... on ${type.name} @include(if: true) { ${text} }`);
      else {
        fragments.push(`fragment f${fragments.length} on ${type.name} { ${text} }`);
        parts.push(`...f${fragments.length - 1}`);
      }
    }
    return parts.join(' ');
  };
  const root = schema.getQueryType();
  if (!root) throw new Error('no queries');
  const selection = writeSelection(root, 8);
  const head = declared.length > 0 ? `query (${declared.join(', ')})` : 'query';
  return { query: `${head} { ${selection} } ${fragments.join(' ')}`, variables };
}

describe('the price of an operation', () => {
  it('is never below the number of objects in its answer', () => {
    let compared = 0;
    const tapes = fc.array(fc.nat(999), { minLength: 10, maxLength: 120 });
    fc.assert(
      fc.property(tapes, (tape) => {
        const { query, variables } = write(tape);
        const priced = tryPrice(query, variables);
        // What is refused has no answer.
        if (priced === null) return;
        compared += 1;
        expect(countObjects(query, variables)).toBeLessThanOrEqual(priced);
      }),
      { numRuns: 300 },
    );
    expect(compared).toBeGreaterThan(100);
  });

  it('knows the length of every list in the schema', () => {
    const lists = types.flatMap((type) =>
      Object.values(type.getFields())
        .filter((field) => isListType(getNullableType(field.type)))
        .filter((field) => isCompositeType(getNamedType(field.type)))
        .map((field) => ({ type, field, name: `${type.name}.${field.name}` })),
    );
    const unknown = lists.filter(
      ({ type, field }) =>
        !isOfConnection(type) &&
        documentedPage(field) === null &&
        longestList(type, field) === null,
    );
    expect(unknown.map(({ name }) => name)).toEqual([]);
    expect(lists.filter(({ field }) => field.type.toString().includes('[['))).toEqual([]);
  });

  it('takes for the default of each page what the schema says', () => {
    for (const type of types) {
      for (const field of Object.values(type.getFields())) {
        if (!field.args.some(({ name }) => name === 'first')) continue;
        const name = `${type.name}.${field.name}`;
        expect([name, defaultPage(type, field)]).toEqual([name, documentedPage(field)]);
      }
    }
  });

  it('of what GraphiQL opens with is within the limits', () => {
    for (const { query } of readExamples()) {
      expect(() => price(query, { caseId: 'x', customerId: 'x' })).not.toThrow();
    }
  });

  it.each([
    [
      'a page of cases with what they are about',
      '{ cases(first: 100) { nodes { id assets { name } } } }',
    ],
    [
      'the detections of a page of cases',
      '{ cases(first: 100) { nodes { detections { id ruleId } } } }',
    ],
    [
      'customers and what is agreed with them',
      '{ customers(first: 100) { nodes { mandates { id } readiness { state } } } }',
    ],
  ])('lets pass %s', (_, query) => {
    expect(() => price(query)).not.toThrow();
  });

  it.each([
    ['grants of many people', '{ users(first: 100) { nodes { grants { canApprove } } } }'],
    [
      'pages in pages in pages',
      '{ customers(first: 100) { nodes { cases(first: 100) { nodes { timeline { nodes { id } } } } } } }',
    ],
  ])('is too high for %s', (_, query) => {
    expect(() => price(query)).toThrow('20000 objects');
  });
});

function tryPrice(query: string, variables: Record<string, unknown>): number | null {
  try {
    return price(query, variables);
  } catch (error) {
    if (/objects|deep|aliases|root fields|definitions|directives/.test((error as Error).message))
      return null;
    throw error;
  }
}
