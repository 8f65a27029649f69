import type { Database, Transaction } from '@vedette/service-kit';
import type { ConnectorSettings, ConnectorType } from '../connectors/index.ts';

/** Who sends: what a sensor key stands for. */
export interface Sensor {
  readonly connectorId: string;
  readonly connectorType: ConnectorType;
  readonly customerId: string;
  readonly providerId: string;
  /** What people set for the connector. */
  readonly settings: ConnectorSettings;
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
 * Makes room for a connector's next key: the last one, which has no end yet, works on until `lastUntil`,
 * and any older one ends now. The scope is the transaction's, and the connector is locked.
 * @returns until when the last one works; null where none does
 */
export async function replaceSensorKey(
  tx: Transaction,
  { customerId, connectorId }: Pick<SensorKeyRow, 'customerId' | 'connectorId'>,
  { now, lastUntil }: { readonly now: Date; readonly lastUntil: Date },
): Promise<Date | null> {
  const [rows] = await tx.query<[{ expires_at: Date }[], number]>(
    `update sensor_keys
     set expires_at = case when expires_at is null then $4::timestamptz else $3::timestamptz end
     where customer_id = $1 and connector_id = $2 and (expires_at is null or expires_at > $3)
     returning expires_at`,
    [customerId, connectorId, now, lastUntil],
  );
  return rows.map((row) => row.expires_at).find((until) => until > now) ?? null;
}

/** A key that has ended, by what names it. */
export type EndedKey = Pick<SensorKeyRow, 'connectorId' | 'publicId'>;

/** Ends all keys of a customer, or of one of its connectors, and tells which worked until now. */
export async function endSensorKeys(
  tx: Transaction,
  { customerId, connectorId }: { readonly customerId: string; readonly connectorId?: string },
  now: Date,
): Promise<EndedKey[]> {
  const [rows] = await tx.query<[EndedKey[], number]>(
    `update sensor_keys set expires_at = $3
     where customer_id = $1 and ($2::uuid is null or connector_id = $2)
       and (expires_at is null or expires_at > $3)
     returning connector_id as "connectorId", public_id as "publicId"`,
    [customerId, connectorId ?? null, now],
  );
  return rows;
}

/** A key that exists: who sends with it, and whether it may. */
export interface KnownSensor {
  readonly sensor: Sensor;
  readonly keySha256: Buffer;
  /** False once the service for the customer has ended. */
  readonly isServed: boolean;
}

/**
 * What a key's public id stands for, or null for one that has ended or never was. This one look-up happens before any customer is known
 * and decides which it is, so it runs in the operator's scope; nothing of it is shown to the sender.
 */
export async function findSensor(
  database: Database,
  publicId: string,
  now: Date,
): Promise<KnownSensor | null> {
  const rows: {
    connector_id: string;
    type: ConnectorType;
    settings: ConnectorSettings;
    customer_id: string;
    provider_id: string;
    key_sha256: Buffer;
    is_served: boolean;
  }[] = await database.transaction({ kind: 'OPERATOR' }, (tx) =>
    tx.query(
      `select k.connector_id, c.type, c.settings, k.customer_id, o.provider_id, o.is_served, k.key_sha256
       from sensor_keys k
       join connectors c using (customer_id, connector_id)
       join customers o using (customer_id)
       where k.public_id = $1 and (k.expires_at is null or k.expires_at > $2)`,
      [publicId, now],
    ),
  );
  const [row] = rows;
  if (!row) return null;
  return {
    keySha256: row.key_sha256,
    isServed: row.is_served,
    sensor: {
      connectorId: row.connector_id,
      connectorType: row.type,
      customerId: row.customer_id,
      providerId: row.provider_id,
      settings: row.settings,
    },
  };
}
