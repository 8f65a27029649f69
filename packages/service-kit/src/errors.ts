/** Stable error codes of the public API. Adding one needs an ADR. */
export type ErrorCode =
  | 'BAD_USER_INPUT'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'ILLEGAL_STATE'
  | 'CONFLICT'
  | 'UNAVAILABLE'
  | 'RATE_LIMITED'
  | 'OPERATION_TOO_EXPENSIVE'
  | 'PLAN_REQUIRED';

interface ErrorOptionsWithDetails {
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * The one way to fail. `message` and `details` are shown to callers, so they never hold secrets,
 * SQL or addresses; those belong in `cause`, which only the log sees.
 */
export abstract class AppError extends Error {
  abstract readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(message: string, options: ErrorOptionsWithDetails = {}) {
    super(message, { cause: options.cause });
    this.name = new.target.name;
    this.details = options.details ?? {};
  }
}

/** A problem with one part of the input; `path` is dotted (`input.name`). */
export interface FieldProblem {
  readonly path: string;
  readonly problem: string;
}

/** The caller can fix the request. */
export class InvalidInputError extends AppError {
  override readonly code = 'BAD_USER_INPUT';

  constructor(message: string, fields: readonly FieldProblem[] = []) {
    super(message, { details: { fields } });
  }
}

/** There is no viewer, or its proof is not valid. */
export class UnauthenticatedError extends AppError {
  override readonly code = 'UNAUTHENTICATED';
}

/**
 * A known viewer lacks a permission inside its own tenants. For another tenant use {@link NotFoundError}.
 * Where the viewer has it and something else is in the way, `reason` says what.
 */
export class ForbiddenError extends AppError {
  override readonly code = 'FORBIDDEN';

  constructor(permission: string, reason = `This needs the permission '${permission}'.`) {
    super(reason, { details: { permission } });
  }
}

/** The customer's plan does not hold this; the rule is in the plan table. */
export class PlanRequiredError extends AppError {
  override readonly code = 'PLAN_REQUIRED';

  constructor(feature: string) {
    super("The customer's plan does not include this.", { details: { feature } });
  }
}

/** Absent, or of another tenant: the two are one answer, so that existence does not leak. */
export class NotFoundError extends AppError {
  override readonly code = 'NOT_FOUND';

  constructor(type: string, id: string) {
    super(`No such ${type}.`, { details: { type, id } });
  }
}

/** A rule refuses the command in the present state. */
export class IllegalStateError extends AppError {
  override readonly code = 'ILLEGAL_STATE';

  constructor(message: string, details: { readonly state: string; readonly attempted: string }) {
    super(message, { details });
  }
}

/** Somebody else was faster, or a unique value is taken: reload and retry. */
export class ConflictError extends AppError {
  override readonly code = 'CONFLICT';
}

/** A dependency is down or too slow; the same request may succeed later. */
export class UnavailableError extends AppError {
  override readonly code = 'UNAVAILABLE';

  constructor(dependency: string, options: { retryAfterSeconds?: number; cause?: unknown } = {}) {
    const retryAfterSeconds = options.retryAfterSeconds ?? 5;
    super(`'${dependency}' does not answer at the moment.`, {
      details: { dependency, retryAfterSeconds },
      cause: options.cause,
    });
  }
}

/** Turns whatever was thrown into an Error, so that logs always have a message and a stack. */
export function toError(thrown: unknown): Error {
  // isError knows what another realm made, as Node does for Jest's sandbox; instanceof knows what
  // libraries such as fastify make without calling Error.
  if (Error.isError(thrown) || thrown instanceof Error) return thrown;
  return new Error(String(thrown));
}
