import { describe, expect, it } from '@jest/globals';
import { UnavailableError } from './errors.ts';
import { createLogger } from './logger.ts';
import { captureLog } from './testing/captured-log.ts';

const secret = 'hunter2';

describe('a line of the log', () => {
  it('says which service, how bad, when and what', () => {
    const log = captureLog();
    log.logger.warn({ caseId: 'c1' }, 'joined');
    expect(log.last()).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/),
      service: 'probe',
      caseId: 'c1',
      msg: 'joined',
    });
  });

  it('is left out below the level that was asked for', () => {
    expect(createLogger({ service: 'probe' }).isLevelEnabled('debug')).toBe(false);
    expect(createLogger({ service: 'probe', level: 'error' }).isLevelEnabled('warn')).toBe(false);
  });

  it('shows an error with its stack, and what caused it', () => {
    const log = captureLog();
    const cause = new Error('ECONNREFUSED 10.0.0.7:5432');
    log.logger.error({ err: new UnavailableError('postgres', { cause }) }, 'unexpected error');
    expect(log.lines.join('')).toContain('logger.test.ts');
    expect(log.lines.join('')).toContain('10.0.0.7');

    log.logger.info({ code: 'UNAVAILABLE', cause }, 'refused');
    expect(log.lines.at(-1)).toContain('10.0.0.7');
  });
});

describe('a secret', () => {
  const keys = ['password', 'secret', 'token', 'key', 'authorization', 'DATABASE_URL', 'NATS_URL'];

  it.each(keys)('called %s does not appear, on top or inside', (key) => {
    const log = captureLog();
    log.logger.info({ [key]: secret }, 'a');
    log.logger.info({ config: { [key]: secret } }, 'b');
    log.logger.info({ request: { headers: { [key]: secret } } }, 'c');
    log.logger.child({ [key]: secret }).info('d');
    log.logger.info({ err: Object.assign(new Error('no'), { [key]: secret }) }, 'e');
    expect(log.lines).toHaveLength(5);
    expect(log.lines.filter((line) => line.includes(secret))).toEqual([]);
  });

  it('does not appear as a parameter of the statement that failed', () => {
    const log = captureLog();
    const failed = Object.assign(new Error('duplicate key'), {
      query: 'insert into keys values ($1)',
      parameters: [secret],
      driverError: Object.assign(new Error('duplicate key'), { detail: `(name)=(${secret})` }),
    });
    log.logger.error({ err: failed }, 'unexpected error');
    log.logger.info({ cause: failed }, 'refused');
    expect(log.lines.filter((line) => line.includes(secret))).toEqual([]);
    expect(log.lines.filter((line) => line.includes('insert into keys'))).toHaveLength(2);
  });
});
