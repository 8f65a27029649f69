import process from 'node:process';
import { parseArgs } from 'node:util';
import { obtainToken, principalKeys } from '../local-stack/tokens.ts';
import { dataDirHelp, dataDirOption, toDataDir } from './data-dir.ts';
import { UsageError } from './usage-error.ts';

const HELP = `vedette token PRINCIPAL [--data-dir D]
    Signs in to the running stack's OpenID provider as one of the demonstration users and prints
    the access token, valid for one hour, and nothing else; for 'integration' its API key.
    The principals: ${principalKeys.join(', ')}.
${dataDirHelp}`;

export async function token(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { ...dataDirOption, help: { type: 'boolean', short: 'h', default: false } },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const dataDir = toDataDir(values['data-dir']);
  const [key] = positionals;
  if (key === undefined) {
    throw new UsageError(`which principal? known: ${principalKeys.join(', ')}`);
  }
  process.stdout.write(`${await obtainToken(dataDir, key)}\n`);
  return 0;
}
