import { setTimeout as delay } from 'node:timers/promises';
import { toError } from '@vedette/service-kit';
import type { Logger } from '@vedette/service-kit';
import type { LineSender } from './line-lane.ts';
import type { LineSenders } from './line-senders.ts';
import type { TurnedAway } from './stranger-log.ts';
import type { SenderIdentity } from './syslog-sender-store.ts';
import type { ReadLine, SyslogLine } from './syslog-line.ts';

/** Gives each line of a connection to its sender, in order: the one whose key stands in it, or the connection's own. */
export interface LineSorter {
  /** Begins with the connection's own sender. */
  start(): void;
  add(lines: readonly ReadLine[]): void;
  /** Whether a sender is being looked up: more lines should not be read meanwhile. */
  readonly isWaiting: boolean;
  /** Whether any sender of the connection is known. */
  readonly isIdentified: boolean;
  /** The connection's own sender, where its address or certificate is known. */
  readonly own: LineSender | null;
  /** Resolves once all lines so far are given away. */
  settled(): Promise<void>;
}

export interface SorterDependencies {
  readonly senders: LineSenders;
  /** What is seen of the connection, the surest first. */
  readonly identities: readonly SenderIdentity[];
  readonly logger: Logger;
  readonly giveUp: AbortSignal;
  readonly take: (sender: LineSender, line: SyslogLine) => void;
  /** A line has no sender that is known: it and all after it are dropped. */
  readonly turnAway: (reason: TurnedAway) => void;
  /** A look-up is over. */
  readonly onReady: () => void;
}

/** A relay may speak for several; each key costs a look-up. */
const maxKeys = 100;
const retryMs = 1_000;
/** Stands for the connection's own sender among those found by key. */
const ownKey = null;

export function createLineSorter(dependencies: SorterDependencies): LineSorter {
  const { take, turnAway, onReady } = dependencies;
  const found = new Map<string | null, LineSender | null>();
  let waiting: ReadLine[] = [];
  let isTurnedAway = false;
  let isIdentified = false;
  let lookUp: Promise<void> | undefined;

  const refuse = (reason: TurnedAway): void => {
    isTurnedAway = true;
    waiting = [];
    turnAway(reason);
  };
  const handOver = (lines: readonly ReadLine[]): void => {
    for (const [at, { line, key }] of lines.entries()) {
      const sender = found.get(key);
      if (sender === undefined) {
        if (found.size > maxKeys) {
          refuse('TOO_MANY_KEYS');
          return;
        }
        waiting = lines.slice(at);
        begin(key);
        return;
      }
      if (sender === null) {
        refuse('UNKNOWN_SENDER');
        return;
      }
      isIdentified = true;
      take(sender, line);
    }
  };
  const begin = (key: string | null): void => {
    lookUp = findSender(key, dependencies).then((sender) => {
      lookUp = undefined;
      // The process ends: nobody can be asked any more.
      if (sender === undefined) {
        refuse('UNKNOWN_SENDER');
        return;
      }
      found.set(key, sender);
      isIdentified ||= sender !== null;
      const lines = waiting;
      waiting = [];
      handOver(lines);
      if (!lookUp) onReady();
    });
  };
  return {
    start: () => begin(ownKey),
    get isWaiting() {
      return lookUp !== undefined;
    },
    get isIdentified() {
      return isIdentified;
    },
    get own() {
      return found.get(ownKey) ?? null;
    },
    add: (lines) => {
      if (isTurnedAway) return;
      if (lookUp) waiting.push(...lines);
      else handOver(lines);
    },
    settled: async () => {
      while (lookUp) await lookUp;
    },
  };
}

/** For as long as it takes: undefined only when the process ends first. */
async function findSender(
  key: string | null,
  { senders, identities, logger, giveUp }: SorterDependencies,
): Promise<LineSender | null | undefined> {
  while (!giveUp.aborted) {
    try {
      return key === null ? await senders.byIdentity(identities) : await senders.byKey(key);
    } catch (error) {
      logger.warn({ err: toError(error) }, 'a syslog sender waits to be looked up');
      await delay(retryMs, undefined, { signal: giveUp }).catch(() => undefined);
    }
  }
  return undefined;
}
