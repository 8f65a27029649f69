/** Why nothing was fetched. */
export type CentralFailureCode =
  | 'SIGN_IN_REFUSED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'REFUSED'
  | 'TENANT_UNKNOWN'
  | 'RATE_LIMITED'
  | 'PACED'
  | 'UNAVAILABLE'
  | 'UNREADABLE';

/** Codes that time alone does not mend: somebody has to change something, here or in Sophos Central. */
const needsPeople: readonly CentralFailureCode[] = [
  'SIGN_IN_REFUSED',
  'FORBIDDEN',
  'NOT_FOUND',
  'TENANT_UNKNOWN',
];

/**
 * A call to Sophos Central that did not give what was asked for. The message is for the people who look after the
 * connector; it quotes nothing that was sent or answered.
 */
export class CentralFailure extends Error {
  readonly code: CentralFailureCode;
  readonly retryAfterSeconds: number | null;
  /** Whether trying again soon is of no use. */
  readonly needsPeople: boolean;

  constructor(
    code: CentralFailureCode,
    message: string,
    { retryAfterSeconds, cause }: { retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.name = 'CentralFailure';
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds ?? null;
    this.needsPeople = needsPeople.includes(code);
  }
}

/** Whether a call was refused for what it said, such as a cursor or a run that is no longer known. */
export function isRefusal(error: unknown): boolean {
  const codes: readonly CentralFailureCode[] = ['REFUSED', 'NOT_FOUND', 'FORBIDDEN'];
  return error instanceof CentralFailure && codes.includes(error.code);
}
