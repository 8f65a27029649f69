import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import { replayDemonstration } from '../demonstration.ts';
import { askGateway, type Ask } from '../gateway-client.ts';
import { accountFile, readOutcomes, toAccount, type Surroundings } from './account.ts';

/**
 * Replays the demonstration and tells on stderr, and in a file, what came of it. A failure is told and ends nothing:
 * what runs is of use without it, and the next start tries again.
 */
export async function giveAccount(
  surroundings: Surroundings,
  onProgress: (message: string) => void,
): Promise<void> {
  const { dataDir, endpoints } = surroundings;
  const ask: Ask = (query, variables) => {
    const token = endpoints.principals['operatorAdmin']?.token ?? '';
    return askGateway(endpoints.gateway.http, token, query, variables);
  };
  try {
    await writeFile(
      accountFile(dataDir),
      'The demonstration is being replayed; its account will stand here.\n',
    );
    const replay = await replayDemonstration(dataDir, endpoints, ask);
    const outcomes = await readOutcomes(dataDir, ask, replay).catch((error: unknown) => {
      onProgress(`what came of the demonstration could not be asked for: ${String(error)}`);
      return null;
    });
    const account = toAccount(surroundings, replay, outcomes);
    process.stderr.write(`\n${account}\n\n`);
    await writeFile(accountFile(dataDir), `${account}\n`);
  } catch (error) {
    onProgress(
      `the demonstration was not replayed to its end, the next start does it again: ${String(error)}`,
    );
  }
}
