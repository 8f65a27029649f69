import type { Database, Transaction } from '@vedette/service-kit';
import type { ConnectorSettings, ConnectorType } from '../connectors/index.ts';
import type { Sensor } from '../connector/sensor-key-store.ts';

/** A host whose agent has enrolled. */
export interface OsqueryNode {
  readonly nodeId: string;
  readonly sensor: Sensor;
  readonly lastSeenAt: Date;
}

export interface Enrolment {
  readonly nodeId: string;
  readonly nodeKeySha256: Buffer;
  /** Names the sensor key it enrolled with, and without which it is unknown. */
  readonly sensorKeyPublicId: string;
  readonly hostIdentifier: string;
  readonly platform: string;
  readonly at: Date;
}

/** Agents of one connector; of more, one that is not known yet is refused. */
const maxNodes = 50_000;

/**
 * Keeps a host that enrols. One that has enrolled before gets another key, and the one before is unknown: two hosts
 * with one identifier, as copied machines have it, take turns.
 * @returns false when the connector has as many hosts as it may have
 */
export async function enrolNode(
  tx: Transaction,
  { customerId, connectorId }: Pick<Sensor, 'customerId' | 'connectorId'>,
  node: Enrolment,
): Promise<boolean> {
  const rows: unknown[] = await tx.query(
    `insert into osquery_nodes as known (customer_id, connector_id, node_id, node_key_sha256, sensor_key_public_id,
       host_identifier, platform, enrolled_at, last_seen_at)
     select $1, $2, $3, $4, $5, $6, $7, $8, $8
     where (select count(*) from osquery_nodes where customer_id = $1 and connector_id = $2) < $9
        or exists (select from osquery_nodes
                   where customer_id = $1 and connector_id = $2 and host_identifier = $6)
     on conflict (customer_id, connector_id, host_identifier) do update
       set node_key_sha256 = excluded.node_key_sha256, sensor_key_public_id = excluded.sensor_key_public_id,
           platform = excluded.platform, enrolled_at = excluded.enrolled_at, last_seen_at = excluded.last_seen_at
     returning node_id`,
    [
      ...[customerId, connectorId, node.nodeId, node.nodeKeySha256, node.sensorKeyPublicId],
      ...[node.hostIdentifier, node.platform, node.at, maxNodes],
    ],
  );
  return rows.length > 0;
}

/**
 * The host of a node key, or null for one that never was, whose sensor key has ended, or whose customer is no longer
 * served. This look-up happens before any customer is known and decides which it is, so it runs in the operator's scope.
 */
export async function findNode(
  database: Database,
  nodeKeySha256: Buffer,
  now: Date,
): Promise<OsqueryNode | null> {
  const rows: {
    node_id: string;
    last_seen_at: Date;
    connector_id: string;
    type: ConnectorType;
    settings: ConnectorSettings;
    customer_id: string;
    provider_id: string;
  }[] = await database.transaction({ kind: 'OPERATOR' }, (tx) =>
    tx.query(
      `select n.node_id, n.last_seen_at, n.connector_id, c.type, c.settings, n.customer_id, o.provider_id
       from osquery_nodes n
       join sensor_keys k on k.customer_id = n.customer_id and k.public_id = n.sensor_key_public_id
       join connectors c on c.customer_id = n.customer_id and c.connector_id = n.connector_id
       join customers o on o.customer_id = n.customer_id
       where n.node_key_sha256 = $1 and o.is_served and (k.expires_at is null or k.expires_at > $2)`,
      [nodeKeySha256, now],
    ),
  );
  const [row] = rows;
  if (!row) return null;
  return {
    nodeId: row.node_id,
    lastSeenAt: row.last_seen_at,
    sensor: {
      connectorId: row.connector_id,
      connectorType: row.type,
      customerId: row.customer_id,
      providerId: row.provider_id,
      settings: row.settings,
    },
  };
}

export async function noteNodeSeen(
  tx: Transaction,
  { sensor, nodeId }: OsqueryNode,
  at: Date,
): Promise<void> {
  await tx.query(
    'update osquery_nodes set last_seen_at = greatest(last_seen_at, $3) where customer_id = $1 and node_id = $2',
    [sensor.customerId, nodeId, at],
  );
}
