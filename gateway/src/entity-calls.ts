import { maxEntities } from '@vedette/service-kit';
import type { GraphQLFormattedError } from 'graphql';

export interface SubgraphResponse {
  readonly data?: object;
  readonly errors?: readonly GraphQLFormattedError[];
}

type Variables = Readonly<Record<string, unknown>>;

/**
 * Asks for entities in calls of as many as a subgraph takes, one after the other, and puts the answers
 * together as if it had been one call: a page of cases with their detections can name thousands.
 */
export async function inEntityCalls(
  variables: Variables | undefined,
  call: (variables: Variables | undefined) => Promise<SubgraphResponse>,
): Promise<SubgraphResponse> {
  const wanted = variables?.['representations'];
  if (!Array.isArray(wanted) || wanted.length <= maxEntities) return call(variables);
  const entities: unknown[] = [];
  const errors: GraphQLFormattedError[] = [];
  for (let from = 0; from < wanted.length; from += maxEntities) {
    const representations: unknown[] = wanted.slice(from, from + maxEntities);
    const answer = await call({ ...variables, representations });
    entities.push(...entitiesOf(answer, representations.length));
    errors.push(...(answer.errors ?? []).map((error) => movedBy(from, error)));
  }
  return { data: { _entities: entities }, ...(errors.length > 0 ? { errors } : {}) };
}

/** Of a call that failed as a whole there is none. */
function entitiesOf({ data, errors }: SubgraphResponse, wanted: number): readonly unknown[] {
  const { _entities: entities } = (data ?? {}) as { _entities?: unknown };
  if (Array.isArray(entities) && entities.length === wanted) return entities;
  if (!errors?.length) throw new Error(`not the ${wanted} entities that were asked for came`);
  return Array.from({ length: wanted }, () => null);
}

/** An error names the place of its entity among those of its own call. */
function movedBy(offset: number, error: GraphQLFormattedError): GraphQLFormattedError {
  const [root, place, ...rest] = error.path ?? [];
  if (root !== '_entities' || typeof place !== 'number') return error;
  return { ...error, path: [root, place + offset, ...rest] };
}
