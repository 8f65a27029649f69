/** What a check or a set of tests came to. A check counts as one test. */
export interface Outcome {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
}

/** One line for each outcome, in columns. */
export function toTable(outcomes: readonly Outcome[]): string {
  const width = Math.max(...outcomes.map(({ name }) => name.length));
  return outcomes
    .map(({ name, passed, failed, seconds }) =>
      [
        failed === 0 ? '✓' : '✗',
        name.padEnd(width),
        `${passed} passed`.padStart(12),
        `${failed} failed`.padStart(10),
        `${seconds.toFixed(1)} s`.padStart(9),
      ].join(' '),
    )
    .join('\n');
}

/** Sums over all outcomes. Nothing at all is not a success. */
export function toTotal(outcomes: readonly Outcome[]) {
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
  const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0);
  return {
    line: `${passed} passed, ${failed} failed`,
    isSuccess: failed === 0 && passed > 0,
  };
}
