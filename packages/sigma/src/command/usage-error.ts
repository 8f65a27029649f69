/** The caller's mistake: shown without a stack, and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Also what `parseArgs` refuses, which it marks by a code. */
export function isUsageError(error: unknown): boolean {
  if (error instanceof UsageError) return true;
  return Error.isError(error) && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}
