import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { ConfigError, createHttpServer } from '@vedette/service-kit';
import type { Health, Logger } from '@vedette/service-kit';
import { createAuthenticator } from './authenticate.ts';
import type { Authenticate } from './authenticate.ts';
import type { GatewayConfig } from './config.ts';
import { createGatewayErrorFormatter } from './graphql-errors.ts';
import { addGraphqlEndpoint } from './graphql-endpoint.ts';
import { addGraphiql } from './graphiql.ts';
import { createIdentityTokens } from './identity-tokens.ts';
import { createIssuerKeys, createKeySetFetcher } from './issuer-keys.ts';
import { createIssuers } from './issuers.ts';
import { operationLimitsPlugin } from './operation-limits.ts';
import { createRateLimits } from './rate-limits.ts';
import type { RateLimits } from './rate-limits.ts';
import { createSubgraphClient } from './subgraph-client.ts';
import type { SubgraphClient } from './subgraph-client.ts';
import { createSupergraph, subgraphNames } from './supergraph.ts';
import type { RequestContext } from './supergraph.ts';
import { followTenancy } from './tenancy-events.ts';
import { createTokenVerifier } from './token-verifier.ts';
import { askTenancy, createViewers, gatewayViewer } from './viewers.ts';

export interface GatewayDependencies {
  readonly logger: Logger;
  readonly health: Health;
}

export interface Gateway {
  /** Listens; gives the address. Ready once the issuers are loaded and every subgraph has been ready. */
  start(): Promise<string>;
  /** Takes no new request, finishes those that run, then lets go of the subgraphs. */
  stop(): Promise<void>;
}

/** An access token of 16 kB and as much besides: these are read before anybody knows who asks. */
const maxHeaderBytes = 32 * 1024;

/** The public GraphQL endpoint over the subgraphs of one supergraph. It has no database and no state. */
export function createGateway(
  config: GatewayConfig,
  supergraphSdl: string,
  { logger, health }: GatewayDependencies,
): Gateway {
  const server = createHttpServer({
    health,
    maxHeaderBytes,
    trustedProxies: config.TRUSTED_PROXIES,
  });
  return {
    start: async () => {
      const clients = await createClients(config, subgraphNames(supergraphSdl));
      for (const client of clients.values()) {
        health.addCheck(`subgraph ${client.name}`, createReadyOnce(client));
        server.addHook('onClose', async () => client.close());
      }
      const gateway = createSupergraph({ supergraphSdl, clients, logger });
      const apollo = createApollo(config, { gateway, logger });
      await apollo.start();
      server.addHook('onClose', () => apollo.stop());
      const limits = createRateLimits({
        perSecond: config.GATEWAY_RATE_PER_SECOND,
        burst: config.GATEWAY_RATE_BURST,
        maxConcurrent: config.GATEWAY_MAX_CONCURRENT_PER_PRINCIPAL,
      });
      const tenancy = clientOf(clients, 'tenancy');
      const { authenticate, stop } = await startAuthentication(config, {
        tenancy,
        limits,
        health,
        logger,
      });
      server.addHook('onClose', stop);
      addGraphqlEndpoint(server, {
        ...{ apollo, authenticate, limits, logger },
        requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
      });
      if (config.GRAPHIQL) addGraphiql(server);
      return server.listen({ host: config.SERVICE_HOST, port: config.SERVICE_PORT });
    },
    stop: () => server.close(),
  };
}

/** Who asks: by the issuers and principals that tenancy knows, and its events about them. */
async function startAuthentication(
  config: GatewayConfig,
  {
    tenancy,
    limits,
    health,
    logger,
  }: GatewayDependencies & { readonly tenancy: SubgraphClient; readonly limits: RateLimits },
): Promise<{ readonly authenticate: Authenticate; stop(): Promise<void> }> {
  const fetchKeySet = createKeySetFetcher(config.JWKS_ALLOW_LOOPBACK);
  const issuers = createIssuers({
    load: () => tenancy.get('/internal/issuers', gatewayViewer),
    createVerifier: (issuer) =>
      createTokenVerifier(
        issuer,
        createIssuerKeys({ jwksUrl: issuer.jwksUrl, fetchKeySet, logger, now: Date.now }),
      ),
    logger,
  });
  const viewers = createViewers((proof) => askTenancy(tenancy, proof));
  const following = followTenancy({ natsUrl: config.NATS_URL, viewers, issuers, logger });
  health.addCheck('issuers', async () => {
    if (!issuers.isLoaded()) throw new Error('have not been read from tenancy yet');
  });
  await issuers.start();
  return {
    authenticate: createAuthenticator({
      ...{ verifyToken: issuers.verify, viewers, strangers: limits.strangers },
    }),
    stop: async () => {
      issuers.stop();
      await following.stop();
    },
  };
}

/** Limits and silences: nothing of the schema or the inside leaves, and nothing is reported anywhere. */
function createApollo(
  config: GatewayConfig,
  {
    gateway,
    logger,
  }: { readonly gateway: ReturnType<typeof createSupergraph>; readonly logger: Logger },
): ApolloServer<RequestContext> {
  return new ApolloServer<RequestContext>({
    gateway,
    logger,
    introspection: config.GRAPHQL_INTROSPECTION,
    hideSchemaDetailsFromClientErrors: true,
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    // Stores that all share would let one tenant see that another has sent a query: an answer would
    // come without its check by rules (0.4 ms), or by its hash alone. Plans are kept for each tenant.
    persistedQueries: false,
    documentStore: null,
    // The parser's own limit: a guard in a plugin turned every syntax error into HTTP 500.
    parseOptions: { maxTokens: 1_000 },
    // Two, and the remark that there were more.
    validationOptions: { maxErrors: 2 },
    stopOnTerminationSignals: false,
    formatError: createGatewayErrorFormatter(logger),
    plugins: [
      operationLimitsPlugin,
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  });
}

async function createClients(
  config: GatewayConfig,
  names: readonly string[],
): Promise<ReadonlyMap<string, SubgraphClient>> {
  const wanted = [...new Set([...names, 'tenancy'])];
  const missing = wanted.filter((name) => !Object.hasOwn(config.SUBGRAPH_URLS, name));
  if (missing.length > 0) {
    throw new ConfigError(missing.map((name) => `SUBGRAPH_URLS: '${name}' is missing`));
  }
  const identityTokens = await createIdentityTokens(config.identityKey);
  return new Map(
    wanted.map((name) => [
      name,
      createSubgraphClient({
        name,
        url: config.SUBGRAPH_URLS[name] ?? '',
        identityTokens,
        timeoutMs: config.SUBGRAPH_TIMEOUT_MS,
        maxSockets: config.SUBGRAPH_MAX_SOCKETS,
        maxResponseBytes: config.SUBGRAPH_MAX_RESPONSE_BYTES,
      }),
    ]),
  );
}

function clientOf(clients: ReadonlyMap<string, SubgraphClient>, name: string): SubgraphClient {
  const client = clients.get(name);
  if (!client) throw new Error(`no client for '${name}'`);
  return client;
}

/**
 * Fails until the subgraph has been ready once. Afterwards it holds for good: a subgraph that goes
 * down takes its own fields along and not the gateway.
 */
function createReadyOnce(client: SubgraphClient): () => Promise<void> {
  let wasReady = false;
  return async () => {
    wasReady ||= await client.isReady();
    if (!wasReady) throw new Error('has not been ready yet');
  };
}
