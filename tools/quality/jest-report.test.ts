import { describe, expect, it } from '@jest/globals';
import { readCounts } from './jest-report.ts';

const report = (counts: Readonly<Record<string, number>>) =>
  JSON.stringify({
    numPassedTests: 0,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    numRuntimeErrorTestSuites: 0,
    ...counts,
  });

describe('the counts of a test run', () => {
  it('are those that passed and failed', () => {
    expect(readCounts(report({ numPassedTests: 3, numFailedTests: 2 }))).toEqual({
      passed: 3,
      failed: 2,
    });
  });

  it('take a suite that could not run for a failure', () => {
    expect(readCounts(report({ numPassedTests: 3, numRuntimeErrorTestSuites: 1 }))).toEqual({
      passed: 3,
      failed: 1,
    });
  });

  it('take skipped and planned tests for failures', () => {
    expect(readCounts(report({ numPendingTests: 2, numTodoTests: 1 }))).toEqual({
      passed: 0,
      failed: 3,
    });
  });

  it('are refused when the file is not a report', () => {
    expect(() => readCounts('{}')).toThrow('numPassedTests');
  });
});
