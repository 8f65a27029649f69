import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Endpoints } from '../local-stack/endpoints.ts';
import { askGateway } from '../local-stack/gateway-client.ts';
import { sendEvents } from '../replay/send-events.ts';
import { cpuSeconds, memoryMiB, withDescendants } from './process-figures.ts';

export interface StackFigures {
  readonly startUpSeconds: { readonly cold: number; readonly warm: number };
  readonly idle: {
    readonly memoryMiB: number;
    readonly memoryByProcessMiB: Readonly<Record<string, number>>;
    readonly cpuPercentOfOneCore: number;
  };
  readonly eventToCaseMs: {
    readonly p50: number;
    readonly p95: number;
    readonly max: number;
    readonly samples: number;
  };
}

const portBase = 4700;
const idleSeconds = 20;
const samples = 60;
const run = promisify(execFile);

/**
 * Starts the whole product on an empty data directory and again on the used one, lets it idle, then
 * sends single attack events, each on a host of its own, and waits until the gateway shows the case.
 */
export async function benchStack(
  root: string,
  onProgress: (message: string) => void,
): Promise<StackFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'vedette-bench-'));
  const vedette = join(root, 'vedette');
  const dataArgs = ['--data-dir', join(folder, 'data')];
  const start = async (): Promise<{ seconds: number; endpoints: Endpoints }> => {
    const startedAt = performance.now();
    const child = spawn(
      vedette,
      ['up', '--detach', '--no-demo', '--port-base', String(portBase), ...dataArgs],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString('utf8')));
    const [code] = (await once(child, 'close')) as [number];
    if (code !== 0) throw new Error(`'up' ended with ${code}`);
    const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
    return { seconds, endpoints: JSON.parse(printed) as Endpoints };
  };
  const stop = (): Promise<unknown> => run(vedette, ['down', ...dataArgs]);
  try {
    onProgress('cold start');
    const { seconds: cold } = await start();
    await stop();
    onProgress('warm start');
    const { seconds: warm, endpoints } = await start();
    onProgress(`idle for ${idleSeconds} s`);
    const idle = await measureIdle(endpoints);
    onProgress(`${samples} events, one by one`);
    const eventToCaseMs = await measureEventToCase(endpoints);
    return { startUpSeconds: { cold, warm }, idle, eventToCaseMs };
  } finally {
    await stop().catch((error: unknown) => {
      onProgress(`could not stop: ${String(error)}`);
    });
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureIdle({ services, infrastructure }: Endpoints): Promise<StackFigures['idle']> {
  await sleep(5_000);
  const named = [...services, ...infrastructure].map(({ name, pid }) => ({
    name,
    pids: withDescendants([pid ?? 0]),
  }));
  const all = [...new Set(named.flatMap(({ pids }) => pids))];
  const before = cpuSeconds(all);
  await sleep(idleSeconds * 1_000);
  const used = cpuSeconds(all) - before;
  return {
    memoryMiB: memoryMiB(all),
    memoryByProcessMiB: Object.fromEntries(named.map(({ name, pids }) => [name, memoryMiB(pids)])),
    cpuPercentOfOneCore: Math.round((used / idleSeconds) * 1_000) / 10,
  };
}

async function measureEventToCase(endpoints: Endpoints): Promise<StackFigures['eventToCaseMs']> {
  const sensor = endpoints.sensors[1];
  const admin = endpoints.principals['operatorAdmin'];
  if (!sensor || !admin) throw new Error('the local stack has no sensor or operator');
  const latencies: number[] = [];
  for (let n = 0; n < samples; n += 1) {
    const host = `BENCH-${Date.now()}-${n}`;
    const startedAt = performance.now();
    await sendEvents(toAsync([anAttack(host)]), { url: endpoints.ingest.http, key: sensor.key });
    while (!(await isCaseVisible(endpoints, admin.token, sensor.customerId, host))) {
      if (performance.now() - startedAt > 30_000)
        throw new Error(`no case for ${host} within 30 s`);
      await sleep(20);
    }
    latencies.push(performance.now() - startedAt);
    // Uneven pauses, so that the samples do not march in step with anybody's polling.
    await sleep(100 + (n % 7) * 90);
  }
  latencies.sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round(latencies[Math.ceil(latencies.length * share) - 1] ?? NaN);
  return { p50: at(0.5), p95: at(0.95), max: at(1), samples };
}

async function isCaseVisible(
  { gateway }: Endpoints,
  token: string,
  customerId: string,
  host: string,
): Promise<boolean> {
  const { cases } = await askGateway<{ cases: { nodes: { title: string }[] } }>(
    gateway.http,
    token,
    'query ($id: ID!) { cases(first: 1, filter: { customerId: $id }) { nodes { title severity assets { name } } } }',
    { id: customerId },
  );
  return cases.nodes[0]?.title.endsWith(host) === true;
}

function anAttack(host: string): string {
  return JSON.stringify({
    Channel: 'Microsoft-Windows-Sysmon/Operational',
    EventID: 1,
    SourceName: 'Microsoft-Windows-Sysmon',
    UtcTime: new Date().toISOString().replace('T', ' ').slice(0, 23),
    Hostname: host,
    ProcessId: 4242,
    User: 'NT AUTHORITY\\SYSTEM',
    Image: 'C:\\Windows\\System32\\vssadmin.exe',
    OriginalFileName: 'VSSADMIN.EXE',
    CommandLine: 'vssadmin.exe delete shadows /all /quiet',
    ParentImage: 'C:\\Windows\\System32\\cmd.exe',
  });
}

async function* toAsync<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}
