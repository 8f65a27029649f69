import { isIP } from 'node:net';
import { InvalidInputError, isPublicAddress } from '@vedette/service-kit';

/**
 * @param problem what is wrong with the field, and not the rule that it breaks: `is in the past`
 * @throws {InvalidInputError} always
 */
export function refuseInput(path: string, problem: string): never {
  throw new InvalidInputError(`'${path}' is not valid: ${problem}.`, [{ path, problem }]);
}

/**
 * Text from outside, without the blanks around it: 1 to `maxLength` characters, no NUL, which
 * PostgreSQL cannot hold, and no half of a surrogate pair.
 * @throws {InvalidInputError} it is not such text
 */
export function parseText(path: string, value: string, maxLength = 200): string {
  const text = value.trim();
  if (text === '') refuseInput(path, 'is empty');
  if (text.length > maxLength) refuseInput(path, `is longer than ${maxLength} characters`);
  if (text.includes('\0') || !text.isWellFormed()) refuseInput(path, 'is not text');
  return text;
}

/**
 * What does not show, or changes how what is beside it shows: controls, zero-width characters, those
 * that turn the direction of text, fillers. Joiners (U+200C, U+200D) have their place in emoji and in
 * many scripts, and none behind a letter of ours.
 */
const hidden =
  /(?![\u200C\u200D])[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\u115F\u1160\u2800\u3164\uFFA0]|[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Nd}][\u200C\u200D]/u;

/** With one of these a spreadsheet begins a formula (OWASP: CSV injection). */
const formulaStart = /^[=+\-@]/;

/**
 * A short text that people know something by, in one form (NFC), so that what looks the same is the
 * same. Lists of such texts end up in spreadsheets.
 * @throws {InvalidInputError} it does not show as it is, or begins like a formula
 */
export function parseLabel(path: string, value: string, maxLength = 200): string {
  const label = parseText(path, value.normalize('NFC'), maxLength);
  if (hidden.test(label)) refuseInput(path, 'holds a character that does not show');
  // NFKC, since fullwidth signs count like the plain ones.
  if (formulaStart.test(label.normalize('NFKC'))) refuseInput(path, formulaProblem);
  return label;
}

export const formulaProblem = 'begins like a formula of a spreadsheet (=, +, -, @, tab)';

/** A name that people know something by. */
export function parseName(name: string, path = 'input.name'): string {
  return parseLabel(path, name);
}

/** What was left out or given as null becomes null; everything else is parsed. */
export function parseOptional<Value, Parsed>(
  path: string,
  value: Value | null | undefined,
  parse: (path: string, value: Value) => Parsed,
): Parsed | null {
  return value === null || value === undefined ? null : parse(path, value);
}

/**
 * A list with at most `max` items, each parsed under its own path (`input.rungs.0`).
 * @throws {InvalidInputError} it is longer, or an item is not valid
 */
export function parseList<Value, Parsed>(
  path: string,
  values: readonly Value[] | null | undefined,
  max: number,
  parse: (path: string, value: Value) => Parsed,
): Parsed[] {
  if (!values) return [];
  if (values.length > max) refuseInput(path, `has more than ${max}`);
  return values.map((value, index) => parse(`${path}.${index}`, value));
}

/** RFC 5321's limits; within them whatever has no blank, control or quoting character. */
const emailShape =
  /^[^\s\p{C}@<>()[\]\\,;:"]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,63}$/u;
const maxEmailLength = 254;

/** @throws {InvalidInputError} it is no e-mail address */
export function parseEmail(path: string, value: string): string {
  const email = parseText(path, value, maxEmailLength);
  if (!emailShape.test(email)) refuseInput(path, 'is not an e-mail address');
  return email;
}

/** ITU-T E.164: a plus, a country code that does not begin with 0, 15 digits at most. */
const phoneShape = /^\+[1-9]\d{6,14}$/;

/** A telephone number, such as +4940123456. Blanks and hyphens are for people and left out. */
export function parsePhone(path: string, value: string): string {
  const phone = parseText(path, value, 40).replaceAll(/[ -]/g, '');
  if (!phoneShape.test(phone)) refuseInput(path, 'is not a number in E.164, such as +4940123456');
  return phone;
}

/** An address that is called by us: https, out on the internet, without credentials in it. */
export function parseHttpsUrl(path: string, value: string): string {
  const text = parseText(path, value, 2_000);
  const url = URL.parse(text);
  if (url?.protocol !== 'https:') refuseInput(path, 'is not an https URL');
  if (url.username !== '' || url.password !== '') refuseInput(path, 'holds credentials');
  if (isInternal(url)) refuseInput(path, 'leads to no public address');
  return url.href;
}

/** Whether the text says so already; what a name leads to is looked up before each call. */
function isInternal({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(host) ? !isPublicAddress(host) : /(?:^|\.)localhost\.?$/.test(host);
}

/** A language in its canonical spelling (BCP 47), such as `de-AT`. */
export function parseLanguage(path: string, value: string): string {
  const text = parseText(path, value, 35);
  try {
    const [language = ''] = Intl.getCanonicalLocales(text);
    // Longer ones are well-formed and reserved; no language has one.
    if (/^[a-z]{2,3}(?:-|$)/.test(language)) return language;
  } catch {
    // Not a language tag: refused below like an empty one.
  }
  return refuseInput(path, 'is not a BCP 47 language, such as de-AT');
}

/** A name of the IANA time zone database, such as Europe/Berlin, as that database spells it. */
export function parseTimeZone(path: string, value: string): string {
  const text = parseText(path, value, 64);
  try {
    // Intl takes offsets such as +01:00 too, which know no summer time.
    if (/^[A-Za-z]/.test(text)) {
      const known = new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
      // An alias stays what it is: which of its names is canonical changes between versions.
      return known.toLowerCase() === text.toLowerCase() ? known : text;
    }
  } catch {
    // No such zone: refused below.
  }
  return refuseInput(path, 'is not an IANA time zone, such as Europe/Berlin');
}

const timeOfDayShape = /^(?<hour>[01]\d|2[0-3]):(?<minute>[0-5]\d)$/;

/** Minutes since midnight of `HH:MM`. */
export function parseTimeOfDay(path: string, value: string): number {
  const { hour, minute } = timeOfDayShape.exec(value)?.groups ?? {};
  if (hour === undefined || minute === undefined) refuseInput(path, 'is not a time as HH:MM');
  return Number(hour) * 60 + Number(minute);
}

/** `HH:MM` of minutes since midnight. */
export function formatTimeOfDay(minuteOfDay: number): string {
  const twoDigits = (number: number): string => String(number).padStart(2, '0');
  return `${twoDigits(Math.floor(minuteOfDay / 60))}:${twoDigits(minuteOfDay % 60)}`;
}

/** A SHA-256 in hexadecimal, in small letters. */
export function parseSha256(path: string, value: string): string {
  if (!/^[0-9a-f]{64}$/i.test(value)) refuseInput(path, 'is not a SHA-256 in hexadecimal');
  return value.toLowerCase();
}

/** ISO 3166-1 alpha-2, officially assigned codes (2026). */
const countries = new Set(
  (
    'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT ' +
    'BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ' +
    'ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT ' +
    'HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS ' +
    'LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI ' +
    'NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG ' +
    'SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG ' +
    'UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW'
  ).split(' '),
);

/** A country by its two letters, such as DE. */
export function parseCountry(path: string, value: string): string {
  const code = value.trim().toUpperCase();
  if (!countries.has(code)) refuseInput(path, 'is not an ISO 3166-1 alpha-2 country, such as DE');
  return code;
}
