import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '@vedette/service-kit';
import { historySettings, ingestionSettings, loadConfig, loadHistoryConfig } from './config.ts';

const env = {
  SERVICE_PORT: '4020',
  DATABASE_URL: 'postgres://a:b@localhost/vedette',
  NATS_URL: 'nats://localhost:4222',
};

function problemsOf(work: () => unknown): readonly string[] {
  try {
    work();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('the configuration', () => {
  it('names all its problems at once and shows no value', () => {
    const problems = problemsOf(() =>
      loadConfig({ ...env, NATS_URL: 'http://secret@x', SERVICE_PORT: '0' }),
    );
    expect(problems.map((problem) => /^[A-Z_]+/.exec(problem)?.[0]).toSorted()).toEqual([
      'EXPORTS_DIR',
      'IDENTITY_PUBLIC_KEYS_FILE',
      'INGEST_HTTP_PORT',
      'NATS_URL',
      'SERVICE_PORT',
    ]);
    expect(problems.join()).not.toContain('secret');
  });

  it('of history needs neither the door nor the gateway', () => {
    expect(loadHistoryConfig(env)).toMatchObject({ SERVICE_PORT: 4020, DATABASE_POOL_SIZE: 4 });
  });

  it('is what the README says', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const rows = [...readme.matchAll(/^\| `([A-Z_]+)` +\| (?:`(.*?)`)? *\| (.*?) +\|$/gm)];
    const documented = rows.map(([, name, fallback, description]) => ({
      name,
      fallback,
      description,
    }));
    const shape = Object.entries(ingestionSettings.shape).map(([name, setting]) => {
      const { data } = setting.safeParse(undefined);
      return {
        name,
        fallback:
          typeof data === 'string' || typeof data === 'number' || typeof data === 'boolean'
            ? String(data)
            : undefined,
        description: setting.description,
      };
    });
    expect(documented).toEqual(shape);
    expect(
      Object.keys(historySettings.shape).every((name) => name in ingestionSettings.shape),
    ).toBe(true);
  });
});
