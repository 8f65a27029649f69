import { readFileSync } from 'node:fs';
import { ApolloServer } from '@apollo/server';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger, maxEntities, newId } from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import type { SubgraphClient } from './subgraph-client.ts';
import { createSupergraph, subgraphNames } from './supergraph.ts';
import type { RequestContext } from './supergraph.ts';

const supergraphSdl = readFileSync(new URL('../supergraph.graphql', import.meta.url), 'utf8');
const logger = createLogger({ service: 'gateway', level: 'silent' });
const operator: Viewer = { principalId: 'olga', role: 'OPERATOR_ANALYST', customerIds: 'ALL' };

interface Body {
  readonly variables?: { readonly representations?: readonly { readonly id: string }[] };
}

let answer: (subgraph: string, body: Body) => object;
let server: ApolloServer<RequestContext>;
/** The plan of each operation that was run. */
let plans: unknown[];

beforeEach(async () => {
  plans = [];
  answer = () => ({ data: {} });
  const client = (name: string): SubgraphClient => ({
    ...{ name, get: async () => ({}), isReady: async () => true, close: () => undefined },
    post: async (_path, _viewer, body) => answer(name, body),
  });
  const clients = new Map(subgraphNames(supergraphSdl).map((name) => [name, client(name)]));
  const gateway = createSupergraph({ supergraphSdl, clients, logger });
  Object.assign(gateway, {
    experimental_didResolveQueryPlan: ({ queryPlan }: { queryPlan: unknown }) =>
      plans.push(queryPlan),
  });
  server = new ApolloServer<RequestContext>({ gateway, logger });
  await server.start();
});
afterEach(() => server.stop());

async function ask(query: string, viewer = operator) {
  const contextValue = { viewer, signal: new AbortController().signal };
  const { body } = await server.executeOperation({ query }, { contextValue });
  if (body.kind !== 'single') throw new Error('an answer in parts');
  return body.singleResult;
}

describe('a page of cases with their detections', () => {
  it('is answered, though it names more detections than a subgraph takes at a time', async () => {
    const sizes: number[] = [];
    answer = (_, { variables }) => {
      const wanted = variables?.representations;
      if (!wanted) {
        const detections = () =>
          Array.from({ length: 100 }, () => ({ __typename: 'Detection', id: newId() }));
        const nodes = Array.from({ length: 21 }, () => ({ id: newId(), detections: detections() }));
        return { data: { cases: { nodes } } };
      }
      sizes.push(wanted.length);
      if (wanted.length > maxEntities) return { errors: [{ message: 'Too many entities.' }] };
      return { data: { _entities: wanted.map(({ id }) => ({ ruleId: `rule of ${id}` })) } };
    };
    const { data, errors } = await ask(
      '{ cases(first: 21) { nodes { id detections(first: 100) { id ruleId } } } }',
    );
    expect(errors).toBeUndefined();
    expect(sizes).toEqual([1_000, 1_000, 100]);
    const { nodes } = data?.['cases'] as {
      nodes: { detections: { id: string; ruleId: string }[] }[];
    };
    const detections = nodes.flatMap((node) => node.detections);
    expect(detections).toHaveLength(2_100);
    expect(detections.every(({ id, ruleId }) => ruleId === `rule of ${id}`)).toBe(true);
  });
});

describe('what was planned', () => {
  const person = (principalId: string, providerId: string): Viewer => ({
    ...{ principalId, role: 'PROVIDER_ADMIN', providerId, customerIds: [] },
  });
  const query = '{ customers { nodes { id name } } }';

  it('is remembered for the people of one provider', async () => {
    await ask(query, person('anna', 'p1'));
    await ask(query, person('ben', 'p1'));
    expect(plans[0]).toBe(plans[1]);
  });

  it('tells nobody else by its time that a text was sent before', async () => {
    const others: Viewer[] = [
      ...[person('anna', 'p1'), person('eva', 'p2'), operator],
      { principalId: 'k1', role: 'INTEGRATION', providerId: 'p1', customerIds: [], scopes: [] },
      { principalId: 'k2', role: 'INTEGRATION', providerId: 'p1', customerIds: [], scopes: [] },
      { principalId: 'c1', role: 'CUSTOMER_VIEWER', providerId: 'p1', customerIds: ['x'] },
    ];
    for (const viewer of others) await ask(query, viewer);
    expect(new Set(plans).size).toBe(others.length);
  });
});
