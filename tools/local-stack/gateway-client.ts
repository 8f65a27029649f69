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

/** Asks as one principal. */
export type Ask = <Data>(
  query: string,
  variables?: Readonly<Record<string, unknown>>,
) => Promise<Data>;

interface Connection<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/**
 * Every row of a list, such as `users`.
 * @param fields what to select of each row
 * @param filter the list's filter, as it stands in a query
 */
export async function listAll<Node>(
  ask: Ask,
  list: string,
  fields: string,
  filter?: string,
): Promise<Node[]> {
  const narrowed = filter === undefined ? '' : `, filter: ${filter}`;
  const nodes: Node[] = [];
  let after: string | null = null;
  do {
    const query = `query ($after: String) { page: ${list}(first: 50, after: $after${narrowed}) { nodes { ${fields} } pageInfo { hasNextPage endCursor } } }`;
    const { page }: { page: Connection<Node> } = await ask(query, { after });
    nodes.push(...page.nodes);
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
  return nodes;
}
