import { InvalidInputError } from './errors.ts';
import { isUuid } from './ids.ts';

/** A Relay connection. `hasNextPage` is exact; there is no total, since counting is not bounded. */
export interface Connection<Node> {
  readonly edges: readonly { readonly node: Node; readonly cursor: string }[];
  readonly nodes: readonly Node[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

export interface PageArguments {
  readonly first?: number | null;
  readonly after?: string | null;
}

/** What a part of a sort key can be, and what it is in code. */
interface PositionParts {
  /** An instant of the years 0000 to 9999, which PostgreSQL and RFC 3339 both can write. */
  readonly TIME: Date;
  /** A UUID. */
  readonly ID: string;
  /** At most 1,000 characters that PostgreSQL can hold. */
  readonly TEXT: string;
  /** A whole number from 0 to the largest of PostgreSQL's `int`. */
  readonly NUMBER: number;
}

/** The kinds of a list's sort key, such as `['TIME', 'ID']`; the last part is unique. */
export type PositionShape = readonly (keyof PositionParts)[];

/** A place in a list: the values of its sort key. */
export type Position<Shape extends PositionShape> = {
  readonly [Index in keyof Shape]: PositionParts[Shape[Index]];
};

export interface Page<Shape extends PositionShape> {
  readonly limit: number;
  /** Rows after this place are wanted; absent on the first page. */
  readonly after?: Position<Shape>;
}

const defaultFirst = 25;
export const maxFirst = 100;

const maxTextLength = 1_000;
const maxNumber = 2 ** 31 - 1;

/**
 * Checks `first` and `after`. A cursor is the caller's text, so each part of it must be what the list's
 * sort key holds. It is only a place: it gives nobody a row that row-level security hides, so it needs
 * no signature.
 * @throws {InvalidInputError} `first` out of 1 to 100, or a cursor that this list cannot have made
 */
export function toPage<const Shape extends PositionShape>(
  args: PageArguments,
  shape: Shape,
): Page<Shape> {
  const limit = args.first ?? defaultFirst;
  if (limit < 1 || limit > maxFirst) {
    throw new InvalidInputError(`'first' must be from 1 to ${maxFirst}.`, [
      { path: 'first', problem: 'out of range' },
    ]);
  }
  const after = args.after ?? undefined;
  return after === undefined ? { limit } : { limit, after: fromCursor(after, shape) };
}

/**
 * Makes a connection of up to `limit + 1` rows.
 * @param hasNextPage needed where a page can end before its limit; else the one row over tells it
 */
export function toConnection<Node, Shape extends PositionShape>(
  rows: readonly Node[],
  page: Page<Shape>,
  positionOf: (node: Node) => Position<Shape>,
  hasNextPage = rows.length > page.limit,
): Connection<Node> {
  const nodes = rows.slice(0, page.limit);
  const edges = nodes.map((node) => ({ node, cursor: toCursor(positionOf(node)) }));
  return {
    edges,
    nodes,
    pageInfo: {
      hasNextPage,
      hasPreviousPage: page.after !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

/** A time becomes RFC 3339 text, as JSON has it. */
function toCursor(position: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(position), 'utf8').toString('base64url');
}

function fromCursor<Shape extends PositionShape>(cursor: string, shape: Shape): Position<Shape> {
  const values = toList(cursor);
  const position = shape.map((kind, index) => readPart[kind](values[index]));
  if (values.length !== shape.length || position.includes(null)) {
    throw new InvalidInputError("'after' is not a cursor of this list.", [
      { path: 'after', problem: 'not a cursor' },
    ]);
  }
  return position as unknown as Position<Shape>;
}

function toList(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(value) ? value : [];
  } catch {
    // Not JSON: no list made it.
    return [];
  }
}

/** Reads a part as the cursor holds it; null when it is of another kind. */
const readPart: {
  readonly [Kind in keyof PositionParts]: (value: unknown) => PositionParts[Kind] | null;
} = {
  TIME: readTime,
  ID: (value) => (isUuid(value) ? value.toLowerCase() : null),
  TEXT: (value) => (isText(value) ? value : null),
  NUMBER: (value) => (isWholeNumber(value) ? value : null),
};

/** Years below 0000 and above 9999 have six digits and a sign, and so another length. */
const timeShape = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

function readTime(value: unknown): Date | null {
  if (typeof value !== 'string' || !timeShape.test(value)) return null;
  const time = new Date(value);
  return Number.isNaN(time.getTime()) ? null : time;
}

function isText(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length <= maxTextLength &&
    !value.includes('\0') &&
    value.isWellFormed()
  );
}

function isWholeNumber(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= maxNumber;
}
