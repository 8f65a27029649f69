import { createHealth, createLogger } from '@vedette/service-kit';
import type { Health } from '@vedette/service-kit';
import type { GatewayConfig } from '../config.ts';
import { createGateway } from '../gateway.ts';
import { accessToken } from './keys.ts';
import type { Product } from './product.ts';

export interface GraphqlAnswer {
  readonly data?: unknown;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly unknown[];
    readonly extensions: Readonly<Record<string, unknown>>;
  }[];
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: GraphqlAnswer;
}

/** A gateway over the small product, and a client of it. */
export interface TestGateway {
  readonly url: string;
  readonly health: Health;
  /** Posts to `/graphql`; a body that is no text is sent as JSON. */
  post(body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Asks with the operator's token unless another is given. */
  ask(query: string, options?: { token?: string; variables?: object }): Promise<Answer>;
  stop(): Promise<void>;
}

export async function startTestGateway(
  product: Product,
  natsUrl: string,
  settings: Partial<GatewayConfig> = {},
): Promise<TestGateway> {
  const health = createHealth();
  const config: GatewayConfig = {
    ...{ SERVICE_HOST: '127.0.0.1', SERVICE_PORT: 0, NATS_URL: natsUrl, LOG_LEVEL: 'error' },
    ...{ OTEL_EXPORTER_OTLP_ENDPOINT: undefined, SUPERGRAPH_FILE: '' },
    ...{ SUBGRAPH_URLS: product.urls, SUBGRAPH_TIMEOUT_MS: 4_000, REQUEST_TIMEOUT_MS: 5_000 },
    ...{ SUBGRAPH_MAX_SOCKETS: 8, SUBGRAPH_MAX_RESPONSE_BYTES: 1_000_000 },
    ...{ GATEWAY_RATE_PER_SECOND: 1_000, GATEWAY_RATE_BURST: 1_000 },
    ...{ GATEWAY_MAX_CONCURRENT_PER_PRINCIPAL: 20, JWKS_ALLOW_LOOPBACK: true },
    ...{
      GRAPHQL_INTROSPECTION: false,
      GRAPHIQL: false,
      TRUSTED_PROXIES: [],
      APOLLO_TELEMETRY_DISABLED: 'true',
    },
    identityKey: product.identityKey.privateJwk as GatewayConfig['identityKey'],
    ...settings,
  };
  const logger = createLogger({ service: 'gateway', level: 'fatal' });
  const gateway = createGateway(config, product.supergraphSdl, { logger, health });
  const url = await gateway.start();
  health.markStarted();
  const post: TestGateway['post'] = async (body, headers = {}) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const answer = (await response.json()) as GraphqlAnswer;
    return { status: response.status, headers: response.headers, body: answer };
  };
  return {
    url,
    health,
    post,
    ask: async (query, { token, variables } = {}) =>
      post(
        { query, variables },
        { authorization: `Bearer ${token ?? (await accessToken({ key: product.accessKey }))}` },
      ),
    stop: () => gateway.stop(),
  };
}
