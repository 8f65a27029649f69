import type { Endpoints } from '../local-stack/endpoints.ts';
import { toLatencies, withBenchStack } from './bench-stack.ts';
import type { Latencies } from './bench-stack.ts';
import {
  askAsOperator,
  closeConnections,
  cpuPerEvent,
  freshBatches,
  onboardSensors,
  sendUntilAccepted,
} from './event-load.ts';
import type { Batch, SendFigures } from './event-load.ts';
import { cpuByProcess } from './process-figures.ts';

export interface IngestFigures {
  /** HTTP requests with 500 events each, until the stream has them. */
  readonly http: {
    readonly events: number;
    readonly seconds: number;
    readonly eventsPerSecond: number;
    readonly requestMs: Latencies;
    /** Answers 429 and 503: those batches were sent again. */
    readonly refused: number;
  };
  /** Processor time of each process for each event, in microseconds, while history and detectors work as well. */
  readonly cpuMicrosecondsPerEvent: Readonly<Record<string, number>>;
}

export interface LoadOptions {
  readonly seconds: number;
}

const customers = 8;
const requestsAtOnce = 8;
/** Made before the clock starts, so that the generator takes little of the machine. */
const batchesPerCustomer = 60;

/** How fast the HTTP door takes events, with everything that follows running on the same machine. */
export function benchIngest(
  root: string,
  onProgress: (message: string) => void,
  { seconds }: LoadOptions,
): Promise<IngestFigures> {
  return withBenchStack(root, onProgress, async ({ start }) => {
    const { endpoints } = await start();
    onProgress(`${customers} customers`);
    const sensors = await onboardSensors(askAsOperator(endpoints), customers);
    const work: Work[] = [];
    for (const [n, { key }] of sensors.entries()) {
      const next = freshBatches(n, 'ingest');
      const batches: Batch[] = [];
      while (batches.length < batchesPerCustomer) batches.push(await next());
      work.push({ key, batches });
    }
    onProgress(`warm-up, then ${seconds} s`);
    await sendFor(endpoints, work, 5);
    const figures = await sendFor(endpoints, work, seconds);
    closeConnections();
    return figures;
  });
}

/** A sensor, and what it sends over and over: the door does not know that it has seen it. */
interface Work {
  readonly key: string;
  readonly batches: readonly Batch[];
}

async function sendFor(
  endpoints: Endpoints,
  work: readonly Work[],
  seconds: number,
): Promise<IngestFigures> {
  const figures: SendFigures = { accepted: 0, refused: 0, latenciesMs: [] };
  const cpuBefore = cpuByProcess(endpoints);
  const startedAt = performance.now();
  const deadline = startedAt + seconds * 1_000;
  let next = 0;
  const sender = async (): Promise<void> => {
    while (performance.now() < deadline) {
      const { key, batches } = work[next % work.length] ?? { key: '', batches: [] };
      const batch = batches[Math.floor(next / work.length) % batches.length];
      next += 1;
      if (batch) await sendUntilAccepted(endpoints.ingest.http, key, batch, figures);
    }
  };
  await Promise.all(Array.from({ length: requestsAtOnce }, sender));
  const elapsed = (performance.now() - startedAt) / 1_000;
  return {
    http: {
      events: figures.accepted,
      seconds: Math.round(elapsed * 10) / 10,
      eventsPerSecond: Math.round(figures.accepted / elapsed),
      requestMs: toLatencies(figures.latenciesMs),
      refused: figures.refused,
    },
    cpuMicrosecondsPerEvent: cpuPerEvent(cpuBefore, cpuByProcess(endpoints), figures.accepted),
  };
}
