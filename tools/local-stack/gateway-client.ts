/** Asks the gateway. @throws {Error} the gateway's first error, or that it does not answer */
export async function askGateway<Data>(
  url: string,
  token: string,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<Data> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(30_000),
  });
  const body = (await response.json()) as {
    data?: Data;
    errors?: { message: string; extensions?: { code?: string } }[];
  };
  const [error] = body.errors ?? [];
  if (error || !body.data) {
    throw new GatewayError(
      error?.message ?? `status ${response.status}`,
      error?.extensions?.code ?? '',
    );
  }
  return body.data;
}

export class GatewayError extends Error {
  readonly code: string;

  constructor(message: string, code: string) {
    super(`the gateway says: ${message}`);
    this.code = code;
  }
}
