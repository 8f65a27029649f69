import { once } from 'node:events';

/** Data goes to stdout. Waits when the reader is slower, so that memory stays constant. */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** Talk goes to stderr. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function count(items: readonly unknown[], noun: string): string {
  return `${String(items.length)} ${noun}${items.length === 1 ? '' : 's'}`;
}
