import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, readEnvironment, readJsonFile, serviceSettings } from './config.ts';

let folder: string;
const keySet = { keys: [{ kty: 'OKP', kid: 'k1' }] };
const complete = {
  SERVICE_PORT: '4001',
  DATABASE_URL: 'postgres://cases_runtime:hunter2@localhost/vedette',
  NATS_URL: 'nats://cases:hunter2@localhost:4222',
  IDENTITY_PUBLIC_KEYS_FILE: '',
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vedette-config-'));
  complete.IDENTITY_PUBLIC_KEYS_FILE = join(folder, 'keys.json');
  await writeFile(complete.IDENTITY_PUBLIC_KEYS_FILE, JSON.stringify(keySet));
});

afterAll(() => rm(folder, { recursive: true }));

function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('a configuration', () => {
  it('has defaults for what needs no decision', () => {
    expect(readEnvironment(serviceSettings, complete)).toEqual({
      ...complete,
      IDENTITY_PUBLIC_KEYS_FILE: keySet,
      SERVICE_PORT: 4001,
      SERVICE_HOST: '127.0.0.1',
      DATABASE_POOL_SIZE: 4,
      LOG_LEVEL: 'info',
    });
  });

  it('names everything that is missing at once', () => {
    expect(problemsOf(() => readEnvironment(serviceSettings, {}))).toEqual([
      'SERVICE_PORT is not set',
      'DATABASE_URL is not set',
      'NATS_URL is not set',
      'IDENTITY_PUBLIC_KEYS_FILE is not set',
    ]);
  });

  it('takes an empty value for none', () => {
    const env = { ...complete, LOG_LEVEL: '', NATS_URL: '' };
    expect(problemsOf(() => readEnvironment(serviceSettings, env))).toEqual([
      'NATS_URL is not set',
    ]);
  });

  it('names everything that is wrong at once, and never shows a value', () => {
    const secret = 'hunter2';
    const env = {
      SERVICE_PORT: '65536',
      DATABASE_URL: `mysql://root:${secret}@localhost`,
      DATABASE_OWNER_URL: secret,
      DATABASE_POOL_SIZE: '60',
      NATS_URL: `http://${secret}`,
      IDENTITY_PUBLIC_KEYS_FILE: `/${secret}.json`,
      OTEL_EXPORTER_OTLP_ENDPOINT: secret,
      LOG_LEVEL: secret,
    };
    const problems = problemsOf(() => readEnvironment(serviceSettings, env));
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'SERVICE_PORT',
      'DATABASE_URL',
      'DATABASE_OWNER_URL',
      'DATABASE_POOL_SIZE',
      'NATS_URL',
      'IDENTITY_PUBLIC_KEYS_FILE',
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'LOG_LEVEL',
    ]);
    expect(problems.join('\n')).not.toContain(secret);
  });

  it('says which kind of address is wanted', () => {
    const env = { ...complete, DATABASE_URL: 'localhost/vedette', NATS_URL: 'http://localhost' };
    expect(problemsOf(() => readEnvironment(serviceSettings, env))).toEqual([
      'DATABASE_URL: must be a postgres:// URL',
      'NATS_URL: must be a nats:// or tls:// URL',
    ]);
  });

  it.each(['{}', '{"keys":[]}', '{"keys":[{"kid":"k1"}]}', '[]', 'null'])(
    'takes %s for no set of identity keys',
    async (text) => {
      const file = join(folder, 'other.json');
      await writeFile(file, text);
      const env = { ...complete, IDENTITY_PUBLIC_KEYS_FILE: file };
      expect(problemsOf(() => readEnvironment(serviceSettings, env))).toEqual([
        'IDENTITY_PUBLIC_KEYS_FILE: the file is not a JWK set',
      ]);
    },
  );

  it('takes only what it knows', () => {
    const settings = readEnvironment(serviceSettings, { ...complete, HOME: '/root' });
    expect(settings).not.toHaveProperty('HOME');
  });

  it('has a message that an operator can read', () => {
    expect(new ConfigError(['A is not set', 'B: too long']).message).toBe(
      'The configuration has 2 problem(s):\n  - A is not set\n  - B: too long',
    );
  });
});

describe('a file that a setting names', () => {
  it('is read as JSON', async () => {
    await writeFile(join(folder, 'good.json'), '{"a":[1]}');
    expect(readJsonFile('KEYS_FILE', join(folder, 'good.json'))).toEqual({ a: [1] });
  });

  it('is known by its setting when it is missing', () => {
    expect(problemsOf(() => readJsonFile('KEYS_FILE', join(folder, 'missing.json')))).toEqual([
      'KEYS_FILE: the file cannot be read (ENOENT)',
    ]);
  });

  it('is not quoted when it is no JSON, since it may hold a key', async () => {
    const file = join(folder, 'bad.json');
    await writeFile(file, 'hunter2hunter2');
    expect(problemsOf(() => readJsonFile('KEYS_FILE', file))).toEqual([
      'KEYS_FILE: the file is not JSON',
    ]);
  });
});
