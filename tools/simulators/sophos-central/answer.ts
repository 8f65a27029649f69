import type { OperationName } from './operations.ts';
import type { Client, State } from './state.ts';
import type { Tenant } from './estate.ts';
import { badRequest } from './vendor-error.ts';

/** One call that is documented and allowed, on its way to its answer. */
export interface Call {
  readonly state: State;
  readonly client: Client;
  /** Whose data is asked for; null at the global address. */
  readonly tenant: Tenant | null;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Checked by the operation's schema. */
  readonly body: unknown;
  readonly now: number;
  /** The address of a region, or null where a tenant has none. */
  readonly hostOf: (tenant: Tenant) => string | null;
  readonly globalUrl: string;
}

export interface Answer {
  readonly status: number;
  readonly body: object;
}

/** An operation's part of the play. @throws {VendorError} the call does not fit what is there */
export type Answering = (call: Call) => Answer;

export type Answers = Partial<Readonly<Record<OperationName, Answering>>>;

export function ok(body: object): Answer {
  return { status: 200, body };
}

export function tenantOf({ tenant }: Call): Tenant {
  if (!tenant) throw new Error('an operation of a tenant was called without one');
  return tenant;
}

/** A whole number among the query's parameters. @throws {VendorError} it is none, or out of bounds */
export function readNumber(
  { query }: Call,
  name: string,
  { fallback, min, max }: { readonly fallback: number; readonly min: number; readonly max: number },
): number {
  const text = query.get(name);
  if (text === null) return fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw badRequest(`Query parameter '${name}' is a whole number from ${min} to ${max}.`);
}

/** A page by number, with what the documented `pages` says of it. */
export function pageByNumber(call: Call, all: readonly unknown[], maxSize: number): object {
  const size = readNumber(call, 'pageSize', {
    fallback: Math.min(50, maxSize),
    min: 1,
    max: maxSize,
  });
  const current = readNumber(call, 'page', { fallback: 1, min: 1, max: 1_000_000 });
  const total = Math.max(1, Math.ceil(all.length / size));
  const counted = call.query.get('pageTotal') === 'true' ? { total, items: all.length } : {};
  return {
    items: all.slice((current - 1) * size, current * size),
    pages: { current, size, maxSize, ...counted },
  };
}

/**
 * A page by key: the key is the id that the page begins with.
 * @throws {VendorError} a key that no answer has given
 */
export function pageByKey(
  all: readonly { readonly id: string }[],
  {
    fromKey,
    size,
    maxSize,
    withTotal,
  }: {
    readonly fromKey: string | null;
    readonly size: number;
    readonly maxSize: number;
    readonly withTotal: boolean;
  },
): object {
  const first = fromKey === null ? 0 : all.findIndex(({ id }) => toKey(id) === fromKey);
  if (first < 0) throw badRequest(`'pageFromKey' is not a key that an answer has given.`);
  const next = all[first + size];
  return {
    items: all.slice(first, first + size),
    pages: {
      ...(fromKey === null ? {} : { fromKey }),
      ...(next ? { nextKey: toKey(next.id) } : {}),
      ...{ size, maxSize },
      ...(withTotal ? { total: Math.max(1, Math.ceil(all.length / size)), items: all.length } : {}),
    },
  };
}

function toKey(id: string): string {
  return Buffer.from(`from ${id}`).toString('base64url');
}
