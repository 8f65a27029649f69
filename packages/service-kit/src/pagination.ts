import { InvalidInputError } from './errors.ts';

/** A Relay connection. `hasNextPage` is exact; there is no total, since counting is not bounded. */
export interface Connection<Node> {
  readonly edges: readonly { readonly node: Node; readonly cursor: string }[];
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

export interface PageArguments {
  readonly first?: number | null;
  readonly after?: string | null;
}

/** A place in a list: the values of the sort key, the last of which is unique. */
export type Position = readonly (string | number)[];

export interface Page {
  readonly limit: number;
  /** Rows after this place are wanted; absent on the first page. */
  readonly after?: Position;
}

const defaultFirst = 25;
export const maxFirst = 100;

/**
 * Checks `first` and `after`. A cursor is only a place: it gives nobody a row that row-level security
 * hides, so it needs no signature.
 * @throws {InvalidInputError} `first` out of 1 to 100, or a cursor that this list did not make
 */
export function toPage(args: PageArguments, positionLength: number): Page {
  const limit = args.first ?? defaultFirst;
  if (limit < 1 || limit > maxFirst) {
    throw new InvalidInputError(`'first' must be from 1 to ${maxFirst}.`, [
      { path: 'first', problem: 'out of range' },
    ]);
  }
  return args.after ? { limit, after: fromCursor(args.after, positionLength) } : { limit };
}

/** Makes a connection of up to `limit + 1` rows; the one over tells that there is a next page. */
export function toConnection<Node>(
  rows: readonly Node[],
  page: Page,
  positionOf: (node: Node) => Position,
): Connection<Node> {
  const nodes = rows.slice(0, page.limit);
  const edges = nodes.map((node) => ({ node, cursor: toCursor(positionOf(node)) }));
  return {
    edges,
    nodes,
    pageInfo: { hasNextPage: rows.length > page.limit, endCursor: edges.at(-1)?.cursor ?? null },
  };
}

function toCursor(position: Position): string {
  return Buffer.from(JSON.stringify(position), 'utf8').toString('base64url');
}

function fromCursor(cursor: string, positionLength: number): Position {
  const wrong = new InvalidInputError("'after' is not a cursor of this list.", [
    { path: 'after', problem: 'not a cursor' },
  ]);
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw wrong;
  }
  const isPosition =
    Array.isArray(value) &&
    value.length === positionLength &&
    // JSON knows no infinity, yet reads 1e999 as one.
    value.every((part) =>
      typeof part === 'string' ? !part.includes('\0') : Number.isFinite(part),
    );
  if (!isPosition) throw wrong;
  return value as Position;
}
