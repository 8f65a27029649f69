import { describe, expect, it } from '@jest/globals';
import { InvalidInputError } from '@vedette/service-kit';
import {
  formatTimeOfDay,
  parseCountry,
  parseEmail,
  parseHttpsUrl,
  parseLabel,
  parseLanguage,
  parseList,
  parseOptional,
  parsePhone,
  parseSha256,
  parseText,
  parseTimeOfDay,
  parseTimeZone,
} from './input.ts';

type Parse = (path: string, value: string) => unknown;

/** What each takes, with what becomes of it, and what it refuses. */
const examples: Readonly<
  Record<
    string,
    { readonly parse: Parse; readonly takes: object; readonly refuses: readonly string[] }
  >
> = {
  text: {
    parse: (path, value) => parseText(path, value, 10),
    takes: { ' Inken ': 'Inken', '🌊🌊🌊🌊🌊': '🌊🌊🌊🌊🌊' },
    refuses: ['', '   ', 'eleven char', 'a\0b', '\ud800'],
  },
  label: {
    parse: (path, value) => parseLabel(path, value, 20),
    takes: {
      ' Mu\u0308ller & So\u0308hne ': 'Müller & Söhne',
      '🌊 Küste': '🌊 Küste',
      'می\u200cخواهم': 'می\u200cخواهم',
      'a=b': 'a=b',
    },
    refuses: [
      ...[
        '',
        'more than twenty chars',
        'a\0b',
        '\ud800',
        '\u200b',
        '\u3164',
        '\u2800',
        'Ha\u200dfen',
      ],
      ...[
        '=1+1',
        '+49',
        '-x',
        '@sum',
        '\uff1d1+1',
        ' \uff20x',
        '\u202egnp.exe',
        'a\u2066b',
        'a\nb',
      ],
    ],
  },
  'e-mail address': {
    parse: parseEmail,
    takes: {
      'jens@hafenwerk.example': 'jens@hafenwerk.example',
      "o'neill+soc@a-b.example": "o'neill+soc@a-b.example",
      'jürgen@müller.example': 'jürgen@müller.example',
    },
    refuses: [
      ...['jens', 'jens@', '@hafenwerk.example', 'jens@hafenwerk', 'a b@c.example'],
      ...['jens@hafenwerk.example\r\nBcc: all@x.example', 'Jens <jens@x.example>', 'a@b@c.example'],
      ...[`${'a'.repeat(65)}@b.example`, `a@${'b'.repeat(250)}.example`, 'a@-b.example'],
    ],
  },
  'telephone number': {
    parse: parsePhone,
    takes: { '+4940123456': '+4940123456', '+49 40 123-456': '+4940123456' },
    refuses: [
      '040123456',
      '+049123456',
      '+49',
      '+12345678901234567',
      '+49 40 CALL ME',
      '++4940123456',
    ],
  },
  'https URL': {
    parse: parseHttpsUrl,
    takes: { 'https://chat.example/hook?x=1': 'https://chat.example/hook?x=1' },
    refuses: [
      ...['https://127.0.0.1/x', 'https://[::1]/', 'https://10.0.0.8/', 'https://localhost/x'],
      ...['https://chat.localhost/', 'https://2130706433/'],
      ...['http://chat.example/', 'chat.example', 'javascript:alert(1)', 'https://', 'file:///etc'],
      ...['https://user:secret@chat.example/', `https://chat.example/${'x'.repeat(2_000)}`],
    ],
  },
  language: {
    parse: parseLanguage,
    takes: { de: 'de', 'de-at': 'de-AT', 'zh-hant-tw': 'zh-Hant-TW' },
    refuses: ['german', 'd', 'de_AT', '', `de-${'x'.repeat(40)}`],
  },
  'time zone': {
    parse: parseTimeZone,
    takes: { 'Europe/Berlin': 'Europe/Berlin', 'europe/berlin': 'Europe/Berlin', UTC: 'UTC' },
    refuses: ['Europe/Atlantis', '+01:00', '-05:00', 'CEST', '', 'Europe/Berlin\0'],
  },
  'time of day': {
    parse: parseTimeOfDay,
    takes: { '00:00': 0, '08:30': 510, '23:59': 1439 },
    refuses: ['24:00', '8:30', '08:60', '08-30', '', ' 08:30', '08:30:00'],
  },
  'SHA-256': {
    parse: parseSha256,
    takes: { ['AB'.repeat(32)]: 'ab'.repeat(32) },
    refuses: ['', 'ab', 'g'.repeat(64), 'ab'.repeat(33)],
  },
  country: {
    parse: parseCountry,
    takes: { DE: 'DE', ' at ': 'AT' },
    refuses: ['', 'D', 'DEU', 'XX', 'EU', 'UK', 'ZZ'],
  },
};

describe.each(Object.entries(examples))('a %s', (_, { parse, takes, refuses }) => {
  it.each(Object.entries(takes))('is taken as %j', (value, parsed) => {
    expect(parse('input.field', value)).toBe(parsed);
  });

  it.each(refuses)('is refused as %j, naming the field', (value) => {
    const refused = expect.objectContaining({
      code: 'BAD_USER_INPUT',
      details: { fields: [{ path: 'input.field', problem: expect.any(String) }] },
    });
    expect(() => parse('input.field', value)).toThrow(refused);
  });
});

describe('input', () => {
  it('that was left out or is null is null', () => {
    expect(parseOptional('input.email', undefined, parseEmail)).toBeNull();
    expect(parseOptional('input.email', null, parseEmail)).toBeNull();
    expect(() => parseOptional('input.email', '', parseEmail)).toThrow(InvalidInputError);
  });

  it('in a list is refused under its place, and a list that is too long as a whole', () => {
    expect(parseList('input.phones', null, 2, parsePhone)).toEqual([]);
    const phones = ['+4940123456', 'none'];
    expect(() => parseList('input.phones', phones, 2, parsePhone)).toThrow("'input.phones.1'");
    expect(() => parseList('input.phones', phones, 1, parsePhone)).toThrow('has more than 1');
  });

  it.each([
    [() => parseText('input.reason', ' '), "'input.reason' is not valid: is empty."],
    [() => parseText('input.reason', 'abc', 2), 'is longer than 2 characters'],
    [() => parseLabel('input.name', '=1'), 'begins like a formula of a spreadsheet'],
    [() => parseLabel('input.name', 'a\u202eb'), 'holds a character that does not show'],
  ])('is told what is wrong with it, and not the rule that it breaks: %#', (parse, problem) => {
    expect(parse).toThrow(problem);
  });

  it('of every minute of the day is shown as it was given', () => {
    const minutes = Array.from({ length: 24 * 60 }, (_, minute) => minute);
    expect(minutes.map((minute) => parseTimeOfDay('at', formatTimeOfDay(minute)))).toEqual(minutes);
  });
});
