import process from 'node:process';
import { parseArgs } from 'node:util';
import { stopProcess } from '@vedette/testkit/servers';
import { removeEndpoints } from '../local-stack/endpoints.ts';
import { findSupervisor, removeRunRecord, stopLeftovers } from '../local-stack/run-record.ts';
import { dataDirHelp, dataDirOption, toDataDir } from './data-dir.ts';

const HELP = `vedette down [--data-dir D]
    Stops everything that 'vedette up' started, in order. The data stays.
${dataDirHelp}`;

/** Longer than an orderly stop of everything may take; see the time-outs of the local stack. */
const stopTimeoutMs = 120_000;

export async function down(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { ...dataDirOption, help: { type: 'boolean', short: 'h', default: false } },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const dataDir = toDataDir(values['data-dir']);
  const supervisor = await findSupervisor(dataDir);
  if (supervisor === null) {
    say('no stack runs here');
  } else {
    say('stopping …');
    await stopProcess(supervisor, [
      ['SIGTERM', stopTimeoutMs],
      ['SIGKILL', 2_000],
    ]);
  }
  await stopLeftovers(dataDir, say);
  await removeEndpoints(dataDir);
  await removeRunRecord(dataDir);
  if (supervisor !== null) say('stopped');
  return 0;
}

function say(message: string): void {
  process.stderr.write(`vedette: ${message}\n`);
}
