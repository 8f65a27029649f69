/** Clocks of a Windows record that are in UTC by definition. */
const utcKeys = new Set(['UtcTime', 'CreationUtcTime', 'PreviousCreationUtcTime']);
/** Clocks that collectors write, in half of the public captures in somebody's local time. */
const collectorKeys = new Set([
  'TimeCreated',
  'SystemTime',
  'EventTime',
  'EventReceivedTime',
  '@timestamp',
]);
const maxDepth = 8;

type JsonObject = Record<string, unknown>;

interface ClockReading {
  readonly holder: JsonObject;
  readonly key: string;
  readonly time: ParsedTime;
}

/** Finds every clock of a record that can be read. */
function readClocks(record: unknown): ClockReading[] {
  const readings: ClockReading[] = [];
  const visit = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > maxDepth) return;
    for (const [key, child] of Object.entries(value)) {
      if (typeof child === 'string' && (utcKeys.has(key) || collectorKeys.has(key))) {
        const time = parseTime(child);
        if (time) readings.push({ holder: value as JsonObject, key, time });
      } else visit(child, depth + 1);
    }
  };
  visit(record, 0);
  return readings;
}

/** How far each collector clock of a file is ahead of UTC, in ms, by key. */
export type ClockOffsets = ReadonlyMap<string, number>;

/** What one pass over a file tells of its clocks. */
export interface FileClocks {
  readonly offsets: ClockOffsets;
  /** Corrected time of the first and last event, epoch ms; NaN when no record has a clock. */
  readonly oldest: number;
  readonly newest: number;
}

/** Whole quarters of an hour are time zones; what is less is delay between event and collector. */
const zoneStepMs = 15 * 60_000;

/** Measures a file: offset = median of collector clock − UtcTime over records that have both. */
export async function measureClocks(records: AsyncIterable<unknown>): Promise<FileClocks> {
  const differences = new Map<string, number[]>();
  const extremes = new Map<string, { oldest: number; newest: number }>();
  for await (const record of records) {
    const readings = readClocks(record);
    const utc = readings.find(({ key }) => key === 'UtcTime')?.time.epochMs;
    for (const { key, time } of readings) {
      if (key !== 'UtcTime' && utcKeys.has(key)) continue;
      const seen = extremes.get(key) ?? { oldest: Infinity, newest: -Infinity };
      extremes.set(key, {
        oldest: Math.min(seen.oldest, time.epochMs),
        newest: Math.max(seen.newest, time.epochMs),
      });
      if (utc === undefined || !collectorKeys.has(key)) continue;
      const list = differences.get(key) ?? [];
      list.push(time.epochMs - utc);
      differences.set(key, list);
    }
  }
  const offsets = new Map([...differences].map(([key, list]) => [key, toZone(median(list))]));
  const corrected = [...extremes].map(([key, { oldest, newest }]) => {
    const offset = offsets.get(key) ?? 0;
    return { oldest: oldest - offset, newest: newest - offset };
  });
  if (corrected.length === 0) return { offsets, oldest: NaN, newest: NaN };
  return {
    offsets,
    oldest: Math.min(...corrected.map(({ oldest }) => oldest)),
    newest: Math.max(...corrected.map(({ newest }) => newest)),
  };
}

/** Moves a record's clocks in place: collector clocks to UTC, then all by the same amount. */
export function moveClocks(record: unknown, offsets: ClockOffsets, shiftMs: number): void {
  for (const { holder, key, time } of readClocks(record)) {
    const offset = utcKeys.has(key) ? 0 : (offsets.get(key) ?? 0);
    holder[key] = formatTime(time, time.epochMs - offset + shiftMs);
  }
}

interface ParsedTime {
  readonly epochMs: number;
  readonly separator: string;
  /** Digits after the point, with it: kept beyond the millisecond. */
  readonly fraction: string;
  readonly zone: string;
}

const timeShape = /^(\d{4}-\d{2}-\d{2})([ T])(\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2})?$/;

function parseTime(text: string): ParsedTime | null {
  const [, date, separator = ' ', clock, fraction = '', zone = ''] = timeShape.exec(text) ?? [];
  if (!date || !clock) return null;
  const epochMs = Date.parse(`${date}T${clock}${fraction.slice(0, 4)}${zone || 'Z'}`);
  return Number.isNaN(epochMs) ? null : { epochMs, separator, fraction, zone };
}

/** The same layout as before, in UTC where a zone stands. */
function formatTime({ separator, fraction, zone }: ParsedTime, epochMs: number): string {
  const iso = new Date(epochMs).toISOString();
  const digits = fraction
    ? `.${iso.slice(20, 23)}${fraction.slice(4)}`.slice(0, fraction.length)
    : '';
  return `${iso.slice(0, 10)}${separator}${iso.slice(11, 19)}${digits}${zone ? 'Z' : ''}`;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function toZone(differenceMs: number): number {
  return Math.round(differenceMs / zoneStepMs) * zoneStepMs;
}
