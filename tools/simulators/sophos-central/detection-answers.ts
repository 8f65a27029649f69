import { randomUUID } from 'node:crypto';
import { ok, pageByNumber, tenantOf } from './answer.ts';
import type { Answers, Call } from './answer.ts';
import { timeOf } from './records.ts';
import type { FeedItem } from './records.ts';
import type { Run } from './state.ts';
import { badRequest, notFound } from './vendor-error.ts';

const day = 86_400_000;

interface Asked {
  readonly from?: string;
  readonly to?: string;
  readonly severity?: readonly number[];
  readonly detectionRule?: string;
  readonly sort?: readonly { readonly field: string; readonly direction: 'asc' | 'desc' }[];
}

export const detectionAnswers: Answers = {
  startRun: (call) => {
    const run: Run = {
      id: randomUUID(),
      tenantId: tenantOf(call).id,
      createdAt: call.now,
      finishedAt: call.now + call.state.options.delayMs,
      items: find(call, call.body as Asked),
    };
    call.state.runs.set(run.id, run);
    return { status: 201, body: toShownRun(run, call.now) };
  },
  run: (call) => ok(toShownRun(runOf(call), call.now)),
  runResults: (call) => {
    const run = runOf(call);
    if (run.finishedAt > call.now) throw badRequest('The run is not finished: poll it first.');
    return ok(pageByNumber(call, run.items, 2_000));
  },
};

function runOf(call: Call): Run {
  const run = call.state.runs.get(call.params['runId'] ?? '');
  const isThere = run?.tenantId === tenantOf(call).id && run.createdAt + day > call.now;
  if (!run || !isThere) throw notFound('No such run, or it has expired.');
  return run;
}

function toShownRun(run: Run, now: number): object {
  const isFinished = run.finishedAt <= now;
  const times = { createdAt: iso(run.createdAt), expiresAt: iso(run.createdAt + day) };
  if (!isFinished) return { id: run.id, ...times, status: 'started', result: 'notAvailable' };
  return {
    ...{ id: run.id, ...times, finishedAt: iso(run.finishedAt), resultCount: run.items.length },
    ...{ status: 'finished', result: 'succeeded' },
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

/** Without times: the day before now. The end is not part of the time asked for. */
function find(call: Call, asked: Asked): readonly FeedItem[] {
  const from = asked.from === undefined ? call.now - day : Date.parse(asked.from);
  const to = asked.to === undefined ? call.now : Date.parse(asked.to);
  if (from > to) throw badRequest(`Body field 'from' is after 'to'.`);
  const items = call.state.feedOf(tenantOf(call).id, 'detections').filter((item) => {
    const at = timeOf('detections', item);
    return (
      at >= from &&
      at < to &&
      (!asked.severity || asked.severity.includes(Number(item['severity']))) &&
      (asked.detectionRule === undefined || item['detectionRule'] === asked.detectionRule)
    );
  });
  const [sort] = asked.sort ?? [];
  if (!sort) return items;
  const sign = sort.direction === 'asc' ? 1 : -1;
  return items.toSorted((a, b) => sign * compare(a[sort.field], b[sort.field]));
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b));
}
