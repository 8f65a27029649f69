import { protectByCustomer } from '@vedette/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A row for each connector instead of one for each customer, whose first report said nothing of the
 * others. The consumer that fills it is new, and hears all that ingestion's stream still holds.
 */
export class KnowEachConnector implements MigrationInterface {
  readonly name = 'KnowEachConnector20260301150000';

  up(runner: QueryRunner): Promise<void> {
    return makeTable(
      runner,
      `connector_id uuid not null, version bigint not null, keyed_at timestamptz,
       reported_at timestamptz, primary key (customer_id, connector_id)`,
    );
  }

  down(runner: QueryRunner): Promise<void> {
    return makeTable(
      runner,
      `first_connector_at timestamptz not null, first_reported_at timestamptz,
       primary key (customer_id)`,
    );
  }
}

async function makeTable(runner: QueryRunner, columns: string): Promise<void> {
  await runner.query('drop table customer_connectors');
  await runner.query(`create table customer_connectors (customer_id uuid not null, ${columns})`);
  await protectByCustomer(runner, 'customer_connectors');
  await runner.query(
    'grant select, insert, update, delete on customer_connectors to tenancy_runtime',
  );
}
