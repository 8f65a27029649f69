import { join, resolve } from 'node:path';

/** The checkout. */
export const root = resolve(import.meta.dirname, '../..');

/** `--data-dir`, to spread into the options of `parseArgs`. */
export const dataDirOption = { 'data-dir': { type: 'string' } } as const;

/** A line for the help of every command that takes the option. */
export const dataDirHelp =
  '    --data-dir D         default .vedette in the checkout; a relative one counts from the current folder\n';

/** A relative one counts from the current folder; without one every folder means the checkout's. */
export function toDataDir(option: string | undefined): string {
  return option === undefined ? join(root, '.vedette') : resolve(option);
}
