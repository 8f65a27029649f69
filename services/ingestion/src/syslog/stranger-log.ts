import type { Logger } from '@vedette/service-kit';

/** Why a connection was closed or a datagram dropped. */
export type TurnedAway =
  'UNKNOWN_SENDER' | 'TOO_MANY_CONNECTIONS' | 'TOO_SLOW' | 'TLS_FAILED' | 'TOO_MANY_KEYS';

/** Counts who is turned away, and logs it without letting strangers fill the log or the memory. */
export interface StrangerLog {
  note(reason: TurnedAway, address: string): void;
  /** How often since the start. */
  readonly counts: Readonly<Record<TurnedAway, number>>;
  stop(): void;
}

const minuteMs = 60_000;
/** Addresses that are logged in one minute; of more only the number. */
const maxAddresses = 100;

/** Each address is logged once a minute at most, the numbers of all of them once a minute. */
export function createStrangerLog(logger: Logger): StrangerLog {
  const counts: Record<TurnedAway, number> = {
    UNKNOWN_SENDER: 0,
    TOO_MANY_CONNECTIONS: 0,
    TOO_SLOW: 0,
    TLS_FAILED: 0,
    TOO_MANY_KEYS: 0,
  };
  const logged = new Set<string>();
  let more = 0;
  const timer = setInterval(() => {
    if (more > 0) logger.info({ more, counts: { ...counts } }, 'syslog senders were turned away');
    logged.clear();
    more = 0;
  }, minuteMs);
  timer.unref();
  return {
    counts,
    note: (reason, address) => {
      counts[reason] += 1;
      if (logged.has(address) || logged.size >= maxAddresses) {
        more += 1;
        return;
      }
      logged.add(address);
      logger.info({ reason, address }, 'a syslog sender was turned away');
    },
    stop: () => clearInterval(timer),
  };
}
