import process from 'node:process';
import { parseArgs } from 'node:util';
import { readPrincipals, signAccessToken } from '../local-stack/principals.ts';
import { dataDirHelp, dataDirOption, toDataDir } from './data-dir.ts';
import { UsageError } from './usage-error.ts';

const HELP = `vedette token PRINCIPAL [--data-dir D]
    Prints an access token for a local principal, valid for one hour, and nothing else.
    The principals are the keys of "principals" in endpoints.json, such as operatorAdmin.
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
  const principals = await readPrincipals(dataDir);
  const known = Object.keys(principals).join(', ') || `none yet, run 'vedette up' first`;
  const [key] = positionals;
  if (key === undefined) throw new UsageError(`which principal? known: ${known}`);
  const principal = Object.hasOwn(principals, key) ? principals[key] : undefined;
  if (principal === undefined) {
    process.stderr.write(`vedette: there is no principal '${key}'; known: ${known}\n`);
    return 1;
  }
  process.stdout.write(`${(await signAccessToken(dataDir, principal)).token}\n`);
  return 0;
}
