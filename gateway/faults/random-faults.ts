import { execFile } from 'node:child_process';
import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { connectBus } from '@vedette/event-bus';
import { createLogger } from '@vedette/service-kit';
import { waitFor } from '@vedette/testkit';
import type { Endpoints, VedetteStack } from '../testing/vedette-stack.ts';

const run = promisify(execFile);

/** How often each fault happened, by what was done to whom. */
export type FaultCounts = Record<string, number>;

type Random = () => number;

interface Fault {
  readonly name: string;
  /** Ends once the fault is over; what was killed is started again by the stack. */
  readonly happen: (stack: VedetteStack, random: Random) => Promise<void>;
}

const targets = ['ingestion', 'ingestion-history', 'hunting-detector', 'nats', 'postgres'] as const;

/** Every fault that can be had on this machine. @param disk the tmpfs that NATS writes to, or null */
export function allFaults(disk: string | null): readonly Fault[] {
  return [
    ...targets.map((target) => ({
      name: `SIGKILL ${target}`,
      happen: async (stack: VedetteStack) => signal(await stack.readEndpoints(), target, 'SIGKILL'),
    })),
    ...targets.map((target) => ({
      name: `SIGSTOP ${target}`,
      happen: async (stack: VedetteStack, random: Random) => {
        const endpoints = await stack.readEndpoints();
        signal(endpoints, target, 'SIGSTOP');
        await sleep(1_000 + random() * 7_000);
        signal(endpoints, target, 'SIGCONT');
      },
    })),
    { name: 'stream full', happen: async (stack) => fillStream(await stack.readEndpoints()) },
    ...(disk === null ? [] : [{ name: 'disk full', happen: () => fillDisk(disk) }]),
  ];
}

/**
 * Lets faults happen at random moments until the time is over; each happens once before any happens again.
 * @param random gives numbers from 0 up to 1
 */
export async function makeFaults(
  stack: VedetteStack,
  faults: readonly Fault[],
  random: Random,
  isOver: () => boolean,
): Promise<FaultCounts> {
  const counts: FaultCounts = {};
  let left: Fault[] = [];
  while (!isOver()) {
    if (left.length === 0) left = [...faults];
    const [fault] = left.splice(Math.floor(random() * left.length), 1);
    if (!fault) continue;
    await fault.happen(stack, random);
    counts[fault.name] = (counts[fault.name] ?? 0) + 1;
    await sleep(500 + random() * 2_500);
  }
  return counts;
}

/** A process that is being started again at the moment has no id, and then nothing happens to it. */
function signal(
  { services, infrastructure }: Endpoints,
  target: string,
  name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT',
): void {
  for (const { name: each, pid } of [...services, ...infrastructure]) {
    if (each !== target || pid === null) continue;
    try {
      process.kill(pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** The stream takes next to nothing for a while: senders hear 503. */
async function fillStream(endpoints: Endpoints): Promise<void> {
  // A limit below what the stream holds would delete from it.
  await setStreamBytes(endpoints, (held) => held + 64 * 1024);
  await sleep(3_000);
  await setStreamBytes(endpoints, () => 8 * 1024 ** 3);
}

/** NATS may have been killed a moment ago: it is asked again until it does. */
async function setStreamBytes(
  { infrastructure }: Endpoints,
  limitFor: (held: number) => number,
): Promise<void> {
  const url = infrastructure.find(({ name }) => name === 'nats')?.url ?? '';
  const logger = createLogger({ service: 'faults', level: 'silent' });
  await waitFor(
    async () => {
      const bus = await connectBus({ url, name: 'faults', logger });
      try {
        const { config, state } = await bus.manager.streams.info('TELEMETRY');
        const limited = { ...config, max_bytes: limitFor(state.bytes) };
        await bus.manager.streams.update('TELEMETRY', limited);
        return true;
      } finally {
        await bus.close();
      }
    },
    { timeoutMs: 30_000 },
  );
}

/** A tmpfs as large as the broker reserves; nothing of it is used before something is written. */
export const diskSize = '20g';

/** The disk that NATS writes to has no room for a while: it shrinks to about what is on it, and is filled up. */
async function fillDisk(folder: string): Promise<void> {
  const { blocks, bfree, bsize } = await statfs(folder);
  const size = (blocks - bfree) * bsize + marginBytes;
  const ballast = join(folder, 'ballast');
  try {
    await run('mount', ['-o', `remount,size=${size}`, folder]);
    await fill(ballast);
    await sleep(3_000);
  } finally {
    await run('mount', ['-o', `remount,size=${diskSize}`, folder]);
    await rm(ballast, { force: true });
  }
}

/** What NATS may write between the look at the disk and its shrinking. */
const marginBytes = 32 * 1024 * 1024;

async function fill(file: string): Promise<void> {
  const block = Buffer.alloc(256 * 1024);
  try {
    for (;;) await writeFile(file, block, { flag: 'a' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
