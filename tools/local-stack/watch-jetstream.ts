import { setTimeout as delay } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { toNatsOptions } from '@vedette/testkit/servers';

const everyMs = 5_000;
const answerMs = 3_000;
/** A server that is busy, or stopped for a moment, is not given up at once. */
const maxSilences = 3;

/**
 * Watches whether a NATS server still has its JetStream. One that could not write, such as to a full disk, turns it
 * off and runs on without: nothing is stored any more until it is started again.
 * @param onLost called after about a quarter of a minute without an answer, and again as long as there is none
 */
export function watchJetStream(
  url: () => string,
  onLost: () => Promise<void>,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const watch = async (): Promise<void> => {
    for (let silences = 0; !stopping.signal.aborted;) {
      await delay(everyMs, null, { signal: stopping.signal }).catch(() => null);
      if (stopping.signal.aborted) return;
      silences = (await hasJetStream(url())) ? 0 : silences + 1;
      if (silences < maxSilences) continue;
      silences = 0;
      if (!stopping.signal.aborted) await onLost();
    }
  };
  const watching = watch();
  return {
    stop: async () => {
      stopping.abort();
      await watching;
    },
  };
}

async function hasJetStream(url: string): Promise<boolean> {
  const connection = await connect({
    ...toNatsOptions(url),
    name: 'watch',
    timeout: answerMs,
    reconnect: false,
  }).catch(() => null);
  if (connection === null) return false;
  try {
    await jetstreamManager(connection, { timeout: answerMs });
    return true;
  } catch {
    // No answer in time, or one that says that it is off: both mean no.
    return false;
  } finally {
    await connection.close();
  }
}
