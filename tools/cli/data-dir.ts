import { isAbsolute, join, resolve } from 'node:path';

/** The checkout. */
export const root = resolve(import.meta.dirname, '../..');

/** `--data-dir`, to spread into the options of `parseArgs`. */
export const dataDirOption = { 'data-dir': { type: 'string', default: '.vedette' } } as const;

/** A relative one counts from the checkout, so that every folder means the same stack. */
export function toDataDir(option: string): string {
  return isAbsolute(option) ? option : join(root, option);
}
