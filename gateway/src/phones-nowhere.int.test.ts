import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestNats } from '@vedette/testkit';
import type { TestNats } from '@vedette/testkit';
import { accessToken } from './testing/keys.ts';
import { freePort, startProduct } from './testing/product.ts';
import type { Product } from './testing/product.ts';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));
const recorder = fileURLToPath(new URL('testing/record-connections.ts', import.meta.url));

let nats: TestNats;
let folder: string;
let child: ChildProcess | undefined;

beforeAll(async () => {
  nats = await startTestNats();
});
afterAll(() => nats.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gateway-connections-'));
});
afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    const exit = new Promise((resolve) => child?.once('exit', resolve));
    child.kill('SIGKILL');
    await exit;
  }
  child = undefined;
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

function run(args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  child = spawn(process.execPath, ['--import', recorder, ...args], {
    cwd: packageFolder,
    env: { PATH: process.env['PATH'], CONNECTION_RECORD_FILE: join(folder, 'connections'), ...env },
    stdio: 'ignore',
  });
  return child;
}

function connections(): readonly string[] {
  const file = join(folder, 'connections');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await check())) {
    if (Date.now() > deadline)
      throw new Error(`not within 20 s; seen: ${connections().join(', ')}`);
    await sleep(50);
  }
}

function writeJson(name: string, value: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
  return file;
}

/** Settings with everything that could make the libraries report to their vendor, but the switch. */
async function environmentOf(product: Product) {
  return {
    SERVICE_PORT: String(await freePort()),
    NATS_URL: nats.url,
    JWKS_ALLOW_LOOPBACK: 'true',
    IDENTITY_PRIVATE_KEY_FILE: writeJson('identity.json', product.identityKey.privateJwk),
    SUPERGRAPH_FILE: writeJson('supergraph.graphql', product.supergraphSdl),
    SUBGRAPH_URLS: `tenancy=${product.urls.tenancy},cases=${product.urls.cases}`,
    APOLLO_KEY: 'service:vedette:secret',
    APOLLO_GRAPH_REF: 'vedette@current',
    APOLLO_SCHEMA_REPORTING: 'true',
  };
}

describe('the gateway process', () => {
  it('contacts its subgraphs, NATS and the registered issuers, and nobody else, from start to stop', async () => {
    const product = await startProduct();
    try {
      const env = await environmentOf(product);
      const url = `http://127.0.0.1:${env.SERVICE_PORT}`;
      const gateway = run(['src/main.ts'], env);
      await until(async () => {
        const ready = await fetch(`${url}/health/ready`).catch(() => null);
        return ready?.status === 200;
      });
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${await accessToken({ key: product.accessKey })}`,
        },
        body: JSON.stringify({ query: '{ cases { customer { name } } broken }' }),
      });
      expect(await response.json()).toMatchObject({ data: { cases: [{}, {}] } });
      // What reports at once at start or after the first request has had its time by now.
      await sleep(1_000);
      const exit = new Promise((resolve) => gateway.once('exit', resolve));
      gateway.kill('SIGTERM');
      expect(await exit).toBe(0);

      const known = [...Object.values(product.urls), nats.url, product.identityProvider.url].map(
        (address) => `connect ${new URL(address).host}`,
      );
      expect(new Set(connections())).toEqual(new Set(known));
    } finally {
      await product.stop();
    }
  });

  it('does not start with the telemetry of the gateway library on', async () => {
    const product = await startProduct();
    try {
      const env = await environmentOf(product);
      const gateway = run(['src/main.ts'], { ...env, APOLLO_TELEMETRY_DISABLED: 'false' });
      expect(await new Promise((resolve) => gateway.once('exit', resolve))).toBe(1);
      expect(connections()).toEqual([]);
    } finally {
      await product.stop();
    }
  });
});

describe('the record of connections', () => {
  it('would show it: the library alone, with its telemetry on, asks around', async () => {
    const construct = `import { ApolloGateway } from '@apollo/gateway';
      new ApolloGateway({ supergraphSdl: '' });
      setTimeout(() => {}, 20_000);`;
    run(['--input-type=module', '--eval', construct], {});
    await until(() => connections().length > 0);
    expect(connections().join('\n')).toMatch(
      /169\.254\.169\.254|metadata\.google|169\.254\.170\.2/,
    );
  });

  it('shows connections, look-ups and fetches', async () => {
    const program = `import dns from 'node:dns'; import net from 'node:net';
      dns.lookup('first.invalid', () => {});
      dns.promises.resolve4('second.invalid').catch(() => {});
      net.connect(1, '127.0.0.2').on('error', () => {});
      fetch('http://127.0.0.3:2/').catch(() => {});`;
    run(['--input-type=module', '--eval', program], {});
    await until(() => connections().length >= 4);
    expect(connections()).toEqual(
      expect.arrayContaining([
        'look up first.invalid',
        'look up second.invalid',
        'connect 127.0.0.2:1',
        'connect 127.0.0.3:2',
      ]),
    );
  });
});
