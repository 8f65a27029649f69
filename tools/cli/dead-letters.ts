import { parseArgs } from 'node:util';
import { jetstream } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { replayForHeader } from '@vedette/event-bus';
import type pg from 'pg';
import { withBroker, withDatabase } from '../local-stack/operator-connections.ts';
import { databaseServices } from '../local-stack/processes.ts';
import { dataDirHelp, dataDirOption, toDataDir } from './data-dir.ts';
import { UsageError } from './usage-error.ts';

const HELP = `vedette dead-letters list|replay [--service NAME] [--consumer NAME] [--id N] [--apply] [--data-dir D]
    Messages that a consumer gave up, one JSON line each.
    list      those that were not replayed yet
    replay    sends them again, each to the consumer that gave it up; without --apply only says which
${dataDirHelp}`;

interface DeadLetterRow {
  readonly service: string;
  readonly id: string;
  readonly consumer: string;
  readonly stream: string;
  readonly subject: string;
  readonly reason: string;
  readonly deliveries: number;
  readonly deadAt: Date;
}

type StoredLetter = DeadLetterRow & {
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Buffer;
};

const deadLetterOptions = {
  ...dataDirOption,
  help: { type: 'boolean', short: 'h', default: false },
  service: { type: 'string' },
  consumer: { type: 'string' },
  id: { type: 'string' },
  apply: { type: 'boolean', default: false },
} as const;

export async function deadLetters(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: deadLetterOptions,
    allowPositionals: true,
  });
  const [verb] = positionals;
  if (values.help || (verb !== 'list' && verb !== 'replay')) {
    (values.help ? process.stdout : process.stderr).write(HELP);
    return values.help ? 0 : 2;
  }
  if (values.id !== undefined && !/^\d{1,18}$/.test(values.id))
    throw new UsageError(`--id must be a number, not '${values.id}'`);
  const services = findServices(values.service);
  const dataDir = toDataDir(values['data-dir']);
  return withDatabase(dataDir, async (client) => {
    const letters = await findLetters(client, services, values);
    if (verb === 'replay' && letters.length === 0) {
      process.stderr.write('vedette: no dead letter fits\n');
      return 1;
    }
    const isReplayed = verb === 'replay' && values.apply;
    if (isReplayed) await replayLetters(dataDir, client, letters);
    for (const { headers: _headers, payload: _payload, ...shown } of letters) {
      process.stdout.write(
        `${JSON.stringify({ ...shown, ...(verb === 'replay' ? { replayed: isReplayed } : {}) })}\n`,
      );
    }
    if (verb === 'replay' && !values.apply) {
      process.stderr.write('vedette: nothing was sent; add --apply to send these again\n');
    }
    return 0;
  });
}

/** @throws {UsageError} there is no such service */
function findServices(wanted: string | undefined): readonly string[] {
  const services = databaseServices.filter((name) => wanted === undefined || wanted === name);
  if (services.length === 0)
    throw new UsageError(`--service must be one of ${databaseServices.join(', ')}`);
  return services;
}

async function findLetters(
  client: pg.Client,
  services: readonly string[],
  wanted: {
    readonly consumer?: string | undefined;
    readonly id?: string | undefined;
  },
): Promise<StoredLetter[]> {
  const found: StoredLetter[] = [];
  for (const service of services) {
    const { rows } = await client.query<StoredLetter>(
      `select $1 as service, dead_letter_id as id, consumer, stream, subject, reason, deliveries,
              dead_at as "deadAt", headers, payload
       from ${client.escapeIdentifier(service)}.dead_letters
       where replayed_at is null and ($2::text is null or consumer = $2) and ($3::bigint is null or dead_letter_id = $3)
       order by dead_letter_id`,
      [service, wanted.consumer ?? null, wanted.id ?? null],
    );
    found.push(...rows);
  }
  return found;
}

/** Published first and marked then: a crash between the two sends a letter twice, which inboxes allow for. */
async function replayLetters(
  dataDir: string,
  client: pg.Client,
  letters: readonly StoredLetter[],
): Promise<void> {
  await withBroker(dataDir, async (connection) => {
    const publisher = jetstream(connection);
    for (const letter of letters) {
      const messageHeaders = headers();
      for (const [name, value] of Object.entries(letter.headers)) {
        if (!name.startsWith('Nats-')) messageHeaders.set(name, value);
      }
      messageHeaders.set(replayForHeader, letter.consumer);
      await publisher.publish(letter.subject, letter.payload, {
        headers: messageHeaders,
        expect: { streamName: letter.stream },
      });
      await client.query(
        `update ${client.escapeIdentifier(letter.service)}.dead_letters set replayed_at = now() where dead_letter_id = $1`,
        [letter.id],
      );
    }
  });
}
