import { env } from 'node:process';
import { ApolloGateway } from '@apollo/gateway';
import type { GraphQLDataSource } from '@apollo/gateway';
import type { Logger, Viewer } from '@vedette/service-kit';
import { Kind, parse, valueFromASTUntyped } from 'graphql';
import type { GraphQLFormattedError } from 'graphql';
import type { SubgraphClient } from './subgraph-client.ts';

/** What one incoming request carries to the subgraphs. */
export interface RequestContext {
  readonly viewer: Viewer;
  /** Ends when the client is gone or the time for the whole request is over. */
  readonly signal: AbortSignal;
}

export interface SupergraphOptions {
  readonly supergraphSdl: string;
  /** By name of the subgraph; every subgraph of the supergraph has one. */
  readonly clients: ReadonlyMap<string, SubgraphClient>;
  readonly logger: Logger;
}

/**
 * The query planner and executor over the composed supergraph. This is the one module that imports
 * `@apollo/gateway` (Elastic-2.0): replacing the library is replacing this file.
 */
export function createSupergraph(options: SupergraphOptions): ApolloGateway {
  // The library's only switch is a process-wide variable, read by the constructor. Left on, it asks
  // cloud metadata services where it runs and reports to its vendor every hour.
  env['APOLLO_TELEMETRY_DISABLED'] = 'true';
  return new ApolloGateway({
    supergraphSdl: options.supergraphSdl,
    buildService: ({ name }) => toDataSource(options.clients.get(name)),
    logger: options.logger,
    // On outside of production by default: any client could then ask for the query plan.
    __exposeQueryPlanExperimental: false,
  });
}

/** Names of the subgraphs that a supergraph was composed of. */
export function subgraphNames(supergraphSdl: string): readonly string[] {
  const graphs = parse(supergraphSdl).definitions.flatMap((definition) =>
    definition.kind === Kind.ENUM_TYPE_DEFINITION && definition.name.value === 'join__Graph'
      ? (definition.values ?? [])
      : [],
  );
  return graphs.map((graph) => {
    const [directive] = graph.directives ?? [];
    const name = directive?.arguments?.find((argument) => argument.name.value === 'name');
    return name ? String(valueFromASTUntyped(name.value)) : graph.name.value;
  });
}

function toDataSource(client: SubgraphClient | undefined): GraphQLDataSource {
  if (!client) throw new Error('a subgraph of the supergraph has no client');
  return {
    process: async ({ request, context }) => {
      const { viewer, signal } = context as RequestContext;
      const { query, variables, operationName } = request;
      const body = { query, variables, operationName };
      return toResponse(client.name, await client.post('/graphql', viewer, body, signal));
    },
  };
}

/** `extensions` of a subgraph stay behind: they are for nobody outside. */
function toResponse(
  name: string,
  answer: unknown,
): { data?: object; errors?: GraphQLFormattedError[] } {
  const { data, errors } = (answer ?? {}) as { data?: object; errors?: GraphQLFormattedError[] };
  if (data === undefined && !Array.isArray(errors)) {
    throw new Error(`'${name}' answered something else than a GraphQL response`);
  }
  return { ...(data ? { data } : {}), ...(errors ? { errors } : {}) };
}
