import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@vedette/testkit';
import pg from 'pg';
import { startVedette } from '../testing/vedette-stack.ts';
import type { VedetteStack } from '../testing/vedette-stack.ts';
import { findBrokenPromises, startSender } from './acknowledged-events.ts';

const victims = [
  'ingestion',
  'ingestion-history',
  'hunting-detector',
  'hunting',
  'cases',
  'tenancy',
  'gateway',
  'nats',
  'postgres',
] as const;

let stack: VedetteStack;
let sender: ReturnType<typeof startSender>;
let databaseUrl: string;

beforeAll(async () => {
  stack = await startVedette(4800, '--no-demo');
  const server = stack.endpoints.infrastructure.find(({ name }) => name === 'postgres');
  const url = new URL(server?.url ?? '');
  url.pathname = 'vedette';
  databaseUrl = url.href;
  sender = startSender(stack);
});

afterAll(async () => {
  await sender?.stop();
  await stack?.stop();
});

async function findPid(name: string): Promise<number> {
  const { services, infrastructure } = await stack.readEndpoints();
  return [...services, ...infrastructure].find((each) => each.name === name)?.pid ?? 0;
}

async function waitForProgress(): Promise<void> {
  const before = sender.acknowledged.eventIds.size;
  const progress = waitFor(() => sender.acknowledged.eventIds.size > before + 40, {
    timeoutMs: 60_000,
  });
  // A sender that was refused for good makes no more progress: its reason says more than a time-out.
  await Promise.race([progress, sender.running]);
}

describe('an event that was acknowledged', () => {
  it.each(victims)('goes on being taken after %s was killed', async (victim) => {
    await waitForProgress();
    const pid = await findPid(victim);
    process.kill(pid, 'SIGKILL');
    await waitFor(async () => (await findPid(victim)) !== pid && (await stack.status()).ready, {
      timeoutMs: 60_000,
    });
    await waitForProgress();
  });

  it('is stored once, detected once and in one case, whatever was killed', async () => {
    await sender.stop();
    await stack.waitUntilDrained();
    expect(sender.acknowledged.attacks.size).toBeGreaterThan(victims.length);
    expect(await findBrokenPromises(databaseUrl, sender.acknowledged)).toEqual([]);
    expect((await stack.status()).deadLetters).toBe(0);
  });

  it('would be missed by the checker if it were lost', async () => {
    const [lost] = sender.acknowledged.attacks.keys();
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query('delete from ingestion.telemetry_events where event_id = $1', [lost]);
    await client.query('delete from hunting.detections where $1 = any (event_ids)', [lost]);
    await client.end();
    expect(await findBrokenPromises(databaseUrl, sender.acknowledged)).toEqual([
      `event ${lost} is stored 0 times`,
      `attack ${lost} is detected 0 times`,
    ]);
  });
});
