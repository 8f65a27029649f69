import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { replayLines } from '../replay/replay-lines.ts';
import { sendEvents } from '../replay/send-events.ts';
import type { Endpoints } from './endpoints.ts';

/** An attack of our own writing, amid some ordinary activity, on two hosts of one customer. */
const scenario = fileURLToPath(new URL('demo/credential-theft.ndjson', import.meta.url));

/**
 * Replays the demonstration, once in the life of a data directory, through the same HTTP door that
 * every sensor uses. The newest event is now.
 */
export async function replayDemonstration(
  dataDir: string,
  endpoints: Endpoints,
  onProgress: (message: string) => void,
): Promise<void> {
  const doneFile = join(dataDir, 'demonstration-replayed');
  // The first provider's first customer; its own estate comes before.
  const sensor = endpoints.sensors[1];
  if (!sensor || existsSync(doneFile)) return;
  const lines = replayLines([scenario], { rebaseTo: Date.now(), rounds: 1 });
  const { accepted } = await sendEvents(lines, { url: endpoints.ingest.http, key: sensor.key });
  await writeFile(doneFile, `${new Date().toISOString()}\n`);
  onProgress(`demonstration replayed: ${accepted} events of customer ${sensor.customerId}`);
}
