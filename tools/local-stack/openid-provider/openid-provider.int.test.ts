import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { waitFor } from '@vedette/testkit';
import { findFreePort, sendSignal } from '@vedette/testkit/servers';
import { people, type Person } from '../people.ts';
import { isReady, type ServiceProcess } from '../service-process.ts';
import { audience, client, mfaAcr, toIssuerUrl, toJwksUrl } from './application.ts';
import { openidProviderEntry, startOpenidProvider } from './process.ts';
import { readPassword } from './secrets.ts';
import { signIn } from './sign-in.ts';

jest.setTimeout(60_000);

const dataDir = mkdtempSync(join(tmpdir(), 'vedette-oidc-'));
const recorder = join(import.meta.dirname, '../../../gateway/src/testing/record-connections.ts');
let provider: ServiceProcess;
let password: string;

beforeAll(async () => {
  mkdirSync(join(dataDir, 'logs'));
  provider = await startOpenidProvider({
    ...{ root: dataDir, dataDir, port: await findFreePort() },
    onLine: () => undefined,
    onChange: () => undefined,
    onProgress: () => undefined,
  });
  await provider.waitUntilReady(20_000, new AbortController().signal);
  password = (await readPassword(dataDir)) ?? '';
});

afterAll(async () => {
  await provider.stop();
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
});

function personOf(principal: string): Person {
  const person = people.find((each) => each.principal === principal);
  if (!person) throw new Error(`there is no ${principal}`);
  return person;
}

async function verify(token: string, { issuer }: Person) {
  const url = toIssuerUrl(provider.url, issuer);
  return jwtVerify(token, createRemoteJWKSet(new URL(toJwksUrl(url))), { issuer: url, audience });
}

/** Where an application sends its user to begin with. */
function toAuthorizationUrl(more: Readonly<Record<string, string>>): string {
  const request = new URLSearchParams({
    ...{ client_id: client.id, redirect_uri: client.redirectUri, response_type: 'code' },
    ...{ scope: 'openid', ...more },
  });
  return `${provider.url}/nordlicht/auth?${request.toString()}`;
}

const challenge = { code_challenge: 'a'.repeat(43), code_challenge_method: 'S256' };

describe('the local OpenID provider', () => {
  it.each(people)('gives $principal a token of its own issuer for one hour', async (person) => {
    const { accessToken, expiresAt } = await signIn(provider.url, person, password);
    const { payload } = await verify(accessToken, person);
    expect(payload).toMatchObject(
      person.hasMfa
        ? { sub: person.subject, amr: ['pwd', 'otp', 'mfa'], acr: mfaAcr }
        : { sub: person.subject, amr: ['pwd'], acr: 'urn:vedette:acr:password' },
    );
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
    expect(Math.abs(Date.parse(expiresAt) / 1000 - (payload.exp ?? 0))).toBeLessThan(5);
  });

  it('has both people with and people without a second factor', () => {
    expect(new Set(people.map(({ hasMfa }) => hasMfa))).toEqual(new Set([true, false]));
  });

  it('lets nobody in with a wrong password, and does not repeat it', async () => {
    const attempt = signIn(provider.url, personOf('operatorAdmin'), 'a wrong one');
    await expect(attempt).rejects.toThrow(
      /^the OpenID provider refused the sign-in of ida\.brandt$/,
    );
  });

  it("lets nobody in at another issuer than the person's own", async () => {
    const { subject } = personOf('operatorAdmin');
    const attempt = signIn(provider.url, { issuer: 'nordlicht', subject }, password);
    await expect(attempt).rejects.toThrow('the OpenID provider refused the sign-in');
  });

  it('signs with a key of its own for each issuer', async () => {
    const signers = ['operatorAdmin', 'providerAdmin', 'customerApprover', 'otherProviderAdmin'];
    const ids = signers.map(async (principal) => {
      const { accessToken } = await signIn(provider.url, personOf(principal), password);
      return decodeProtectedHeader(accessToken).kid;
    });
    expect(new Set(await Promise.all(ids)).size).toBe(4);
  });

  it('begins no sign-in without PKCE, nor for an application elsewhere than on the loopback', async () => {
    const without = await fetch(toAuthorizationUrl({}), { redirect: 'manual' });
    expect(without.headers.get('location')).toContain(
      `${client.redirectUri}?error=invalid_request`,
    );
    const elsewhere = await fetch(
      toAuthorizationUrl({ ...challenge, redirect_uri: 'https://elsewhere.example/' }),
      { redirect: 'manual' },
    );
    expect(elsewhere.status).toBe(400);
    expect(elsewhere.headers.get('location')).toBeNull();
    const otherPort = await fetch(
      toAuthorizationUrl({ ...challenge, redirect_uri: 'http://127.0.0.1:5173/signed-in' }),
      { redirect: 'manual' },
    );
    expect(otherPort.headers.get('location')).toMatch(/^\/nordlicht\/interaction\//);
  });

  it('says on its pages and in its metadata that it is for the local stack only', async () => {
    const begun = await fetch(toAuthorizationUrl(challenge), { redirect: 'manual' });
    const page = await fetch(new URL(begun.headers.get('location') ?? '', provider.url), {
      headers: {
        cookie: begun.headers
          .getSetCookie()
          .map((cookie) => cookie.split(';')[0])
          .join('; '),
      },
    });
    const failed = await fetch(`${provider.url}/nordlicht/auth`, {
      headers: { accept: 'text/html' },
    });
    const metadata = await fetch(`${provider.url}/hafenwerk/.well-known/openid-configuration`);
    for (const [answer, status] of [
      [page, 200],
      [failed, 400],
      [metadata, 200],
    ] as const) {
      expect(answer.status).toBe(status);
      const text = await answer.text();
      expect(text).toContain('For the local stack of Vedette only');
      const urls = text.match(/(https?:)?\/\/[\w.-]+/g) ?? [];
      expect(urls.filter((url) => url !== 'http://127.0.0.1')).toEqual([]);
    }
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('answers only under its own address', async () => {
    const rebound = get(`${provider.url}/operator/jwks`, { headers: { host: 'evil.example' } });
    const [answer] = (await once(rebound, 'response')) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(421);
    expect((await fetch(`${provider.url}/nobody/jwks`)).status).toBe(404);
  });

  it('keeps its keys, readable by their owner only, when it is started again', async () => {
    const person = personOf('providerAdmin');
    const { accessToken } = await signIn(provider.url, person, password);
    const killed = provider.current()?.pid ?? 0;
    sendSignal(killed, 'SIGKILL');
    await waitFor(() => ![0, killed].includes(provider.current()?.pid ?? 0));
    await provider.waitUntilReady(20_000, new AbortController().signal);
    expect((await verify(accessToken, person)).payload.sub).toBe(person.subject);
    const files = readdirSync(join(dataDir, 'keys'));
    expect(files).toHaveLength(5);
    for (const file of files) {
      expect(statSync(join(dataDir, 'keys', file)).mode & 0o777).toBe(0o600);
    }
  });
});

describe('the process of the local OpenID provider', () => {
  it('contacts nobody, and ends when told to', async () => {
    const port = await findFreePort();
    const url = `http://127.0.0.1:${port}`;
    const connections = join(dataDir, 'connections');
    const args = ['--port', String(port), '--data-dir', dataDir];
    const child = spawn(process.execPath, ['--import', recorder, openidProviderEntry, ...args], {
      env: { CONNECTION_RECORD_FILE: connections },
      stdio: 'ignore',
    });
    try {
      await waitFor(() => isReady(`${url}/operator/jwks`), { timeoutMs: 20_000 });
      await Promise.all(people.map((person) => signIn(url, person, password)));
    } finally {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    expect(child.exitCode).toBe(0);
    expect(existsSync(connections)).toBe(false);
  });
});
