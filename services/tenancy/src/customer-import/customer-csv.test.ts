import { describe, expect, it } from '@jest/globals';
import { InvalidInputError } from '@vedette/service-kit';
import { readCustomerCsv } from './customer-csv.ts';
import type { ImportRow } from './import-row.ts';

const read = (csv: string): ImportRow[] => readCustomerCsv('input.csv', csv);

/** What is wrong with a file as a whole. */
function refusalOf(csv: string): string {
  try {
    read(csv);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return error.message;
  }
  return 'accepted';
}

const problemsOf = (csv: string): readonly (readonly string[])[] =>
  read(csv).map(({ problems }) => problems);

describe('a file of customers', () => {
  it('is read row by row, with what each says and where it begins', () => {
    const csv = [
      'externalReference,name,plan,sector,size,region,technologies,exposure',
      'C-1,Harbour Bakery,advanced,HOSPITALITY,small,de,Sage| Windows Server |Sage,REMOTE_ACCESS',
      'C-2,Harbour Clinic,,,,,,',
    ].join('\n');
    expect(read(csv)).toEqual([
      {
        ...{ line: 2, externalReference: 'C-1', name: 'Harbour Bakery', problems: [] },
        content: {
          ...{ externalReference: 'C-1', name: 'Harbour Bakery', plan: 'ADVANCED' },
          ...{ sector: 'HOSPITALITY', size: 'SMALL', region: 'DE' },
          ...{ technologies: ['Sage', 'Windows Server'], exposure: ['REMOTE_ACCESS'] },
        },
      },
      {
        ...{ line: 3, externalReference: 'C-2', name: 'Harbour Clinic', problems: [] },
        content: { externalReference: 'C-2', name: 'Harbour Clinic' },
      },
    ]);
  });

  it.each([
    ['commas', 'externalReference,name\nC-1,"Müller, Sohn"'],
    ['semicolons', 'externalReference;name\nC-1;Müller, Sohn'],
    ['tabs', 'externalReference\tname\nC-1\tMüller, Sohn'],
    ['a byte-order mark', '\uFEFFexternalReference,name\nC-1,"Müller, Sohn"'],
    ['several kinds of line ends', '\uFEFFName,ExternalReference\r\n"Müller, Sohn",C-1\n\r'],
  ])('may have %s', (_, csv) => {
    expect(read(csv).map(({ content }) => content)).toEqual([
      { externalReference: 'C-1', name: 'Müller, Sohn' },
    ]);
  });

  it('counts lines as an editor does, over empty lines and line breaks in quotes', () => {
    const csv =
      'externalReference,name,technologies\n\nC-1,"One","a\nb"\r\nC-2,Two,\n\nC-3,"T""hree",';
    expect(read(csv).map(({ line, name }) => [line, name])).toEqual([
      [3, 'One'],
      [5, 'Two'],
      [7, 'T"hree'],
    ]);
  });

  it.each([
    ['', /is empty/],
    ['\n\n', /is empty/],
    ['externalReference,name,iban\nC-1,One,DE1', /has an unknown column 'iban'/],
    ['externalReference,name,name\nC-1,One,Two', /names the column 'name' twice/],
    ['externalReference\nC-1', /lacks the column 'name'/],
    ['name\nOne', /lacks the column 'externalReference'/],
    ['externalReference,name\nC-1,"One\nC-2,Two', /not closed.*noticed in line 3/],
    ['externalReference,name\nC-1,One "Two" Three', /not closed.*noticed in line 2/],
    ['externalReference,name\nC-1,"One" Two', /not closed.*noticed in line 2/],
    [
      `externalReference,name\nC-1,${'x'.repeat(30_000)}`,
      /row of more than 20000 bytes \(noticed in line 2\)/,
    ],
  ])('is refused when it cannot be read: %j', (csv, refusal) => {
    expect(refusalOf(csv)).toMatch(refusal);
  });

  it('has at most 2,000 rows', () => {
    const rows = (count: number, end = '\n'): string =>
      `externalReference,name\n${Array.from({ length: count }, (_, n) => `C-${n},Name ${n}${end}`).join('')}`;
    expect(read(rows(2_000))).toHaveLength(2_000);
    expect(refusalOf(rows(2_001))).toMatch(/more than 2000 rows; import it in parts/);
    expect(refusalOf(rows(10_000))).toMatch(/more than 2000 rows; import it in parts/);
    // Nothing behind empty lines is passed over in silence.
    expect(refusalOf(rows(2_000, '\n\n\n'))).toMatch(/more than 2000 rows/);
  });
});

describe('a row', () => {
  const header = 'externalReference,name,plan,sector,size,region,technologies,exposure';
  const row = (cells: string): string => `${header}\n${cells}`;

  it.each([
    ['=HYPERLINK(1)', 'name'],
    ['+49 40 1', 'name'],
    ['-1', 'name'],
    ['@SUM(A1)', 'name'],
    [' =1+1', 'name'],
    ['＝1+1', 'name'],
    ['"\tTab"', 'name'],
    ['"\rReturn"', 'name'],
  ])('is refused when a cell begins like a formula: %j', (cell, column) => {
    expect(problemsOf(row(`C-1,${cell},,,,,,`))).toEqual([
      [`${column} begins like a formula of a spreadsheet (=, +, -, @, tab)`],
    ]);
  });

  it('is refused when an item of a list does', () => {
    expect(problemsOf(row('C-1,One,,,,,Sage|=cmd,'))).toEqual([
      ['technologies begins like a formula of a spreadsheet (=, +, -, @, tab)'],
    ]);
  });

  it.each([
    ['C-1,One', 'has 2 cells instead of 8'],
    ['C-1,One,,,,,,,,', 'has 10 cells instead of 8'],
    [',One,,,,,,', 'externalReference is empty'],
    ['C-1, ,,,,,,', 'name is empty'],
    [`C-1,${'x'.repeat(201)},,,,,,`, 'name is longer than 200 characters'],
    [`C-1,${'x'.repeat(1_001)},,,,,,`, 'name has more than 1000 characters'],
    ['C-1,One,PREMIUM,,,,,', 'plan is not one of STANDARD, ADVANCED'],
    ['C-1,One,,,HUGE,,,', 'size is not one of MICRO, SMALL, MEDIUM, LARGE'],
    ['C-1,One,,,,Germany,,', 'region is not an ISO 3166-1 alpha-2 country, such as DE'],
    ['C-1,One,,,,XX,,', 'region is not an ISO 3166-1 alpha-2 country, such as DE'],
    ['C-1,M\uFFFDller,,,,,,', 'name holds characters that were not UTF-8'],
    ['C-1,a\0b,,,,,,', 'name is not text'],
    ['C-1,\u200b,,,,,,', 'name holds a character that does not show'],
    ['C-1,Hafen\u202egreb,,,,,,', 'name holds a character that does not show'],
  ])('says what is wrong with it: %j', (cells, problem) => {
    expect(problemsOf(row(cells))).toEqual([[problem]]);
  });

  it('says the same name however its letters were put together', () => {
    const names = read(row('C-1,M\u00fcller,,,,,,\nC-2,Mu\u0308ller,,,,,,')).map(
      ({ name }) => name,
    );
    expect(names).toEqual(['M\u00fcller', 'M\u00fcller']);
  });

  it('says all that is wrong with it, and does not stop the next', () => {
    expect(problemsOf(row('=C-1,,GOLD,,,,,\nC-2,Two,,,,,,'))).toEqual([
      [
        'externalReference begins like a formula of a spreadsheet (=, +, -, @, tab)',
        'plan is not one of STANDARD, ADVANCED',
        'name is empty',
      ],
      [],
    ]);
  });
});
