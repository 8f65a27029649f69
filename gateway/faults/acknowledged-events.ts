import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { anAttack, aProcessStart, sendRecords } from '../testing/vedette-stack.ts';
import type { IntakeAnswer, VedetteStack } from '../testing/vedette-stack.ts';

/** What a sender was promised: ids of events that were answered 2xx. */
export interface Acknowledged {
  readonly eventIds: Set<string>;
  /** Those of them that a rule matches, with the host that each is about. */
  readonly attacks: Map<string, string>;
}

const recordsPerBatch = 20;

/** A sender that goes on until it is stopped, as a good shipper does: the same batch again until it is taken. */
export function startSender(
  stack: VedetteStack,
  { sensor = 1, name = 'FAULT' }: { readonly sensor?: number; readonly name?: string } = {},
): {
  readonly acknowledged: Acknowledged;
  /** Rejects when a good batch is refused for good. */
  readonly running: Promise<void>;
  stop(): Promise<void>;
} {
  const acknowledged: Acknowledged = { eventIds: new Set(), attacks: new Map() };
  const stopping = new AbortController();
  const key = stack.endpoints.sensors[sensor]?.key ?? '';
  const run = async (): Promise<void> => {
    for (let batch = 0; !stopping.signal.aborted; batch += 1) {
      const attackedHost = `${name}-${batch}`;
      const records = Array.from({ length: recordsPerBatch - 1 }, (_, n) =>
        aProcessStart(`${name}-QUIET`, `whoami.exe /all ${batch}.${n}`),
      );
      const ids = await sendUntilTaken(
        stack,
        key,
        [...records, anAttack(attackedHost)],
        stopping.signal,
      );
      for (const id of ids) acknowledged.eventIds.add(id);
      const attackId = ids.at(-1);
      if (attackId) acknowledged.attacks.set(attackId, attackedHost);
      await sleep(20);
    }
  };
  const running = run();
  return {
    acknowledged,
    running,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

async function sendUntilTaken(
  stack: VedetteStack,
  key: string,
  records: readonly object[],
  stopping: AbortSignal,
): Promise<readonly string[]> {
  const idempotencyKey = randomUUID();
  while (!stopping.aborted) {
    // Cut off or nobody there: whether the batch was taken is unknown, which is why it is sent again.
    const response = await sendRecords(stack.endpoints, key, records, {
      'idempotency-key': idempotencyKey,
    }).catch(() => null);
    if (response?.ok) {
      const answer = (await response.json().catch(() => null)) as IntakeAnswer | null;
      if (answer) return answer.ids ?? [];
    } else if (response && ![409, 429, 503].includes(response.status)) {
      throw new Error(`a good batch was answered ${response.status}: ${await response.text()}`);
    }
    await sleep(100);
  }
  return [];
}

/** What is not as it was promised; empty when all is well. */
export async function findBrokenPromises(
  databaseUrl: string,
  { eventIds, attacks }: Acknowledged,
): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const stored = await countBy(
      client,
      'select event_id as key, count(*)::int as n from ingestion.telemetry_events group by 1',
    );
    const detected = await countBy(
      client,
      'select e as key, count(*)::int as n from hunting.detections d cross join unnest(d.event_ids) e group by 1',
    );
    const cases = await countBy(
      client,
      `select regexp_replace(title, '^.* on ', '') as key, count(*)::int as n from cases.cases group by 1`,
    );
    const joined = await countBy(
      client,
      `select regexp_replace(title, '^.* on ', '') as key, sum(detection_count)::int as n from cases.cases group by 1`,
    );
    return [
      ...[...eventIds].flatMap((id) =>
        unless(stored.get(id) === 1, `event ${id} is stored ${stored.get(id) ?? 0} times`),
      ),
      ...[...attacks].flatMap(([id, host]) => [
        ...unless(
          detected.get(id) === 1,
          `attack ${id} is detected ${detected.get(id) ?? 0} times`,
        ),
        ...unless(cases.get(host) === 1, `${host} has ${cases.get(host) ?? 0} cases`),
        ...unless(
          joined.get(host) === 1,
          `the case of ${host} counts ${joined.get(host) ?? 0} detections`,
        ),
      ]),
    ];
  } finally {
    await client.end();
  }
}

async function countBy(client: pg.Client, sql: string): Promise<Map<string, number>> {
  const { rows } = await client.query<{ key: string; n: number }>(sql);
  return new Map(rows.map(({ key, n }) => [key, n]));
}

function unless(isKept: boolean, broken: string): string[] {
  return isKept ? [] : [broken];
}
