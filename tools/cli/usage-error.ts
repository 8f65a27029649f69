/** The caller's mistake: shown without a stack, and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Also that of the engine's own command line, and what `parseArgs` refuses, which it marks by a code. */
export function isUsageError(error: unknown): boolean {
  if (!Error.isError(error)) return false;
  if (error.name === 'UsageError') return true;
  return 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}
