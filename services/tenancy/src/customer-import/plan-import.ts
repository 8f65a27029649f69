import { contentOf } from '../customer/customer.ts';
import type { Customer, CustomerContent } from '../customer/customer.ts';
import type { ImportedContent, ImportRow } from './import-row.ts';

export type ImportOutcome = 'CREATED' | 'UPDATED' | 'UNCHANGED' | 'REJECTED';

/** A customer of the provider, and what its name is compared by; null once others may have the name. */
export interface KnownCustomer extends Customer {
  readonly nameKey: string | null;
}

/** A row, and what its name is compared by; null where it has none. */
export interface KeyedRow extends ImportRow {
  readonly nameKey: string | null;
}

/** What is to be done with a row. */
export interface PlannedRow {
  readonly line: number;
  readonly externalReference: string | null;
  readonly outcome: ImportOutcome;
  readonly problems: readonly string[];
  /** Whom the row is about; null when it is new, or the row was rejected before that was known. */
  readonly known: KnownCustomer | null;
  /** What the customer is afterwards; null when the row was rejected. */
  readonly content: CustomerContent | null;
}

const newContent: Omit<CustomerContent, 'externalReference' | 'name'> = {
  plan: 'STANDARD',
  sector: null,
  size: null,
  region: null,
  technologies: [],
  exposure: [],
};

/**
 * Says what an import does with each row, in the file's order. A row that is wrong is rejected and its
 * customer stays as it is; all others can be carried out together without a clash of names or
 * references, so that two customers may swap their names. Carried out and asked again it answers the
 * same, with UNCHANGED in place of CREATED and UPDATED.
 * @param known all customers of the provider
 */
export function planImport(
  known: readonly KnownCustomer[],
  rows: readonly KeyedRow[],
): PlannedRow[] {
  const byReference = new Map(
    known.flatMap((each) => (each.externalReference ? [[each.externalReference, each]] : [])),
  ) as ReadonlyMap<string, KnownCustomer>;
  const customerOf = ({ externalReference }: KeyedRow): KnownCustomer | null =>
    byReference.get(externalReference ?? '') ?? null;
  const problems = new Map(
    rows.map((row) => [row, [...row.problems, ...statusProblems(customerOf(row))]]),
  );
  for (const [row, repeated] of findRepetitions(rows)) problems.get(row)?.push(...repeated);
  rejectClashes(known, rows, customerOf, problems);
  return rows.map((row) => toPlanned(row, customerOf(row), problems.get(row) ?? []));
}

function statusProblems(customer: KnownCustomer | null): readonly string[] {
  if (!customer || customer.status === 'ACTIVE') return [];
  return ['the customer with this externalReference is no longer served'];
}

/** Rows that say the reference or the name of an earlier row again, whatever is wrong with that one. */
function findRepetitions(rows: readonly KeyedRow[]): Map<KeyedRow, string[]> {
  const repetitions = new Map<KeyedRow, string[]>();
  const seen = { externalReference: new Map<string, number>(), name: new Map<string, number>() };
  for (const row of rows) {
    const keys = { externalReference: row.externalReference, name: row.nameKey };
    for (const column of ['externalReference', 'name'] as const) {
      const key = keys[column];
      if (key === null) continue;
      const first = seen[column].get(key);
      if (first === undefined) seen[column].set(key, row.line);
      else {
        const problem = `${column} stands in line ${first} already`;
        repetitions.set(row, [...(repetitions.get(row) ?? []), problem]);
      }
    }
  }
  return repetitions;
}

/**
 * Rejects rows whose name a customer keeps that the file does not rename. The customer of a row that is
 * rejected keeps its name, too, which may reject the next: each row is looked at again at most once.
 */
function rejectClashes(
  known: readonly KnownCustomer[],
  rows: readonly KeyedRow[],
  customerOf: (row: KeyedRow) => KnownCustomer | null,
  problems: ReadonlyMap<KeyedRow, string[]>,
): void {
  const isRejected = (row: KeyedRow): boolean => (problems.get(row)?.length ?? 0) > 0;
  const sound = rows.filter((row) => !isRejected(row));
  const wanting = new Map(sound.map((row) => [row.nameKey, row]));
  const renamed = new Set(sound.map(customerOf));
  const keeping = known.filter((customer) => !renamed.has(customer));
  for (let customer = keeping.pop(); customer; customer = keeping.pop()) {
    if (customer.nameKey === null) continue;
    const row = wanting.get(customer.nameKey);
    if (!row || isRejected(row)) continue;
    const own = customerOf(row);
    if (own === customer) continue;
    problems.get(row)?.push('another customer of the provider has this name');
    if (own) keeping.push(own);
  }
}

function toPlanned(
  row: KeyedRow,
  known: KnownCustomer | null,
  problems: readonly string[],
): PlannedRow {
  const { line, externalReference, content } = row;
  const about = { line, externalReference, problems };
  if (!content || problems.length > 0) {
    return { ...about, outcome: 'REJECTED', known: null, content: null };
  }
  const after = known ? withNews(known, content) : { ...newContent, ...content };
  if (!known) return { ...about, outcome: 'CREATED', known, content: after };
  const isSame = JSON.stringify(after) === JSON.stringify(contentOf(known));
  return { ...about, outcome: isSame ? 'UNCHANGED' : 'UPDATED', known, content: after };
}

/** In one order of keys, so that the same content is the same text. */
function withNews(known: KnownCustomer, news: ImportedContent): CustomerContent {
  return contentOf({ ...known, ...news });
}
