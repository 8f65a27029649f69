import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { ensureKeys } from '../local-stack/keys.ts';
import { writePrincipals } from '../local-stack/principals.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'vedette-token-'));

function vedette(...args: readonly string[]): {
  stdout: string;
  stderr: string;
  status: number | null;
} {
  const program = join(import.meta.dirname, 'main.ts');
  return spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
}

beforeAll(async () => {
  await ensureKeys(dataDir);
  await writePrincipals(dataDir, {
    customerViewer: {
      ...{ id: 'principal-1', role: 'CUSTOMER_VIEWER' },
      ...{ providerId: 'provider-1', customerIds: ['customer-1'] },
    },
  });
});

afterAll(() => rmSync(dataDir, { recursive: true }));

describe('vedette token', () => {
  it('prints a bare token that the public keys verify', async () => {
    const { stdout, status } = vedette('token', 'customerViewer', '--data-dir', dataDir);
    expect(status).toBe(0);
    const { accessTokenPublic } = await ensureKeys(dataDir);
    const keys = JSON.parse(readFileSync(accessTokenPublic, 'utf8')) as JSONWebKeySet;
    const { payload } = await jwtVerify(stdout.trim(), createLocalJWKSet(keys), {
      ...{ issuer: 'vedette-local', audience: 'vedette', algorithms: ['EdDSA'] },
    });
    expect(payload).toMatchObject({
      ...{ sub: 'principal-1', role: 'CUSTOMER_VIEWER' },
      ...{ provider_id: 'provider-1', customer_ids: ['customer-1'] },
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
  });

  it('names the known principals when asked for another', () => {
    expect(vedette('token', 'nobody', '--data-dir', dataDir)).toMatchObject({
      ...{ status: 1, stdout: '' },
      stderr: `vedette: there is no principal 'nobody'; known: customerViewer\n`,
    });
  });

  it('finds keys that only their owner can read and that hold no secret in public', async () => {
    const files = await ensureKeys(dataDir);
    for (const file of Object.values<string>({ ...files }))
      expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(files.accessTokenPublic, 'utf8')).not.toContain('"d"');
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
    [['token', '--data-dir', dataDir], 'which principal? known: customerViewer'],
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
    const { status, stdout } = vedette('status', '--data-dir', dataDir);
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
