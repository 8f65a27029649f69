import { describe, expect, it } from '@jest/globals';
import { InvalidInputError } from '@vedette/service-kit';
import { sophosCredentials, sophosSettings } from '../connectors/sophos-central/sophos-settings.ts';
import { parseCredentials, parseSettings } from './connector-settings.ts';

const sophos = { settings: sophosSettings, credentials: sophosCredentials };

function problemsOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error instanceof InvalidInputError ? error.details['fields'] : error;
  }
}

describe('what is set for a connector', () => {
  it('is none where nothing is given', () => {
    expect(parseSettings(sophos, undefined)).toEqual({});
  });

  it.each([
    [{ tenantId: 'harbour' }, 'input.settings.tenantId'],
    [{ loginUrl: 'https://sign-in.example' }, 'input.settings.loginUrl'],
    [{ region: 'eu' }, 'input.settings'],
    [[], 'input.settings'],
    ['text', 'input.settings'],
  ])('is refused with the name of what does not fit: %j', (given, path) => {
    expect(problemsOf(() => parseSettings(sophos, given))).toMatchObject([{ path }]);
  });

  it('is bounded', () => {
    const given = { tenantId: 'x'.repeat(100_000) };
    expect(problemsOf(() => parseSettings(sophos, given))).toMatchObject([{ problem: 'too long' }]);
  });
});

describe('what a connector signs in with', () => {
  it('is refused without quoting any of it', () => {
    const given = { clientId: 'me', clientSecret: 7_654_321, note: 'hush' };
    const problems = JSON.stringify(problemsOf(() => parseCredentials(sophos, given)));
    expect(problems).toContain('input.credentials.clientSecret');
    expect(problems).not.toMatch(/7654321|hush/);
  });

  it('is not taken for a source that is never called', () => {
    expect(problemsOf(() => parseCredentials({}, { password: 'x' }))).toMatchObject([
      { path: 'input.credentials' },
    ]);
  });
});
