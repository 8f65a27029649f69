import { InvalidInputError } from '@vedette/service-kit';
import { parseTechnologies } from '../company-profile/company-profile-input.ts';
import {
  companySizes,
  exposures,
  sectors,
  sortExposure,
} from '../company-profile/company-profile.ts';
import type { CustomerContent } from '../customer/customer.ts';
import { formulaProblem, parseCountry, parseLabel } from '../input.ts';

/** What a file can say of a customer; the first two are needed. */
export const importColumns = [
  'externalReference',
  'name',
  'plan',
  'sector',
  'size',
  'region',
  'technologies',
  'exposure',
] as const;

export type ImportColumn = (typeof importColumns)[number];

/** What a row says. What it does not say stays as it is. */
export type ImportedContent = Partial<CustomerContent> & {
  readonly externalReference: string;
  readonly name: string;
};

/** A row of a file of customers. */
export interface ImportRow {
  /** Where it begins, counted from 1. */
  readonly line: number;
  readonly externalReference: string | null;
  readonly name: string | null;
  /** Null when something is wrong with it. */
  readonly content: ImportedContent | null;
  readonly problems: readonly string[];
}

export type RowCells = ReadonlyMap<ImportColumn, string>;

const maxCellLength = 1_000;

/** Reads one row. An empty cell says nothing, so that a book that lacks something clears nothing. */
export function readRow(line: number, cells: RowCells): ImportRow {
  const problems: string[] = [];
  const read = <Value>(
    column: ImportColumn,
    parse: (column: ImportColumn, text: string) => Value,
  ): Value | null => {
    const cell = cells.get(column) ?? '';
    const problem = findUnsafe(cell);
    if (problem !== null) problems.push(`${column} ${problem}`);
    if (problem !== null || cell.trim() === '') return null;
    try {
      return parse(column, cell);
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      problems.push(toProblem(column, error));
      return null;
    }
  };
  const externalReference = read('externalReference', parseLabel);
  const name = read('name', parseLabel);
  const rest = withoutNulls({
    plan: read('plan', oneOf(['STANDARD', 'ADVANCED'])),
    sector: read('sector', oneOf(sectors)),
    size: read('size', oneOf(companySizes)),
    region: read('region', parseCountry),
    technologies: read('technologies', (column, cell) =>
      parseTechnologies(column, splitList(cell)),
    ),
    exposure: read('exposure', (column, cell) =>
      sortExposure(splitList(cell).map((item) => oneOf(exposures)(column, item))),
    ),
  });
  for (const column of ['externalReference', 'name'] as const) {
    if ((cells.get(column) ?? '').trim() === '') problems.push(`${column} is empty`);
  }
  const isWhole = externalReference !== null && name !== null && problems.length === 0;
  const content = isWhole ? { ...rest, externalReference, name } : null;
  return { line, externalReference, name, content, problems };
}

/** A row that cannot be read at all. */
export function brokenRow(line: number, problem: string): ImportRow {
  return { line, externalReference: null, name: null, content: null, problems: [problem] };
}

/** A cell that begins so runs what follows in some spreadsheets; it is gone once the cell is read. */
const formulaStart = /^[\t\r]/;

function findUnsafe(cell: string): string | null {
  if (cell.length > maxCellLength) return `has more than ${maxCellLength} characters`;
  if (formulaStart.test(cell)) return formulaProblem;
  // What a decoder puts where it could not read something.
  if (cell.includes('\uFFFD')) return 'holds characters that were not UTF-8';
  return null;
}

function oneOf<const Value extends string>(
  values: readonly Value[],
): (column: ImportColumn, text: string) => Value {
  return (column, text) => {
    const wanted = text.trim().toUpperCase();
    const value = values.find((each) => each === wanted);
    if (value !== undefined) return value;
    throw new InvalidInputError('not one of them', [
      { path: column, problem: `is not one of ${values.join(', ')}` },
    ]);
  };
}

function splitList(cell: string): string[] {
  return cell
    .split('|')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function toProblem(column: ImportColumn, { details }: InvalidInputError): string {
  const { fields } = details as { readonly fields: readonly { readonly problem: string }[] };
  return `${column} ${fields[0]?.problem ?? 'is not valid'}`;
}

function withoutNulls<Values extends object>(
  values: Values,
): { readonly [Key in keyof Values]?: Exclude<Values[Key], null> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as never;
}
