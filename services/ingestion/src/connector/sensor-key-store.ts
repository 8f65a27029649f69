import type { Database, Transaction } from '@vedette/service-kit';
import type { ConnectorType } from '../connectors/index.ts';

/** Who sends: what a sensor key stands for. */
export interface Sensor {
  readonly connectorId: string;
  readonly connectorType: ConnectorType;
  readonly customerId: string;
  readonly providerId: string;
}

export interface SensorKeyRow {
  readonly customerId: string;
  readonly connectorId: string;
  readonly publicId: string;
  readonly keySha256: Buffer;
  readonly createdAt: Date;
}

export async function insertSensorKey(tx: Transaction, row: SensorKeyRow): Promise<void> {
  await tx.query(
    `insert into sensor_keys (customer_id, connector_id, public_id, key_sha256, created_at)
     values ($1, $2, $3, $4, $5)`,
    [row.customerId, row.connectorId, row.publicId, row.keySha256, row.createdAt],
  );
}

/**
 * What a key's public id stands for, or null. This one look-up happens before any customer is known
 * and decides which it is, so it runs in the operator's scope; nothing of it is shown to the sender.
 */
export async function findSensor(
  database: Database,
  publicId: string,
): Promise<{ readonly sensor: Sensor; readonly keySha256: Buffer } | null> {
  const rows: {
    connector_id: string;
    type: ConnectorType;
    customer_id: string;
    provider_id: string;
    key_sha256: Buffer;
  }[] = await database.transaction({ kind: 'OPERATOR' }, (tx) =>
    tx.query(
      `select k.connector_id, c.type, k.customer_id, o.provider_id, k.key_sha256
       from sensor_keys k
       join connectors c using (customer_id, connector_id)
       join customers o using (customer_id)
       where k.public_id = $1`,
      [publicId],
    ),
  );
  const [row] = rows;
  if (!row) return null;
  return {
    keySha256: row.key_sha256,
    sensor: {
      connectorId: row.connector_id,
      connectorType: row.type,
      customerId: row.customer_id,
      providerId: row.provider_id,
    },
  };
}
