import process from 'node:process';
import { isUsageError } from './usage-error.ts';

/** Every subcommand with its line in the help. It lives in the file of its name. */
const commands = {
  up: 'start the whole product on this machine',
  down: "stop everything that 'up' started",
  status: 'say what runs, what is pending, and whether it is ready',
  token: 'print a fresh access token for a local principal',
  schema: 'print the API schema (SDL)',
  replay: 'send recorded events through HTTP ingestion',
  background: 'print ordinary activity of invented companies',
  normalise: 'turn connector records into normalised events',
  sigma: 'match, check or test detection rules',
  'dead-letters': 'list or replay messages that were given up',
  outbox: 'publish stored events again',
  bench: 'measure, and print one JSON object',
} as const;

type Command = (args: readonly string[]) => Promise<number>;

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    (name === undefined ? process.stderr : process.stdout).write(toHelp());
    return name === undefined ? 2 : 0;
  }
  if (!Object.hasOwn(commands, name)) {
    say(`there is no command '${name}'`);
    process.stderr.write(toHelp());
    return 2;
  }
  try {
    return await (
      await load(name)
    )(args);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    say(isUsageError(error) ? `${error.message} (see 'vedette ${name} --help')` : error.message);
    if (error.cause instanceof Error && !error.message.includes(error.cause.message))
      say(`because of: ${error.cause.message}`);
    return isUsageError(error) ? 2 : 1;
  }
}

/** Loads the command's file alone: most need only a small part of the workspace. */
async function load(name: string): Promise<Command> {
  const module = (await import(`./${name}.ts`)) as Readonly<Record<string, unknown>>;
  const command = module[name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())];
  if (typeof command !== 'function') throw new Error(`the command '${name}' has no function`);
  return command as Command;
}

function toHelp(): string {
  const lines = Object.entries(commands).map(([name, text]) => `  ${name.padEnd(14)}${text}`);
  return `vedette <command> [--help]\n\n${lines.join('\n')}\n`;
}

function say(message: string): void {
  process.stderr.write(`vedette: ${message}\n`);
}

/** A reader that has seen enough (`| head`) is no failure. Only 'up' goes on: it has a stack to look after. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  if (process.argv[2] !== 'up') process.exit(0);
});

const exitCode = await main(process.argv.slice(2));
// Idle keep-alive sockets must not delay the end, but what was printed must have left.
process.stdout.write('', () => process.exit(exitCode));
