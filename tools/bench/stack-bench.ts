import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoints } from '../local-stack/endpoints.ts';
import { askGateway } from '../local-stack/gateway-client.ts';
import { sendEvents } from '../replay/send-events.ts';
import { toLatencies, withBenchStack } from './bench-stack.ts';
import type { Latencies } from './bench-stack.ts';
import { cpuSeconds, memoryMiB, withDescendants } from './process-figures.ts';

export interface StackFigures {
  readonly startUpSeconds: { readonly cold: number; readonly warm: number };
  readonly idle: {
    readonly memoryMiB: number;
    readonly memoryByProcessMiB: Readonly<Record<string, number>>;
    readonly cpuPercentOfOneCore: number;
  };
  readonly eventToCaseMs: Latencies;
}

const idleSeconds = 20;
const samples = 60;

/**
 * Starts the whole product on an empty data directory and again on the used one, lets it idle, then
 * sends single attack events, each on a host of its own, and waits until the gateway shows the case.
 */
export function benchStack(
  root: string,
  onProgress: (message: string) => void,
): Promise<StackFigures> {
  return withBenchStack(root, onProgress, async ({ start, stop }) => {
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
  });
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
  return toLatencies(latencies);
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
