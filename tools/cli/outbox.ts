import { parseArgs } from 'node:util';
import { withDatabase } from '../local-stack/operator-connections.ts';
import { databaseServices } from '../local-stack/processes.ts';
import { dataDirHelp, dataDirOption, toDataDir } from './data-dir.ts';
import { UsageError } from './usage-error.ts';

const HELP = `vedette outbox republish --service NAME --from TIME [--to TIME] [--apply] [--data-dir D]
    Publishes stored events of a service again, for a stream that was lost. Consumers that had them
    do nothing a second time. Prints {service, events, applied}; without --apply only counts.
    TIME is RFC 3339, such as 2026-01-31T08:00:00Z; --to is now when left out.
${dataDirHelp}`;

const outboxOptions = {
  ...dataDirOption,
  help: { type: 'boolean', short: 'h', default: false },
  service: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  apply: { type: 'boolean', default: false },
} as const;

export async function outbox(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: outboxOptions,
    allowPositionals: true,
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const service = databaseServices.find((name) => name === values.service);
  if (positionals[0] !== 'republish') {
    process.stderr.write(HELP);
    return 2;
  }
  if (!values.from) throw new UsageError('--from is missing');
  if (!service) throw new UsageError(`--service must be one of ${databaseServices.join(', ')}`);
  const from = toTime('--from', values.from);
  const to = values.to ? toTime('--to', values.to) : new Date();
  if (from >= to) throw new UsageError('--from must be before --to');
  const condition = 'created_at >= $1 and created_at < $2 and published_at is not null';
  const events = await withDatabase(toDataDir(values['data-dir']), async (client) => {
    const table = `${client.escapeIdentifier(service)}.outbox`;
    const { rows, rowCount } = await client.query<{ events: number }>(
      values.apply
        ? `update ${table} set published_at = null where ${condition}`
        : `select count(*)::int as events from ${table} where ${condition}`,
      [from, to],
    );
    return rows[0]?.events ?? rowCount ?? 0;
  });
  process.stdout.write(`${JSON.stringify({ service, events, applied: values.apply })}\n`);
  return 0;
}

/** @throws {UsageError} not a time */
function toTime(option: string, text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime()))
    throw new UsageError(`${option} must be a time such as 2026-01-31T08:00:00Z, not '${text}'`);
  return time;
}
