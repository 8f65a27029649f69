import { describe, expect, it } from '@jest/globals';
import { waitFor } from './wait-for.ts';

describe('waiting for an answer', () => {
  it('returns the first truthy one', async () => {
    const answers = [null, 0, 'ready', 'later'];
    await expect(waitFor(() => answers.shift())).resolves.toBe('ready');
  });

  it('takes an error for "not yet"', async () => {
    let calls = 0;
    const check = () => {
      calls += 1;
      if (calls < 3) throw new Error('connection refused');
      return calls;
    };
    await expect(waitFor(check)).resolves.toBe(3);
  });

  it('fails with the last answer when the time is over', async () => {
    const waiting = waitFor(() => Promise.resolve(null), { timeoutMs: 30 });
    await expect(waiting).rejects.toThrow('not within 30 ms; the last answer was null');
  });
});
