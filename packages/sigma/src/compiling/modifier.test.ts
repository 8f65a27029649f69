import { describe, expect, it } from '@jest/globals';
import { aRule, matchesOf, refusalOf } from '../testing/rule-builders.ts';

function texts(key: string, value: unknown, candidates: readonly unknown[]): readonly unknown[] {
  const verdicts = matchesOf(
    { [key]: value },
    candidates.map((candidate) => ({ A: candidate })),
  );
  return candidates.filter((_, index) => verdicts[index]);
}

function reason(key: string, value: unknown): string {
  return refusalOf(aRule({ selection: { [key]: value }, condition: 'selection' })).reason;
}

describe('contains, startswith and endswith', () => {
  it('place the value and keep its wildcards live', () => {
    expect(texts('A|contains', 'l?o', ['Hello you', 'HELLO', 'helo'])).toEqual([
      'Hello you',
      'HELLO',
    ]);
    expect(texts('A|startswith', 'pre', ['PREfix', 'xpre'])).toEqual(['PREfix']);
    expect(texts('A|endswith', '.exe', ['a.EXE', 'a.exe2'])).toEqual(['a.EXE']);
  });
});

describe('all', () => {
  it('asks for every value of the list', () => {
    expect(texts('A|contains|all', ['-enc', '-nop'], ['ps -nop -enc x', 'ps -enc x'])).toEqual([
      'ps -nop -enc x',
    ]);
  });

  it('lets different elements of an array satisfy different values', () => {
    expect(matchesOf({ 'A|all': ['x', 'y'] }, [{ A: ['y', 'x'] }, { A: ['x'] }])).toEqual([
      true,
      false,
    ]);
  });

  it('is refused on a single value', () => {
    expect(reason('A|all', 'x')).toContain('needs a list');
  });
});

describe('re', () => {
  it('is case-sensitive and not anchored', () => {
    expect(texts('A|re', 'ab+c', ['xabbcx', 'ABC'])).toEqual(['xabbcx']);
  });

  it('takes the flags i, m and s, and a leading (?i)', () => {
    expect(texts('A|re|i', '^ab$', ['AB', 'xAB'])).toEqual(['AB']);
    expect(texts('A|re', '(?i)^ab$', ['AB'])).toEqual(['AB']);
    expect(texts('A|re|m', '^b$', ['a\nb'])).toEqual(['a\nb']);
    expect(texts('A|re|s', 'a.b', ['a\nb'])).toEqual(['a\nb']);
    expect(texts('A|re', 'a.b', ['a\nb'])).toEqual([]);
  });

  it('leaves stars and backslashes to the expression', () => {
    expect(texts('A|re', String.raw`^\\\\x.*$`, [String.raw`\\xyz`, 'xyz'])).toEqual([
      String.raw`\\xyz`,
    ]);
  });

  it('is refused when it needs backtracking', () => {
    expect(reason('A|re', '(?=a)b')).toContain('cannot run in linear time');
    expect(reason('A|re', String.raw`(a)\1`)).toContain('cannot run in linear time');
    expect(reason('A|i', 'a')).toContain("must follow 're'");
  });

  it('runs in linear time on an expression that makes backtracking engines hang', () => {
    const startedAt = performance.now();
    expect(texts('A|re', '^(a+)+$', ['a'.repeat(50_000) + 'b'])).toEqual([]);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});

describe('windash', () => {
  it('takes any of five dashes, also under all', () => {
    const lines = ['x -f -q', 'x /f –q', 'x —f ―q', 'x f q'];
    expect(texts('A|windash|contains', ' -f', lines)).toEqual(lines.slice(0, 3));
    expect(texts('A|contains|windash|all', [' -f', ' /q'], lines)).toEqual(lines.slice(0, 3));
  });
});

describe('cidr', () => {
  it('takes IPv4 and IPv6 networks', () => {
    expect(texts('A|cidr', '10.0.0.0/8', ['10.1.2.3', '11.1.2.3', '10.x', '::a01:203'])).toEqual([
      '10.1.2.3',
    ]);
    expect(
      texts('A|cidr', 'fe80::/10', ['fe80::1', 'FEBF:0:0:0:0:0:0:1', 'fec0::1', 'fe80::1%eth0']),
    ).toEqual(['fe80::1', 'FEBF:0:0:0:0:0:0:1', 'fe80::1%eth0']);
    expect(texts('A|cidr', '::ffff:10.0.0.0/104', ['::ffff:10.9.9.9', '::ffff:11.0.0.1'])).toEqual([
      '::ffff:10.9.9.9',
    ]);
    expect(texts('A|cidr', '0.0.0.0/0', ['255.255.255.255', '1.2.3.4.5', '1.2.3.256'])).toEqual([
      '255.255.255.255',
    ]);
  });

  it('is refused when it is no network', () => {
    for (const network of ['10.0.0.0', '10.0.0.0/33', '10.0.0/8', 'x/8', '1::2::3/64']) {
      expect(reason('A|cidr', network)).toContain('is not a network');
    }
  });
});

describe('base64, base64offset and the encodings before them', () => {
  const base64 = (text: string, encoding: BufferEncoding = 'utf8'): string =>
    Buffer.from(text, encoding).toString('base64');

  it('encode the value', () => {
    expect(texts('A|base64', 'http://é', [base64('http://é'), 'http://é'])).toEqual([
      base64('http://é'),
    ]);
  });

  it('find the value at any of the three offsets', () => {
    const lines = ['powershell', 'xpowershell y', 'xxpowershell', 'xxxpowershell'].map((text) =>
      base64(text),
    );
    expect(
      texts('A|base64offset|contains', 'powershell', [...lines, base64('power shell')]),
    ).toEqual(lines);
  });

  it('re-encode as UTF-16 first', () => {
    const little = base64('cmd', 'utf16le');
    const big = Buffer.from('cmd', 'utf16le').swap16().toString('base64');
    const marked = Buffer.concat([
      Buffer.from([0xff, 0xfe]),
      Buffer.from('cmd', 'utf16le'),
    ]).toString('base64');
    for (const name of ['wide', 'utf16le'])
      expect(texts(`A|${name}|base64`, 'cmd', [little, big])).toEqual([little]);
    expect(texts('A|utf16be|base64', 'cmd', [little, big])).toEqual([big]);
    expect(texts('A|utf16|base64', 'cmd', [little, marked])).toEqual([marked]);
  });

  it('are refused with wildcards, and an encoding without base64', () => {
    expect(reason('A|base64', 'a*b')).toContain('wildcards');
    expect(reason('A|wide', 'cmd')).toContain('must be followed by base64');
  });
});

describe('cased', () => {
  it('minds the case, also with contains', () => {
    expect(texts('A|cased', 'Foo', ['Foo', 'foo'])).toEqual(['Foo']);
    expect(texts('A|contains|cased', 'Oo', ['fOo', 'foo'])).toEqual(['fOo']);
  });
});

describe('exists', () => {
  it('asks for the field only, which may be null or empty', () => {
    const events = [{ A: 'x' }, { A: '' }, { A: null }, { B: 1 }];
    expect(matchesOf({ 'A|exists': true }, events)).toEqual([true, true, true, false]);
    expect(matchesOf({ 'A|exists': false }, events)).toEqual([false, false, false, true]);
  });

  it('is refused with anything but true or false', () => {
    expect(reason('A|exists', 'perhaps')).toContain('true or false');
  });
});

describe('lt, lte, gt and gte', () => {
  it('compare numbers and decimal text', () => {
    expect(texts('A|gte', 10, [10, '11', 9.99, 'abc', '', '0x1f', true])).toEqual([10, '11']);
    expect(texts('A|lt', 0.5, ['-2', 0.5, ' 0.1', '4e-1'])).toEqual(['-2', '4e-1']);
    expect(texts('A|gt', 3, [3, 3.1])).toEqual([3.1]);
    expect(texts('A|lte', 3, [3, 3.1])).toEqual([3]);
  });

  it('are refused without a number', () => {
    expect(reason('A|gt', 'many')).toContain('needs a number');
  });
});

describe('neq', () => {
  it('asks for a field that is there and differs from every value', () => {
    const events = [{ A: 'x' }, { A: 'z' }, { A: null }, {}];
    expect(matchesOf({ 'A|neq': ['X', 'y'] }, events)).toEqual([false, true, false, false]);
    expect(matchesOf({ 'A|contains|neq': 'z' }, events)).toEqual([true, false, false, false]);
  });
});

describe('fieldref', () => {
  it('compares with another field of the event', () => {
    const events = [{ A: 'x', B: 'X' }, { A: 'xy', B: 'x' }, { A: 'x' }, { B: 'x' }];
    expect(matchesOf({ 'A|fieldref': 'B' }, events)).toEqual([true, false, false, false]);
    expect(matchesOf({ 'A|fieldref|startswith': 'B' }, events)).toEqual([true, true, false, false]);
    expect(matchesOf({ 'A|fieldref|endswith': 'B' }, [{ A: 'yx', B: 'X' }])).toEqual([true]);
    expect(matchesOf({ 'A|fieldref|contains': 'B' }, [{ A: 'yxy', B: 'X' }])).toEqual([true]);
    expect(matchesOf({ 'A|fieldref|neq': 'B' }, events)).toEqual([false, true, false, false]);
    expect(matchesOf({ 'A|fieldref|cased': 'B' }, events)).toEqual([false, false, false, false]);
  });
});

describe('a part of a date', () => {
  it.each([
    ['year', 2026],
    ['month', 2],
    ['day', 3],
    ['week', 6],
    ['hour', 4],
    ['minute', 5],
  ])('is a number taken out of the text: %s', (part, number) => {
    const dates = [
      ...['2026-02-03T04:05:06.789Z', '2026-02-03 04:05:06', '2026/02/03 04:05'],
      ...['2026-02-03T04:05+09:00', '1999-12-31T23:59', 'today', 5],
    ];
    expect(texts(`A|${part}`, number, dates)).toEqual(dates.slice(0, 4));
  });

  it('is compared by the modifier that follows', () => {
    const dates = ['2026-02-03T21:00', '2026-02-03T22:00', '2026-02-03'];
    expect(texts('A|hour|gte', 22, dates)).toEqual(['2026-02-03T22:00']);
    expect(texts('A|hour|neq', 22, dates)).toEqual(['2026-02-03T21:00', '2026-02-03']);
    expect(texts('A|day', [3, 4], dates)).toEqual(dates);
  });

  it('counts weeks as ISO 8601 does, and takes no date that is not on the calendar', () => {
    const dates = ['2020-12-31', '2021-01-03', '2021-01-04', '2021-02-30'];
    expect(texts('A|week', 53, dates)).toEqual(['2020-12-31', '2021-01-03']);
    expect(texts('A|month', 2, dates)).toEqual([]);
  });

  it('needs a number, and stands before what compares it', () => {
    expect(reason('A|hour', 'noon')).toBe('a part of a date is a number');
    expect(reason('A|gte|hour', 1)).toBe('a modifier that needs the plain value follows another');
  });
});

describe('a modifier that is not run', () => {
  it.each(['numeric', 'Contains'])('is refused: %s', (name) => {
    expect(reason(`A|${name}`, '1')).toBe(`modifier '${name}': unknown`);
  });
});
