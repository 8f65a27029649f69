import { restrictToScope } from '@vedette/service-kit';
import type { Page, TenantScope, Transaction } from '@vedette/service-kit';
import { EntitySchema } from 'typeorm';
import type { ConnectorSettings, ConnectorType } from '../connectors/index.ts';

export type ConnectorProvenance = 'LIVE' | 'DEMO';

/** A connector as it is stored. */
export interface ConnectorRow {
  /** uuidv7: newest first is by descending id. */
  readonly connectorId: string;
  readonly customerId: string;
  readonly type: ConnectorType;
  readonly name: string;
  readonly provenance: ConnectorProvenance;
  readonly createdAt: Date;
  readonly version: number;
  /** What people set for it; its type's definition has checked it. */
  readonly settings: ConnectorSettings;
  /** What it signs in with at its source, sealed; null where it has nothing. */
  readonly credentialsSealed: string | null;
  /** While it is true nothing is fetched from the source. */
  readonly isPaused: boolean;
  /** Minutes without an event after which it is silent; null where people have set none. */
  readonly silentAfterMinutes: number | null;
}

export const connectorRows = new EntitySchema<ConnectorRow>({
  name: 'Connector',
  tableName: 'connectors',
  columns: {
    customerId: { type: 'uuid', primary: true, name: 'customer_id' },
    connectorId: { type: 'uuid', primary: true, name: 'connector_id' },
    type: { type: 'text' },
    name: { type: 'text' },
    provenance: { type: 'text' },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    version: { type: 'int' },
    settings: { type: 'jsonb' },
    credentialsSealed: { type: 'text', name: 'credentials_sealed', nullable: true },
    isPaused: { type: 'boolean', name: 'is_paused' },
    silentAfterMinutes: { type: 'int', name: 'silent_after_minutes', nullable: true },
  },
});

export async function insertConnector(tx: Transaction, row: ConnectorRow): Promise<void> {
  // TypeORM's type of a partial row knows no record of unknown values.
  await tx.getRepository(connectorRows).insert({ ...row, settings: row.settings as object });
}

export function findConnectors(
  tx: Transaction,
  scope: TenantScope,
  connectorIds: readonly string[],
): Promise<ConnectorRow[]> {
  return restrictToScope(tx.getRepository(connectorRows).createQueryBuilder('connector'), scope)
    .andWhere('connector.connectorId = any (:connectorIds)', { connectorIds: [...connectorIds] })
    .getMany();
}

/** The connector, locked: its keys change one after the other. */
export function lockConnector(
  tx: Transaction,
  scope: TenantScope,
  connectorId: string,
): Promise<ConnectorRow | null> {
  return restrictToScope(tx.getRepository(connectorRows).createQueryBuilder('connector'), scope)
    .andWhere('connector.connectorId = :connectorId', { connectorId })
    .setLock('pessimistic_write')
    .getOne();
}

/** Saves what people set for a connector that is locked. */
export async function saveConnector(tx: Transaction, row: ConnectorRow): Promise<void> {
  await tx.query(
    `update connectors
     set name = $3, settings = $4, credentials_sealed = $5, is_paused = $6, version = $7,
         silent_after_minutes = $8
     where customer_id = $1 and connector_id = $2`,
    [
      ...[row.customerId, row.connectorId, row.name, JSON.stringify(row.settings)],
      ...[row.credentialsSealed, row.isPaused, row.version, row.silentAfterMinutes],
    ],
  );
}

/** Which connector, and which version of it. */
export type ConnectorVersion = Pick<ConnectorRow, 'connectorId' | 'customerId' | 'version'>;

/** Raises the version of connectors, for the events of what changed. The scope is the transaction's. */
export async function raiseVersions(
  tx: Transaction,
  connectorIds: readonly string[],
): Promise<ConnectorVersion[]> {
  const [rows] = await tx.query<[ConnectorVersion[], number]>(
    `update connectors set version = version + 1 where connector_id = any ($1::uuid[])
     returning connector_id as "connectorId", customer_id as "customerId", version`,
    [connectorIds],
  );
  return rows;
}

/** Connectors, newest first, one row more than the page holds. */
export function listConnectors(
  tx: Transaction,
  scope: TenantScope,
  page: Page<['ID']>,
): Promise<ConnectorRow[]> {
  const query = restrictToScope(
    tx.getRepository(connectorRows).createQueryBuilder('connector'),
    scope,
  );
  if (page.after) query.andWhere('connector.connectorId < :afterId', { afterId: page.after[0] });
  return query
    .orderBy('connector.connectorId', 'DESC')
    .limit(page.limit + 1)
    .getMany();
}
