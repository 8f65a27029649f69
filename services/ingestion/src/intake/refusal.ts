/** Why a request is refused as a whole. The message is shown to the sender. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly code: string;
  /** Further headers of the answer, such as `Allow`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    options: { readonly headers?: Readonly<Record<string, string>>; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.status = status;
    this.code = code;
    this.headers = options.headers ?? {};
  }
}

/** The sender's events are fine and cannot be taken now. @param seconds when to try again */
export function refuseForNow(
  status: 429 | 503,
  message: string,
  seconds: number,
  cause?: unknown,
): Refusal {
  const code = status === 429 ? 'RATE_LIMITED' : 'UNAVAILABLE';
  return new Refusal(status, code, message, { headers: { 'retry-after': String(seconds) }, cause });
}
