import { historyDurable } from '@vedette/event-bus';
import type { Bus } from '@vedette/event-bus';

/** How far the writer of history is, as the broker tells it. */
export interface HistoryPlace {
  /** The place of the latest message in the stream. */
  readonly lastSequence: number;
  /** Every message up to this place is stored. */
  readonly storedSequence: number;
  /** Nothing waits to be stored. */
  readonly isIdle: boolean;
}

/** Samples that are waited for at most: a day of them at one a minute. */
const maxSamples = 1_440;

/**
 * Tells up to when everything that the stream took is stored: now, when nothing waits; else the latest look whose end
 * of the stream history has passed since; null where there was none.
 * @param look asks the broker
 */
export function createHistoryProgress(
  look: () => Promise<HistoryPlace>,
  clock: () => Date,
): () => Promise<Date | null> {
  let known: Date | null = null;
  let samples: readonly { readonly at: Date; readonly sequence: number }[] = [];
  return async () => {
    // Before the question: what comes meanwhile is not known of.
    const at = clock();
    const { lastSequence, storedSequence, isIdle } = await look();
    const passed = samples.filter(({ sequence }) => sequence <= storedSequence);
    samples = isIdle ? [] : samples.slice(passed.length);
    known = isIdle ? at : (passed.at(-1)?.at ?? known);
    if (!isIdle && samples.length < maxSamples) {
      samples = [...samples, { at, sequence: lastSequence }];
    }
    return known;
  };
}

/** Asks the broker how far the writer of history is. */
export async function lookAtHistory({ manager }: Bus): Promise<HistoryPlace> {
  // The stream first: what comes after it makes the consumer look further behind, never further ahead.
  const { state } = await manager.streams.info('TELEMETRY');
  const info = await manager.consumers.info('TELEMETRY', historyDurable);
  return {
    lastSequence: state.last_seq,
    storedSequence: info.ack_floor.stream_seq,
    isIdle: info.num_pending === 0 && info.num_ack_pending === 0,
  };
}
