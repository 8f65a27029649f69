import { describe, expect, it } from '@jest/globals';
import { newId } from '@vedette/service-kit';
import type { FieldProblem, Viewer } from '@vedette/service-kit';
import { idArgumentOf, withEmptyId } from './empty-id.ts';
import { idCoordinates } from './schema-coordinates.ts';
import type { AskSubgraph, SubgraphAnswer, SubgraphError } from './subgraph-client.ts';

/** Ids that one tenant sees, and other text that nobody else may see, by name. */
export type TenantMarks = Readonly<Record<string, string>>;

export interface IsolationOperation {
  /** Which of the schema's id coordinates it goes through; see {@link idCoordinates}. */
  readonly covers: readonly string[];
  readonly document: string;
  /** Default: none. */
  readonly variables?: (marks: TenantMarks) => Readonly<Record<string, unknown>>;
  /** It makes something new and shows nothing of the tenant, so that its success proves nothing. */
  readonly makesNew?: true;
}

export interface Outsider {
  readonly viewer: () => Viewer;
  /** Coordinates that this outsider rightly gets an answer from, such as its own provider. */
  readonly mayUse?: readonly string[];
}

export interface IsolationSuite {
  /** The subgraph's `schema.graphql`. */
  readonly typeDefs: string;
  readonly ask: AskSubgraph;
  /** Somebody who may run every operation on the tenant's data. */
  readonly owner: () => Viewer;
  /** Somebody whom no operation is forbidden to, where there are some that the owner may not run. */
  readonly operator?: () => Viewer;
  readonly marks: () => TenantMarks;
  readonly operations: readonly IsolationOperation[];
  /** By a name that completes "hides the tenant's data from …". */
  readonly outsiders: Readonly<Record<string, Outsider>>;
}

/**
 * Tries every id that one tenant sees, through every field that takes or gives ids, as somebody else:
 * "not yours" and "not there" must be one answer. An empty id must be refused wherever one is taken:
 * it is not the same as none. Fails too when the schema has a field that no operation goes through, or
 * when an operation does not work for the owner, since it would prove nothing.
 */
export function describeIsolation(suite: IsolationSuite): void {
  describe("isolation of one tenant's data", () => {
    it('is tried through every field that takes or gives ids', () => {
      const covered = new Set(suite.operations.flatMap((operation) => operation.covers));
      const known = idCoordinates(suite.typeDefs);
      expect(known.filter((coordinate) => !covered.has(coordinate))).toEqual([]);
      expect([...covered].filter((coordinate) => !known.includes(coordinate))).toEqual([]);
    });

    for (const [name, outsider] of Object.entries(suite.outsiders)) {
      for (const operation of suite.operations) {
        if (operation.covers.some((coordinate) => outsider.mayUse?.includes(coordinate))) continue;
        it(`${operation.covers.join(', ')} hides it from ${name}`, async () => {
          const trial = { ask: suite.ask, viewer: outsider.viewer(), marks: suite.marks() };
          expect(await findLeaks(operation, trial)).toEqual([]);
        });
      }
    }

    for (const [coordinate, operation] of takersOf(suite.operations)) {
      it(`${coordinate} refuses an empty id`, async () => {
        const trial = { ...suite, viewer: (suite.operator ?? suite.owner)(), marks: suite.marks() };
        expect(await refusedPaths(operation, coordinate, trial)).toContain(
          idArgumentOf(coordinate),
        );
      });
    }

    // Last, because these may change the data.
    for (const operation of suite.operations) {
      if (operation.makesNew) continue;
      it(`${operation.covers.join(', ')} works for the tenant itself`, async () => {
        const marks = suite.marks();
        const answer = await suite.ask(
          suite.owner(),
          operation.document,
          operation.variables?.(marks),
        );
        expect(answer.errors).toEqual([]);
        expect(
          Object.values(marks).filter((mark) => JSON.stringify(answer.data).includes(mark)),
        ).not.toEqual([]);
      });
    }
  });
}

/** What an operation tells a stranger about the tenant: a sentence each, none when it is tight. */
export async function findLeaks(
  { document, variables = () => ({}) }: IsolationOperation,
  trial: { readonly ask: AskSubgraph; readonly viewer: Viewer; readonly marks: TenantMarks },
): Promise<string[]> {
  const { ask, viewer, marks } = trial;
  const unknown = Object.fromEntries(Object.keys(marks).map((name) => [name, newId()]));
  const answer = await ask(viewer, document, variables(marks));
  const notYours = mask(answer, marks);
  const notThere = mask(await ask(viewer, document, variables(unknown)), unknown);
  const asked = JSON.stringify(variables(marks));
  return [
    ...(answer.errors.some(isNoQuestion)
      ? [`proves nothing, since it is not valid: ${notYours}`]
      : []),
    ...(notYours === notThere
      ? []
      : [`answers ${notYours} to what exists, ${notThere} to what does not`]),
    ...Object.entries(marks)
      .filter(([name, mark]) => !asked.includes(mark) && notYours.includes(`<${name}>`))
      .map(([name]) => `shows ${name}: ${notYours}`),
  ];
}

/** Whether GraphQL refused the question itself, such as for a variable that is not there. */
function isNoQuestion({ extensions }: SubgraphError): boolean {
  if (extensions.code === 'BAD_USER_INPUT') return extensions['fields'] === undefined;
  return extensions.code === 'GRAPHQL_VALIDATION_FAILED';
}

/** Every coordinate that takes an id, with an operation that goes through it. */
function takersOf(
  operations: readonly IsolationOperation[],
): ReadonlyMap<string, IsolationOperation> {
  const pairs = operations.flatMap((operation) =>
    operation.covers.map((coordinate) => [coordinate, operation] as const),
  );
  return new Map(pairs.filter(([coordinate]) => idArgumentOf(coordinate) !== null));
}

/**
 * Which parts of the input are refused when the id that a coordinate takes is empty: their paths as
 * the errors name them, without places in lists. What went through gives none.
 */
export async function refusedPaths(
  { document, variables = () => ({}) }: IsolationOperation,
  coordinate: string,
  trial: {
    readonly typeDefs: string;
    readonly ask: AskSubgraph;
    readonly viewer: Viewer;
    readonly marks: TenantMarks;
  },
): Promise<string[]> {
  const question = { document, variables: variables(trial.marks) };
  const changed = withEmptyId(trial.typeDefs, question, coordinate);
  const { errors } = await trial.ask(trial.viewer, changed.document, changed.variables);
  return errors
    .filter(({ extensions }) => extensions.code === 'BAD_USER_INPUT')
    .flatMap(({ extensions }) => (extensions['fields'] ?? []) as readonly FieldProblem[])
    .map(({ path }) => path.replaceAll(/\.?\[?\b\d+\b\]?/g, ''));
}

/** The answer as text, without what differs between any two: the ids asked for, and the trace. */
function mask(answer: SubgraphAnswer, marks: TenantMarks): string {
  const text = JSON.stringify(answer, (key, value: unknown) =>
    key === 'traceId' ? undefined : value,
  );
  return Object.entries(marks).reduce(
    (masked, [name, mark]) => masked.replaceAll(mark, `<${name}>`),
    text,
  );
}
