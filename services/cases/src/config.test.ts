import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '@vedette/service-kit';
import { readReadmeSettings } from '@vedette/testkit';
import { casesSettings, loadConfig } from './config.ts';

function problemsOf(env: Readonly<Record<string, string>>): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('tells all that is missing at once', () => {
    expect(problemsOf({})).toEqual([
      'SERVICE_PORT is not set',
      'DATABASE_URL is not set',
      'NATS_URL is not set',
      'IDENTITY_PUBLIC_KEYS_FILE is not set',
      'EXPORTS_DIR is not set',
    ]);
  });

  it('tells all that is wrong at once, and no value, since it may be a secret', () => {
    const problems = problemsOf({
      SERVICE_PORT: '99999',
      DATABASE_URL: 'mysql://user:hidden@host/db',
      DATABASE_POOL_SIZE: '100',
      NATS_URL: 'nats://localhost:4222',
      IDENTITY_PUBLIC_KEYS_FILE: 'keys.json',
      LOG_LEVEL: 'loud',
      EXPORTS_DIR: 'exports',
    });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'SERVICE_PORT',
      'DATABASE_URL',
      'DATABASE_POOL_SIZE',
      'IDENTITY_PUBLIC_KEYS_FILE',
      'LOG_LEVEL',
      'EXPORTS_DIR',
    ]);
    expect(problems.join()).not.toContain('hidden');
  });

  it('names a file of identity keys that cannot be read', () => {
    const problems = problemsOf({
      SERVICE_PORT: '4000',
      DATABASE_URL: 'postgres://localhost/vedette',
      NATS_URL: 'nats://localhost:4222',
      IDENTITY_PUBLIC_KEYS_FILE: '/no/such/file.json',
      EXPORTS_DIR: '/var/lib/vedette/exports',
    });
    expect(problems).toEqual(['IDENTITY_PUBLIC_KEYS_FILE: the file cannot be read (ENOENT)']);
  });

  it('is listed in the README, setting by setting', () => {
    const settings = Object.keys(casesSettings.shape).toSorted();
    expect(readReadmeSettings(new URL('../README.md', import.meta.url))).toEqual(settings);
  });
});
