import { restrictToScope } from '@vedette/service-kit';
import type { Page, TenantScope, Transaction } from '@vedette/service-kit';
import { EntitySchema } from 'typeorm';
import type { ConnectorType } from '../connectors/index.ts';

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
  },
});

export async function insertConnector(tx: Transaction, row: ConnectorRow): Promise<void> {
  await tx.getRepository(connectorRows).insert(row);
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
