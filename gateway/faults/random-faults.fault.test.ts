import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startVedetteIn } from '../testing/vedette-stack.ts';
import type { VedetteStack } from '../testing/vedette-stack.ts';
import { findBrokenPromises, startSender } from './acknowledged-events.ts';
import { faultSeconds } from './config.ts';
import { allFaults, diskSize, makeFaults } from './random-faults.ts';

const run = promisify(execFile);
const seconds = faultSeconds();
const drainMs = 120_000;

jest.setTimeout(seconds * 1_000 + drainMs + 60_000);

let folder: string;
let disk: string | null;
let stack: VedetteStack;
let databaseUrl: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vedette-fault-'));
  disk = await mountDisk(join(folder, 'data/nats'));
  stack = await startVedetteIn(folder, 4900, '--no-demo');
  const server = stack.endpoints.infrastructure.find(({ name }) => name === 'postgres');
  const url = new URL(server?.url ?? '');
  url.pathname = 'vedette';
  databaseUrl = url.href;
}, 120_000);

afterAll(async () => {
  await stack?.stop();
  if (disk !== null) await run('umount', [disk]);
  await rm(folder, { recursive: true, force: true });
}, 60_000);

/** Only a disk of its own can be filled: whoever may not mount one does without that fault, and the totals say so. */
async function mountDisk(path: string): Promise<string | null> {
  await mkdir(path, { recursive: true });
  const options = ['-t', 'tmpfs', '-o', `size=${diskSize},mode=0755`];
  return run('mount', [...options, 'tmpfs', path]).then(
    () => path,
    () => null,
  );
}

/** Mulberry32: a number is its whole state, so the same seed gives the same faults in the same order. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('telemetry under load while processes die, hang and run out of room', () => {
  it('is stored once, detected once and in one case, all that was acknowledged', async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const senders = [0, 1, 2, 3].map((sensor) =>
      startSender(stack, { sensor, name: `FAULT-${String.fromCharCode(65 + sensor)}` }),
    );
    const until = Date.now() + seconds * 1_000;
    const faults = await makeFaults(stack, allFaults(disk), createRandom(seed), () => {
      return Date.now() > until;
    });
    await Promise.all(senders.map((sender) => sender.stop()));
    await stack.waitUntilDrained(drainMs);

    const broken: string[] = [];
    for (const { acknowledged } of senders) {
      broken.push(...(await findBrokenPromises(databaseUrl, acknowledged)));
    }
    const events = senders.reduce((sum, { acknowledged }) => sum + acknowledged.eventIds.size, 0);
    const attacks = senders.reduce((sum, { acknowledged }) => sum + acknowledged.attacks.size, 0);
    const totals = { seed, seconds, faults, events, attacks };
    process.stderr.write(`${JSON.stringify(totals)}\n`);
    expect({ broken, totals }).toEqual({ broken: [], totals });
    expect((await stack.status()).deadLetters).toBe(0);
    expect(events).toBeGreaterThan(500);
  });
});
