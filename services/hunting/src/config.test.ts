import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '@vedette/service-kit';
import type { Environment } from '@vedette/service-kit';
import { readReadmeSettings } from '@vedette/testkit';
import { detectorSettings, huntingSettings, loadConfig, loadDetectorConfig } from './config.ts';

function problemsOf(load: (env: Environment) => unknown, env: Environment): readonly string[] {
  try {
    load(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('the configuration of hunting', () => {
  it('tells all that is missing at once', () => {
    expect(problemsOf(loadConfig, {})).toEqual([
      'SERVICE_PORT is not set',
      'DATABASE_URL is not set',
      'NATS_URL is not set',
      'IDENTITY_PUBLIC_KEYS_FILE is not set',
      'EXPORTS_DIR is not set',
      'HUNTING_RULES_DIRS is not set',
    ]);
  });
});

describe('the configuration of the detector', () => {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const testing = fileURLToPath(new URL('testing', import.meta.url));
  const valid = {
    SERVICE_PORT: '4000',
    DATABASE_URL: 'postgres://localhost/vedette',
    NATS_URL: 'nats://localhost:4222',
    HUNTING_RULES_DIRS: `${here},${testing}`,
  };

  it('lists folders with rules, and needs no identity keys', () => {
    const { HUNTING_RULES_DIRS, DATABASE_POOL_SIZE } = loadDetectorConfig(valid);
    expect(HUNTING_RULES_DIRS).toEqual([here, testing]);
    expect(DATABASE_POOL_SIZE).toBe(4);
  });

  it('tells all that is missing at once', () => {
    expect(problemsOf(loadDetectorConfig, {})).toEqual([
      'SERVICE_PORT is not set',
      'DATABASE_URL is not set',
      'NATS_URL is not set',
      'HUNTING_RULES_DIRS is not set',
    ]);
  });

  it.each([
    [',', ['names no folder']],
    [
      `rules,${here},/no/such/folder`,
      ['folder 1 is not an absolute path', 'folder 3 does not exist or cannot be read'],
    ],
    [fileURLToPath(import.meta.url), ['folder 1 is not a folder']],
  ])('refuses the folders %s', (folders, expected) => {
    const problems = problemsOf(loadDetectorConfig, { ...valid, HUNTING_RULES_DIRS: folders });
    expect(problems).toEqual(expected.map((problem) => `HUNTING_RULES_DIRS: ${problem}`));
  });
});

describe('the README', () => {
  it('lists the settings of both processes, one by one', () => {
    const settings = new Set([
      ...Object.keys(huntingSettings.shape),
      ...Object.keys(detectorSettings.shape),
    ]);
    expect(readReadmeSettings(new URL('../README.md', import.meta.url))).toEqual(
      [...settings].toSorted(),
    );
  });
});
