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
