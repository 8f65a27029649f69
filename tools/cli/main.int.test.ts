import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { findFreePort } from '@vedette/testkit/servers';
import { ensureKeys } from '../local-stack/keys.ts';
import { startOpenidProvider } from '../local-stack/openid-provider/process.ts';
import { writeIntegration } from '../local-stack/principals.ts';
import { claimDataDir, writeRunRecord } from '../local-stack/run-record.ts';
import type { ServiceProcess } from '../local-stack/service-process.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'vedette-token-'));
/** Nothing has ever run here. */
const emptyDir = mkdtempSync(join(tmpdir(), 'vedette-empty-'));
let provider: ServiceProcess;

const known =
  'operatorAdmin, operatorLead, operatorAnalyst, providerAdmin, providerTechnician, ' +
  'customerApprover, customerViewer, otherProviderAdmin, integration';

function vedette(...args: readonly string[]): {
  stdout: string;
  stderr: string;
  status: number | null;
} {
  const program = join(import.meta.dirname, 'main.ts');
  return spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
}

/** As much of a running stack as signing in needs; this process stands for its supervisor. */
beforeAll(async () => {
  mkdirSync(join(dataDir, 'logs'));
  provider = await startOpenidProvider({
    ...{ root: dataDir, dataDir, port: await findFreePort() },
    onLine: () => undefined,
    onChange: () => undefined,
    onProgress: () => undefined,
  });
  await provider.waitUntilReady(20_000, new AbortController().signal);
  await claimDataDir(dataDir);
  const { url } = provider;
  const pid = provider.current()?.pid ?? null;
  await writeRunRecord(dataDir, { services: [], infrastructure: [{ name: 'oidc', pid, url }] });
}, 30_000);

afterAll(async () => {
  await provider.stop();
  for (const folder of [dataDir, emptyDir]) rmSync(folder, { recursive: true, maxRetries: 3 });
});

describe('vedette token', () => {
  it('signs in and prints the bare token, which the issuer vouches for', async () => {
    const { stdout, status } = vedette('token', 'customerViewer', '--data-dir', dataDir);
    expect(status).toBe(0);
    const issuer = `${provider.url}/hafenwerk`;
    const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
    const { payload } = await jwtVerify(stdout.trim(), keys, { issuer, audience: 'vedette' });
    expect(payload).toMatchObject({ sub: 'lena.groth', amr: ['pwd'] });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
  });

  it("prints the integration's API key, once the first run has made it", async () => {
    expect(vedette('token', 'integration', '--data-dir', dataDir)).toMatchObject({
      ...{ status: 1, stdout: '' },
      stderr: expect.stringContaining('has not made the integration yet'),
    });
    const expiresAt = '2999-01-01T00:00:00.000Z';
    await writeIntegration(dataDir, { id: 'key-1', token: 'vak_key', expiresAt });
    expect(vedette('token', 'integration', '--data-dir', dataDir)).toMatchObject({
      ...{ status: 0, stdout: 'vak_key\n' },
    });
  });

  it('names the known principals when asked for another', () => {
    expect(vedette('token', 'nobody', '--data-dir', dataDir)).toMatchObject({
      ...{ status: 1, stdout: '' },
      stderr: `vedette: there is no principal 'nobody'; known: ${known}\n`,
    });
  });

  it('says that nothing runs where nothing runs', () => {
    expect(vedette('token', 'operatorAdmin', '--data-dir', emptyDir)).toMatchObject({
      ...{ status: 1, stdout: '' },
      stderr: `vedette: nothing is running for ${emptyDir}: run 'up' first\n`,
    });
  });
});

describe('the keys of a data directory', () => {
  it('are readable by their owner only, and hold no secret in public', async () => {
    const { tls, ...files } = await ensureKeys(dataDir);
    for (const file of [...Object.values<string>(files), tls.key])
      expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(files.identityPublic, 'utf8')).not.toContain('"d"');
  });
});

describe('the command line', () => {
  it('answers an unknown command with the list and exit code 2', () => {
    const { status, stderr, stdout } = vedette('fly');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`there is no command 'fly'`);
    expect(stderr).toContain('start the whole product on this machine');
  });

  it('answers a call without a command with the list on stderr and exit code 2', () => {
    expect(vedette()).toMatchObject({
      ...{ status: 2, stdout: '' },
      stderr: expect.stringContaining('start the whole product on this machine'),
    });
  });

  it.each([
    [['token', '--data-dir', dataDir], `which principal? known: ${known}`],
    [['dead-letters', 'list', '--id', 'abc'], "--id must be a number, not 'abc'"],
    [['replay', 'a.ndjson'], '--customer is missing'],
    [['replay', 'a.ndjson', '--customer', 'x'], "--customer must be an id (UUID), not 'x'"],
    [
      ['outbox', 'republish', '--service', 'cases', '--from', '2999-01-01'],
      '--from must be before',
    ],
  ])('answers the mistake in %j with exit code 2', (args, message) => {
    const { status, stderr, stdout } = vedette(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('ends quietly when its reader has seen enough', () => {
    const program = join(import.meta.dirname, 'main.ts');
    const script = `{ "$0" "$1" schema; echo "code $?" >&2; } | true`;
    const { stderr } = spawnSync('sh', ['-c', script, process.execPath, program], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('code 0\n');
  });

  it('answers an unknown option with exit code 2 and where to look', () => {
    const { status, stderr } = vedette('status', '--colour');
    expect(status).toBe(2);
    expect(stderr).toContain(`see 'vedette status --help'`);
  });

  it('says that nothing is ready where nothing runs', () => {
    const { status, stdout } = vedette('status', '--data-dir', emptyDir);
    expect({ status, seen: JSON.parse(stdout) as unknown }).toEqual({
      status: 1,
      seen: { ready: false, services: [], consumers: [], outbox: [], deadLetters: 0 },
    });
  });

  it.each(['up', 'down', 'status', 'token', 'schema'])('explains %s', (command) => {
    expect(vedette(command, '--help')).toMatchObject({
      ...{ status: 0, stderr: '' },
      stdout: expect.stringContaining(`vedette ${command}`),
    });
  });
});
