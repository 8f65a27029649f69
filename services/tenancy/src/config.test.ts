import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '@vedette/service-kit';
import { readReadmeSettings } from '@vedette/testkit';
import { loadConfig, tenancySettings } from './config.ts';

function problemsOf(env: Readonly<Record<string, string>>): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

/** What tenancy needs besides what every service does. */
const namesOfOwn = [
  'SECRETS_KEY_FILE',
  'EXPORTS_DIR',
  'OPERATOR_ISSUER',
  'OPERATOR_JWKS_URL',
  'OPERATOR_ADMIN_SUBJECT',
];
const own = {
  SECRETS_KEY_FILE: 'secrets.json',
  EXPORTS_DIR: '/var/lib/vedette/exports',
  OPERATOR_ISSUER: 'https://id.operator.example',
  OPERATOR_JWKS_URL: 'https://id.operator.example/jwks',
  OPERATOR_ADMIN_SUBJECT: 'olga',
};

describe('the configuration', () => {
  it('tells all that is missing at once', () => {
    expect(problemsOf({})).toEqual([
      'SERVICE_PORT is not set',
      'DATABASE_URL is not set',
      'NATS_URL is not set',
      'IDENTITY_PUBLIC_KEYS_FILE is not set',
      ...namesOfOwn.map((name) => `${name} is not set`),
    ]);
  });

  it('tells all that is wrong at once, and no value, since it may be a secret', () => {
    const problems = problemsOf({
      ...own,
      SERVICE_PORT: '99999',
      DATABASE_URL: 'mysql://user:hidden@host/db',
      DATABASE_POOL_SIZE: '100',
      NATS_URL: 'nats://localhost:4222',
      IDENTITY_PUBLIC_KEYS_FILE: 'keys.json',
      LOG_LEVEL: 'loud',
    });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'SERVICE_PORT',
      'DATABASE_URL',
      'DATABASE_POOL_SIZE',
      'IDENTITY_PUBLIC_KEYS_FILE',
      'LOG_LEVEL',
    ]);
    expect(problems.join()).not.toContain('hidden');
  });

  it('names a file of identity keys that cannot be read', () => {
    const problems = problemsOf({
      ...own,
      SERVICE_PORT: '4000',
      DATABASE_URL: 'postgres://localhost/vedette',
      NATS_URL: 'nats://localhost:4222',
      IDENTITY_PUBLIC_KEYS_FILE: '/no/such/file.json',
    });
    expect(problems).toEqual(['IDENTITY_PUBLIC_KEYS_FILE: the file cannot be read (ENOENT)']);
  });

  it('is listed in the README, setting by setting', () => {
    const settings = Object.keys(tenancySettings.shape).toSorted();
    expect(readReadmeSettings(new URL('../README.md', import.meta.url))).toEqual(settings);
  });
});
