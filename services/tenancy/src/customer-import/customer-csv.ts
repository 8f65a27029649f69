import { InvalidInputError } from '@vedette/service-kit';
import { CsvError, parse } from 'csv-parse/sync';
import { refuseInput } from '../input.ts';
import { brokenRow, importColumns, readRow } from './import-row.ts';
import type { ImportColumn, ImportRow } from './import-row.ts';

export const maxImportRows = 2_000;

/** Far more than 2,000 rows of a book need; a cell that is too long is a matter of its row. */
const maxRecordBytes = 20_000;

/** Empty lines among them. */
const maxRecords = 2 * maxImportRows;

interface Line {
  /** Where it begins. */
  readonly number: number;
  readonly cells: readonly string[];
}

/**
 * Reads customers from CSV (RFC 4180, separated by comma, semicolon or tab), each row with what is
 * wrong with it. Empty lines are passed over.
 * @throws {InvalidInputError} it is no such file, its header is not ours, or it has too many rows
 */
export function readCustomerCsv(path: string, csv: string): ImportRow[] {
  const [header, ...lines] = readLines(path, csv);
  if (!header) refuseInput(path, 'is empty; its first line names the columns');
  const columns = readHeader(path, header.cells);
  if (lines.length > maxImportRows) refuseRows(path);
  return lines.map(({ number, cells }) => {
    if (cells.length !== columns.length) {
      return brokenRow(number, `has ${cells.length} cells instead of ${columns.length}`);
    }
    return readRow(number, new Map(columns.map((column, index) => [column, cells[index] ?? ''])));
  });
}

function refuseRows(path: string): never {
  refuseInput(path, `has more than ${maxImportRows} rows; import it in parts`);
}

function readHeader(path: string, cells: readonly string[]): readonly ImportColumn[] {
  const columns = cells.map((cell) => {
    const name = cell.trim();
    const column = importColumns.find((each) => each.toLowerCase() === name.toLowerCase());
    return column ?? refuseInput(path, `has an unknown column '${name.slice(0, 100)}'`);
  });
  const twice = columns.find((column, index) => columns.indexOf(column) < index);
  if (twice) refuseInput(path, `names the column '${twice}' twice`);
  for (const needed of ['externalReference', 'name'] as const) {
    if (!columns.includes(needed)) refuseInput(path, `lacks the column '${needed}'`);
  }
  return columns;
}

function readLines(path: string, csv: string): Line[] {
  try {
    const records = parse(csv, {
      bom: true,
      delimiter: findDelimiter(csv),
      info: true,
      max_record_size: maxRecordBytes,
      // A file that went through several hands has several.
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      // Nobody reads on once it is known that there are too many.
      to: maxRecords,
    }) as unknown as readonly { readonly info: { lines: number }; readonly record: string[] }[];
    if (records.length === maxRecords) refuseRows(path);
    return records
      .map(({ record }, index) => ({
        number: (records[index - 1]?.info.lines ?? 0) + 1,
        cells: record,
      }))
      .filter(({ cells }) => cells.some((cell) => cell !== ''));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw toRefusal(path, error);
  }
}

/** The one that stands most often in the header, whose names hold none of them. */
function findDelimiter(csv: string): string {
  const header = /^[^\r\n]*/.exec(csv)?.[0] ?? '';
  const count = (delimiter: string): number => header.split(delimiter).length;
  return [',', ';', '\t'].toSorted((one, other) => count(other) - count(one))[0] ?? ',';
}

/** Why the file cannot be read on from some line: without its quotes nobody knows where rows end. */
function toRefusal(path: string, error: CsvError): InvalidInputError {
  const { lines } = error as unknown as { readonly lines?: number };
  const why =
    error.code === 'CSV_MAX_RECORD_SIZE'
      ? `holds a row of more than ${maxRecordBytes} bytes`
      : 'has a quotation mark that is not closed, or stands inside a cell without being doubled';
  const problem = `${why} (noticed in line ${String(lines ?? '?')})`;
  return new InvalidInputError(`'${path}' is not valid: ${problem}.`, [{ path, problem }]);
}
