import { z } from 'zod';

const reportShape = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  numRuntimeErrorTestSuites: z.number(),
});

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
}

/**
 * Counts from the file that Jest writes. A suite that could not run counts as one failure, and so
 * does every skipped test: nothing here skips quietly.
 */
export function readCounts(json: string): TestCounts {
  const report = reportShape.parse(JSON.parse(json));
  return {
    passed: report.numPassedTests,
    failed:
      report.numFailedTests +
      report.numRuntimeErrorTestSuites +
      report.numPendingTests +
      report.numTodoTests,
  };
}
