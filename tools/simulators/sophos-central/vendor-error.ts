import { randomUUID } from 'node:crypto';

/** A refusal, answered in the shape of every error of the documented interfaces. */
export class VendorError extends Error {
  readonly status: number;
  readonly error: string;
  readonly headers: Readonly<Record<string, string>>;

  /** @param message names what was wrong, for whoever writes a client */
  constructor(
    status: number,
    error: string,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = 'VendorError';
    this.status = status;
    this.error = error;
    this.headers = headers;
  }
}

export function badRequest(message: string): VendorError {
  return new VendorError(400, 'BadRequest', message);
}

export function notFound(message: string): VendorError {
  return new VendorError(404, 'NotFound', message);
}

/** A documented part that is not played here: said plainly, since a made-up answer would mislead. */
export function notSimulated(what: string): VendorError {
  return new VendorError(501, 'NotSimulated', `${what} is documented and not simulated.`);
}

/** Errors of the token address have a shape of their own. */
export class LoginError extends Error {
  readonly status: number;
  readonly errorCode: string;

  constructor(status: number, errorCode: string, message: string) {
    super(message);
    this.name = 'LoginError';
    this.status = status;
    this.errorCode = errorCode;
  }
}

export function toErrorBody(error: VendorError, now: number): object {
  return {
    error: error.error,
    message: error.message,
    correlationId: randomUUID(),
    requestId: randomUUID(),
    createdAt: new Date(now).toISOString(),
  };
}

export function toLoginErrorBody({ errorCode, message }: LoginError): object {
  return { errorCode, message, trackingId: randomUUID() };
}
