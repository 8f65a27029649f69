import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '@vedette/service-kit';
import { loadConfig } from './config.ts';

const files: Readonly<Record<string, string>> = {
  'public.json': JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x: 'AAAA' }),
  'identity.json': JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x: 'AAAA', d: 'SECRET' }),
  'broken.json': '{ SECRET',
};

const environment = {
  SERVICE_PORT: '4000',
  NATS_URL: 'nats://127.0.0.1:4222',
  IDENTITY_PRIVATE_KEY_FILE: 'identity.json',
  SUBGRAPH_URLS: 'tenancy=http://127.0.0.1:4010, health-check=http://health-check:4000/',
};

const load = (changes: Readonly<Record<string, string>> = {}) =>
  loadConfig({ ...environment, ...changes }, (file) => {
    const text = files[file];
    if (text === undefined) throw new Error(`ENOENT ${file}`);
    return text;
  });

function problemsOf(changes: Readonly<Record<string, string>>): readonly string[] {
  try {
    load(changes);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("the gateway's configuration", () => {
  it('has defaults for all but the port, NATS, the key and the subgraphs', () => {
    expect(load()).toEqual({
      SERVICE_HOST: '127.0.0.1',
      SERVICE_PORT: 4000,
      NATS_URL: 'nats://127.0.0.1:4222',
      LOG_LEVEL: 'info',
      SUBGRAPH_URLS: {
        tenancy: 'http://127.0.0.1:4010',
        'health-check': 'http://health-check:4000',
      },
      SUPERGRAPH_FILE: expect.stringMatching(/gateway\/supergraph\.graphql$/),
      SUBGRAPH_TIMEOUT_MS: 5_000,
      REQUEST_TIMEOUT_MS: 10_000,
      SUBGRAPH_MAX_SOCKETS: 32,
      SUBGRAPH_MAX_RESPONSE_BYTES: 10_485_760,
      JWKS_ALLOW_LOOPBACK: false,
      TRUSTED_PROXIES: [],
      GATEWAY_RATE_PER_SECOND: 50,
      GATEWAY_RATE_BURST: 200,
      GATEWAY_MAX_CONCURRENT_PER_PRINCIPAL: 20,
      GRAPHQL_INTROSPECTION: false,
      GRAPHIQL: false,
      APOLLO_TELEMETRY_DISABLED: 'true',
      identityKey: { kty: 'OKP', crv: 'Ed25519', x: 'AAAA', d: 'SECRET' },
    });
  });

  it('reports every problem at once', () => {
    expect(
      problemsOf({
        SERVICE_PORT: '70000',
        NATS_URL: '',
        IDENTITY_PRIVATE_KEY_FILE: 'missing.json',
        SUBGRAPH_URLS: 'tenancy=127.0.0.1:4010',
        GRAPHQL_INTROSPECTION: 'yes',
      }),
    ).toEqual([
      expect.stringContaining('SERVICE_PORT'),
      'NATS_URL is not set',
      expect.stringContaining("'missing.json' does not hold a private Ed25519 JWK"),
      expect.stringContaining("'tenancy=127.0.0.1:4010' is not name=http://host:port"),
      expect.stringContaining('GRAPHQL_INTROSPECTION'),
    ]);
  });

  it('refuses to turn the telemetry of the gateway library on', () => {
    expect(problemsOf({ APOLLO_TELEMETRY_DISABLED: 'false' })).toEqual([
      "APOLLO_TELEMETRY_DISABLED: must stay 'true': Vedette reports to nobody",
    ]);
  });

  it('never quotes a key file', () => {
    for (const file of ['broken.json', 'public.json']) {
      expect(problemsOf({ IDENTITY_PRIVATE_KEY_FILE: file })).toEqual([
        `IDENTITY_PRIVATE_KEY_FILE: '${file}' does not hold a private Ed25519 JWK`,
      ]);
    }
  });

  it.each([
    'tenancy=http://u:p@host',
    'tenancy=ftp://host',
    'tenancy=http://host/path',
    'Bad=http://h',
    '',
  ])("does not take '%s' for subgraph addresses", (text) =>
    expect(problemsOf({ SUBGRAPH_URLS: text })).toHaveLength(1),
  );

  it('trusts the proxies that are named, by address or range', () => {
    const { TRUSTED_PROXIES } = load({ TRUSTED_PROXIES: '10.0.0.0/8, 192.0.2.7,2001:db8::/32' });
    expect(TRUSTED_PROXIES).toEqual(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32']);
    expect(load({ TRUSTED_PROXIES: '' }).TRUSTED_PROXIES).toEqual([]);
  });

  it.each(['proxy.example', '10.0.0.0/33', '0.0.0.0/0', '10.0.0.0/8/8', '10.0.0.0/x', 'true'])(
    "does not take '%s' for a proxy",
    (text) =>
      expect(problemsOf({ TRUSTED_PROXIES: text })).toEqual([
        `TRUSTED_PROXIES: '${text}' is no address and no range of them`,
      ]),
  );

  it('is described in the README, setting by setting', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const { identityKey: _, ...settings } = load();
    const names = [...Object.keys(settings), 'IDENTITY_PRIVATE_KEY_FILE'];
    const described = [...readme.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name]) => name);
    expect(described.sort()).toEqual(names.sort());
  });
});
