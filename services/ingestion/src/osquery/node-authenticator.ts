import { hash, randomBytes } from 'node:crypto';
import { toError } from '@vedette/service-kit';
import type { Database, Logger } from '@vedette/service-kit';
import { findNode, noteNodeSeen } from './osquery-node-store.ts';
import type { OsqueryNode } from './osquery-node-store.ts';

/** Null for a node key that nobody has, or has no longer: the agent has to enrol. */
export type AuthenticateNode = (nodeKey: string) => Promise<OsqueryNode | null>;

/** As for sensor keys: whoever may no longer send is heard for this long at most. */
const knownForMs = 10_000;
const maxKnown = 20_000;
/** When a host was seen last is kept this exactly, since every host calls several times a minute. */
const seenEveryMs = 60_000;

/** A node key: ours, of 32 random bytes, of which only the digest is kept. */
export function createNodeKey(): { readonly text: string; readonly sha256: Buffer } {
  const text = randomBytes(32).toString('base64url');
  return { text, sha256: digestOf(text) };
}

export function createNodeAuthenticator(
  database: Database,
  clock: () => Date,
  logger: Logger,
): AuthenticateNode {
  const known = new Map<string, { readonly node: OsqueryNode; readonly until: number }>();
  const noteSeen = (node: OsqueryNode, now: Date): void => {
    const scope = { kind: 'CUSTOMERS', customerIds: [node.sensor.customerId] } as const;
    database
      .transaction(scope, (tx) => noteNodeSeen(tx, node, now))
      .catch((error: unknown) => {
        logger.warn({ err: toError(error) }, 'when a host was seen could not be kept');
      });
  };
  return async (nodeKey) => {
    const sha256 = digestOf(nodeKey);
    const name = sha256.toString('base64');
    const now = clock();
    const cached = known.get(name);
    if (cached && cached.until > now.getTime()) return cached.node;
    known.delete(name);
    const node = await findNode(database, sha256, now);
    if (!node) return null;
    if (known.size >= maxKnown) known.clear();
    known.set(name, { node, until: now.getTime() + knownForMs });
    if (now.getTime() - node.lastSeenAt.getTime() > seenEveryMs) noteSeen(node, now);
    return node;
  };
}

function digestOf(nodeKey: string): Buffer {
  return hash('sha256', nodeKey, 'buffer');
}
