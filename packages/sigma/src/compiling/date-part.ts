/** Takes a number out of a date's text; undefined when the text is no date or has no such part. */
export type DatePart = (text: string) => number | undefined;

/**
 * `2026-01-31` or `2026/01/31`, alone or followed by `T` or a blank and a time of which hours and minutes are read. What
 * follows (seconds, a zone) is passed over: the specification wants no time zone handling.
 */
const DATE = /^(\d{4})[-/](\d{2})[-/](\d{2})(?:$|[T ](\d{2}):(\d{2})(?!\d))/;
const DAY_MS = 86_400_000;

/** Dates come in runs of the same text, and several terms ask for the same one. */
let lastText = '';
let lastParts: readonly (number | undefined)[] | null = null;

/** The modifiers by name. */
export const DATE_PARTS: ReadonlyMap<string, DatePart> = new Map<string, DatePart>([
  ['year', (text) => partsOf(text)?.[0]],
  ['month', (text) => partsOf(text)?.[1]],
  ['day', (text) => partsOf(text)?.[2]],
  ['hour', (text) => partsOf(text)?.[3]],
  ['minute', (text) => partsOf(text)?.[4]],
  ['week', weekOf],
]);

function partsOf(text: string): readonly (number | undefined)[] | null {
  if (text === lastText) return lastParts;
  const found = DATE.exec(text);
  lastText = text;
  lastParts =
    found === null
      ? null
      : found.slice(1).map((part) => (part === undefined ? undefined : Number(part)));
  if (lastParts !== null && !isOnCalendar(lastParts)) lastParts = null;
  return lastParts;
}

function isOnCalendar([year = 0, month = 0, day = 0, hour = 0, minute = 0]: readonly (
  number | undefined
)[]): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60;
}

/** The week by ISO 8601: the one that holds the year's first Thursday is the first, and weeks begin on Monday. */
function weekOf(text: string): number | undefined {
  const parts = partsOf(text);
  if (parts === null) return undefined;
  const [year = 0, month = 1, day = 1] = parts;
  const date = Date.UTC(year, month - 1, day);
  const weekday = (new Date(date).getUTCDay() + 6) % 7;
  const thursday = date + (3 - weekday) * DAY_MS;
  const newYear = Date.UTC(new Date(thursday).getUTCFullYear(), 0, 1);
  return 1 + Math.floor((thursday - newYear) / DAY_MS / 7);
}
