import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { backgroundOf } from '../local-stack/activity/background/background.ts';
import type { Estate } from '../local-stack/activity/estate.ts';
import { inventedEstates } from '../local-stack/activity/invented-estates.ts';
import { UsageError } from './usage-error.ts';

const HELP = `vedette background [--customers N] [--customer I] [--days N] [--until ISO] [--seed S] [--events-per-day N]
    Prints what goes on at invented companies when nobody attacks them: Windows records as NDJSON, each company's in
    order of time. The same options give the same records.
    --customers N        how many companies (default 1), one after the other
    --customer I         the I-th of them alone, from 1
    --days N             how many days (default 1)
    --until ISO          the end, not included; default the last full hour
    --seed S             any text (default vedette)
    --events-per-day N   about how many for each company and day (default 5000)
`;

const backgroundOptions = {
  help: { type: 'boolean', short: 'h', default: false },
  customers: { type: 'string', default: '1' },
  customer: { type: 'string' },
  days: { type: 'string', default: '1' },
  until: { type: 'string' },
  seed: { type: 'string', default: 'vedette' },
  'events-per-day': { type: 'string', default: '5000' },
} as const;

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Enough to make one write worth its call. */
const chunkLength = 64 * 1024;

export async function background(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: backgroundOptions });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const to = toMoment(values.until);
  const span = {
    from: to - toCount('--days', values.days) * dayMs,
    to,
    seed: values.seed,
    eventsPerDay: toCount('--events-per-day', values['events-per-day']),
  };
  for (const estate of chooseEstates(values)) await print(backgroundOf({ estate, ...span }));
  return 0;
}

function chooseEstates(values: {
  readonly customers: string;
  readonly customer?: string | undefined;
  readonly seed: string;
}): readonly Estate[] {
  const { customer, seed } = values;
  if (customer === undefined)
    return inventedEstates(toCount('--customers', values.customers), seed);
  return inventedEstates(toCount('--customer', customer), seed).slice(-1);
}

async function print(records: Iterable<object>): Promise<void> {
  let chunk = '';
  for (const record of records) {
    chunk += `${JSON.stringify(record)}\n`;
    if (chunk.length < chunkLength) continue;
    // A reader that is slower than we are must not make this process grow.
    if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
    chunk = '';
  }
  process.stdout.write(chunk);
}

const moment = z.union([z.iso.datetime({ offset: true }), z.iso.date()]);

/** @throws {UsageError} not a time that there is, such as the 31st of February */
function toMoment(text: string | undefined): number {
  if (text === undefined) return Math.floor(Date.now() / hourMs) * hourMs;
  if (!moment.safeParse(text).success)
    throw new UsageError(`--until must be a time such as 2026-11-02T08:00:00Z, not '${text}'`);
  return Date.parse(text);
}

/** What is asked for beyond this is a slip of the finger. */
const most = {
  '--customers': 10_000,
  '--customer': 10_000,
  '--days': 3_650,
  '--events-per-day': 1_000_000,
};

/** @throws {UsageError} not a whole number from 1, or more than anybody means */
function toCount(option: keyof typeof most, text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > most[option])
    throw new UsageError(
      `${option} must be a whole number from 1 to ${most[option]}, not '${text}'`,
    );
  return count;
}
