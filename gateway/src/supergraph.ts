import { hash } from 'node:crypto';
import { env } from 'node:process';
import { ApolloGateway } from '@apollo/gateway';
import type { GraphQLDataSource } from '@apollo/gateway';
import type { Logger, Viewer } from '@vedette/service-kit';
import { Kind, parse, valueFromASTUntyped } from 'graphql';
import type { GraphQLFormattedError } from 'graphql';
import { inEntityCalls } from './entity-calls.ts';
import type { SubgraphResponse } from './entity-calls.ts';
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
  const gateway = new ApolloGateway({
    supergraphSdl: options.supergraphSdl,
    buildService: ({ name }) => toDataSource(options.clients.get(name)),
    logger: options.logger,
    // On outside of production by default: any client could then ask for the query plan.
    __exposeQueryPlanExperimental: false,
  });
  const { executor } = gateway;
  // Plans are remembered by this hash. Shared, the time of an answer would say whether somebody else
  // has sent the same text, such as one with a customer's id in it.
  gateway.executor = (request) => {
    const { viewer } = request.context as RequestContext;
    const queryHash = hash('sha256', `${tenantOf(viewer)} ${request.queryHash}`);
    return executor({ ...request, queryHash });
  };
  return gateway;
}

/** Whose people share what is remembered of their queries; an integration and a customer's person none. */
function tenantOf({ role, providerId, principalId }: Viewer): string {
  if (role.startsWith('OPERATOR_')) return 'operator';
  return role.startsWith('PROVIDER_') && providerId ? providerId : principalId;
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
      const { query, operationName } = request;
      const { data, errors } = await inEntityCalls(request.variables, async (variables) =>
        toResponse(
          client.name,
          await client.post('/graphql', viewer, { query, variables, operationName }, signal),
        ),
      );
      return { ...(data ? { data } : {}), ...(errors ? { errors: [...errors] } : {}) };
    },
  };
}

/** `extensions` of a subgraph stay behind: they are for nobody outside. */
function toResponse(name: string, answer: unknown): SubgraphResponse {
  const { data, errors } = (answer ?? {}) as { data?: object; errors?: GraphQLFormattedError[] };
  if (data === undefined && !Array.isArray(errors)) {
    throw new Error(`'${name}' answered something else than a GraphQL response`);
  }
  return { ...(data ? { data } : {}), ...(errors ? { errors } : {}) };
}
