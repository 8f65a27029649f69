import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A stand-in for Sophos Central in a process of its own; the product sees of it what it would see of the real one. */
export interface SophosSimulator {
  readonly loginUrl: string;
  readonly apiUrl: string;
  /** Tenants by name. */
  readonly tenants: ReadonlyMap<string, SimulatedTenant>;
  /** Adds records, and answers their ids. */
  addRecords(records: {
    readonly tenantId: string;
    readonly feed: 'events' | 'alerts' | 'detections';
    readonly count?: number;
    readonly lateBySeconds?: number;
  }): Promise<readonly string[]>;
  idsOf(tenantId: string, feed: string): Promise<readonly string[]>;
  /** Makes calls go wrong; see the simulator's README. */
  addFault(fault: Readonly<Record<string, unknown>>): Promise<void>;
  /** Answers so far by operation and status, such as `siemEvents 200`. */
  answers(): Promise<Readonly<Record<string, number>>>;
  /** Faults that have not happened yet. */
  pendingFaults(): Promise<readonly unknown[]>;
  stop(): Promise<void>;
}

export interface SimulatedTenant {
  readonly id: string;
  readonly clientId: string;
}

const entry = fileURLToPath(
  new URL('../../../../tools/simulators/sophos-central/main.ts', import.meta.url),
);

/** @param options of its command line, without the dashes */
export async function startSophosSimulator(
  options: Readonly<Record<string, string>> = {},
): Promise<SophosSimulator> {
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn(process.execPath, [entry, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { loginUrl, apiUrl, adminUrl } = JSON.parse(line) as Readonly<
    Record<'loginUrl' | 'apiUrl' | 'adminUrl', string>
  >;
  const ask = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(adminUrl + path, {
      ...{ method, ...(body ? { body: JSON.stringify(body) } : {}) },
    });
    if (!response.ok)
      throw new Error(`the simulator refused ${method} ${path}: ${await response.text()}`);
    return (await response.json()) as T;
  };
  const state = await ask<{ tenants: (SimulatedTenant & { name: string })[] }>('GET', '/state');
  return {
    ...{ loginUrl, apiUrl, tenants: new Map(state.tenants.map((tenant) => [tenant.name, tenant])) },
    addRecords: async (records) =>
      (await ask<{ ids: readonly string[] }>('POST', '/records', records)).ids,
    idsOf: async (tenantId, feed) =>
      (await ask<{ ids: readonly string[] }>('GET', `/records?tenantId=${tenantId}&feed=${feed}`))
        .ids,
    addFault: async (fault) => {
      await ask('POST', '/faults', fault);
    },
    answers: async () =>
      (await ask<{ answers: Readonly<Record<string, number>> }>('GET', '/state')).answers,
    pendingFaults: async () => (await ask<{ faults: readonly unknown[] }>('GET', '/state')).faults,
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
