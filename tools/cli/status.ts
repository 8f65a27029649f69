import process from 'node:process';
import { parseArgs } from 'node:util';
import { readStatus } from '../local-stack/status.ts';
import { dataDirHelp, dataDirOption, toDataDir } from './data-dir.ts';

const HELP = `vedette status [--data-dir D]
    Prints {ready, services, consumers: [{stream, durable, pending}], outbox: [{service, rows,
    oldestSeconds}], deadLetters} as one line. Exits with 0 only when everything is ready.
${dataDirHelp}`;

export async function status(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { ...dataDirOption, help: { type: 'boolean', short: 'h', default: false } },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const seen = await readStatus(toDataDir(values['data-dir']));
  process.stdout.write(`${JSON.stringify(seen)}\n`);
  return seen.ready ? 0 : 1;
}
