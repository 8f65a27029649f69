import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { fileURLToPath } from 'node:url';
import { readEnvironment, serviceSettings } from '@vedette/service-kit';
import type { Environment } from '@vedette/service-kit';
import { z } from 'zod';

type ReadFile = (file: string) => string;

const ed25519PrivateKey = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  d: z.string(),
  kid: z.string().optional(),
});

/** `name=http://host:port,…` as a record from a subgraph's name to its origin. */
const subgraphUrls = z.string().transform((text, context): Readonly<Record<string, string>> => {
  const entries = text.split(',').map((entry) => {
    const [, name, address] = /^\s*([a-z][a-z-]*)=(\S+?)\s*$/.exec(entry) ?? [];
    const url = address === undefined ? null : URL.parse(address);
    if (name && url && isPlainOrigin(url)) return [name, url.origin] as const;
    context.addIssue({ code: 'custom', message: `'${entry.trim()}' is not name=http://host:port` });
    return ['', ''] as const;
  });
  return Object.fromEntries(entries);
});

function isPlainOrigin(url: URL): boolean {
  return url.protocol === 'http:' && url.href === `${url.origin}/`;
}

/** `10.0.0.0/8, 192.0.2.7` as a list; none when it is empty. */
const addressRanges = z.string().transform((text, context): readonly string[] => {
  const ranges = text
    .split(',')
    .map((range) => range.trim())
    .filter(Boolean);
  for (const range of ranges) {
    if (isAddressRange(range)) continue;
    context.addIssue({ code: 'custom', message: `'${range}' is no address and no range of them` });
  }
  return ranges;
});

function isAddressRange(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  if (bits < 0 || rest.length > 0) return false;
  // Nothing but a prefix of 0 would mean everybody, and everybody could then name any address.
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && +prefix >= 1 && +prefix <= bits);
}

const count = z.coerce.number().int().min(1);

const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true');

const settings = (readFile: ReadFile) =>
  serviceSettings
    .pick({
      SERVICE_HOST: true,
      SERVICE_PORT: true,
      NATS_URL: true,
      OTEL_EXPORTER_OTLP_ENDPOINT: true,
      LOG_LEVEL: true,
    })
    .extend({
      IDENTITY_PRIVATE_KEY_FILE: jsonFile(
        ed25519PrivateKey,
        'a private Ed25519 JWK',
        readFile,
      ).describe('JWK file with the Ed25519 key that signs identity tokens'),
      SUBGRAPH_URLS: subgraphUrls.describe('`tenancy=http://host:port,…`, one for each subgraph'),
      SUPERGRAPH_FILE: z
        .string()
        .default(fileURLToPath(new URL('../supergraph.graphql', import.meta.url)))
        .describe('the composed supergraph; the committed one unless set'),
      SUBGRAPH_TIMEOUT_MS: count.default(5_000).describe('longest wait for one subgraph'),
      REQUEST_TIMEOUT_MS: count.default(10_000).describe('longest wait for all subgraphs together'),
      SUBGRAPH_MAX_SOCKETS: count.default(32).describe('connections to one subgraph at most'),
      SUBGRAPH_MAX_RESPONSE_BYTES: count
        .default(10 * 1024 * 1024)
        .describe('largest answer of a subgraph'),
      JWKS_ALLOW_LOOPBACK: flag.describe(
        'whether an OpenID provider may be on this machine, without TLS',
      ),
      TRUSTED_PROXIES: addressRanges
        .default([])
        .describe('addresses of proxies before the gateway, whose `X-Forwarded-For` counts'),
      GATEWAY_RATE_PER_SECOND: count.default(50).describe('requests of one principal a second'),
      GATEWAY_RATE_BURST: count.default(200).describe('requests above it, in ten seconds'),
      GATEWAY_MAX_CONCURRENT_PER_PRINCIPAL: count
        .default(20)
        .describe('requests of one principal at the same time'),
      GRAPHQL_INTROSPECTION: flag.describe('whether clients may ask for the schema'),
      GRAPHIQL: flag.describe('whether `/graphiql` is served'),
      APOLLO_TELEMETRY_DISABLED: z
        .literal('true', { error: "must stay 'true': Vedette reports to nobody" })
        .default('true')
        .describe("must stay `true`: the gateway library's own telemetry"),
    });

/** Settings by name; those that name a file are replaced by what the file holds. */
export type GatewayConfig = ReturnType<typeof loadConfig>;

/**
 * Reads the gateway's settings and the key files that they name.
 * @throws {ConfigError} every problem at once
 */
export function loadConfig(
  env: Environment,
  readFile: ReadFile = (file) => readFileSync(file, 'utf8'),
) {
  const { IDENTITY_PRIVATE_KEY_FILE: identityKey, ...others } = readEnvironment(
    settings(readFile),
    env,
  );
  return { ...others, identityKey };
}

function jsonFile<S extends z.ZodType>(schema: S, what: string, readFile: ReadFile) {
  return z.string().transform((file, context): z.output<S> => {
    try {
      return schema.parse(JSON.parse(readFile(file)));
    } catch {
      // The cause is left out on purpose: it can quote the file, and the file may be a private key.
      context.addIssue({ code: 'custom', message: `'${file}' does not hold ${what}` });
      return z.NEVER;
    }
  });
}
