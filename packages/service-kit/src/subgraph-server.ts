import type { GraphQLResolverMap } from '@apollo/subgraph/dist/resolvers.js';

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError, UnauthenticatedError } from './errors.ts';
import { createErrorFormatter } from './graphql-errors.ts';
import { createIdentityVerifier, identityHeader } from './identity.ts';
import type { IdentityKeys } from './identity.ts';
import type { Logger } from './logger.ts';
import { activeTraceId, withSpan } from './telemetry.ts';
import type { Viewer } from './viewer.ts';

export interface SubgraphOptions<Context extends object> {
  /** Name of the subgraph, which is also the audience of the identity tokens it accepts. */
  readonly name: string;
  /** The SDL of `schema.graphql`. */
  readonly typeDefs: string;
  readonly resolvers: object;
  readonly identityKeys: IdentityKeys;
  readonly logger: Logger;
  /** Makes what resolvers get as their context, once a request. */
  readonly createContext: (viewer: Viewer) => Context;
}

/** Twice what the gateway takes from a client: what it passes on is longer than what it was given. */
const maxBodyBytes = 4 * 1024 * 1024;

/** Representations that one `_entities` call may carry; for more the gateway calls again. */
export const maxEntities = 1_000;

/**
 * Puts `/graphql` on a process's HTTP server. A request without a valid identity token is refused
 * before its body is parsed, introspection and `_service` included: the network is not the boundary.
 */
export async function addSubgraph<Context extends object>(
  server: FastifyInstance,
  options: SubgraphOptions<Context>,
): Promise<void> {
  // Loaded by the processes that have a subgraph only: it is half of what a process loads.
  const [{ ApolloServer }, disabled, { buildSubgraphSchema }, { fastifyApolloHandler }, { parse }] =
    await Promise.all([
      import('@apollo/server'),
      import('@apollo/server/plugin/disabled'),
      import('@apollo/subgraph'),
      import('@as-integrations/fastify'),
      import('graphql'),
    ]);
  const apollo = new ApolloServer<Context>({
    schema: buildSubgraphSchema([
      {
        typeDefs: parse(options.typeDefs),
        resolvers: options.resolvers as GraphQLResolverMap<unknown>,
      },
    ]),
    introspection: false,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    stopOnTerminationSignals: false,
    // What the gateway asks can hold a tenant's text: remembered, it would answer the next one sooner.
    documentStore: null,
    plugins: [disabled.ApolloServerPluginInlineTraceDisabled()],
    formatError: createErrorFormatter(options.logger),
    logger: options.logger,
  });
  await apollo.start();

  const verify = createIdentityVerifier(options.identityKeys, options.name);
  const viewers = new WeakMap<FastifyRequest, Viewer>();
  server.addHook('onClose', () => apollo.stop());
  server.route({
    method: 'POST',
    url: '/graphql',
    bodyLimit: maxBodyBytes,
    onRequest: async (request, reply) => {
      try {
        viewers.set(request, await verify(singleHeader(request, identityHeader)));
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        options.logger.info({ code: error.code, cause: error.cause }, error.message);
        await reply.code(401).send(refusal(error));
      }
    },
    preHandler: async (request, reply) => {
      const representations = (
        request.body as { variables?: { representations?: unknown[] } } | null
      )?.variables?.representations;
      if (Array.isArray(representations) && representations.length > maxEntities) {
        await reply
          .code(400)
          .send(refusal({ code: 'BAD_USER_INPUT', message: 'Too many entities.' }));
      }
    },
    handler: (request, reply) => {
      const causedBy = { traceparent: singleHeader(request, 'traceparent') ?? '' };
      return withSpan(
        `graphql ${options.name}`,
        { kind: 'SERVER', causedBy },
        () => handle.call(server, request as never, reply as never) as Promise<unknown>,
      );
    },
  });
  const handle = fastifyApolloHandler(apollo, {
    context: async (request) => {
      const viewer = viewers.get(request);
      if (!viewer) throw new UnauthenticatedError('This service answers only to the gateway.');
      return options.createContext(viewer);
    },
  });
}

function refusal(error: { readonly code: string; readonly message: string }): object {
  return {
    errors: [
      { message: error.message, extensions: { code: error.code, traceId: activeTraceId() } },
    ],
  };
}

function singleHeader(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
