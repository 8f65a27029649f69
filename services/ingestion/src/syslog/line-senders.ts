import type { Sensor } from '../connector/sensor-key-store.ts';
import { connectorOf } from '../connectors/index.ts';
import { Refusal } from '../intake/refusal.ts';
import type { AuthenticateSensor } from '../intake/sensor-authenticator.ts';
import type { LineSender } from './line-lane.ts';
import type { SenderDirectory } from './sender-directory.ts';
import type { SenderIdentity } from './syslog-sender-store.ts';

/** Tells whose lines are, by what is seen of their sender or by the key in them. */
export interface LineSenders {
  /** The first of these that is known. Null: none is. @throws {UnavailableError} */
  byIdentity(identities: readonly SenderIdentity[]): Promise<LineSender | null>;
  /** The same at once, as last heard. */
  peek(identity: SenderIdentity): LineSender | null;
  /** Null for a key that is none, or whose connector takes no syslog. @throws {UnavailableError} */
  byKey(key: string): Promise<LineSender | null>;
}

export function createLineSenders(
  directory: SenderDirectory,
  authenticate: AuthenticateSensor,
): LineSenders {
  const findByKey = async (key: string): Promise<Sensor | null> => {
    try {
      return await authenticate(key);
    } catch (error) {
      // 401: no such key; 403: its customer is no longer served. Whatever else is no answer.
      if (error instanceof Refusal && (error.status === 401 || error.status === 403)) return null;
      throw error;
    }
  };
  const peeked = new Map<string, LineSender>();
  return {
    byIdentity: async (identities) => {
      for (const identity of identities) {
        const find = () => directory.find(identity);
        const sender = toSender(await find(), find);
        if (sender) return sender;
      }
      return null;
    },
    peek: (identity) => {
      const name = `${identity.kind} ${identity.value}`;
      const sensor = directory.peek(identity);
      const known = peeked.get(name);
      // The same object for the same sender: lines of one sender travel together.
      if (known && known.connectorId === sensor?.connectorId) return known;
      peeked.delete(name);
      const sender = toSender(sensor, () => directory.find(identity));
      if (sender) peeked.set(name, sender);
      return sender;
    },
    byKey: async (key) => {
      const find = () => findByKey(key);
      return toSender(await find(), find);
    },
  };
}

function toSender(sensor: Sensor | null, again: () => Promise<Sensor | null>): LineSender | null {
  if (sensor === null || !takesSyslog(sensor)) return null;
  const { customerId, connectorId } = sensor;
  return { customerId, connectorId, sensor: again };
}

function takesSyslog({ connectorType }: Sensor): boolean {
  return connectorOf(connectorType).deliveries.includes('SYSLOG');
}
