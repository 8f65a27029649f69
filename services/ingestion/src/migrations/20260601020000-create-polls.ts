import { allowPurge, forbidPurge, protectByCustomer } from '@vedette/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is fetched from sources: one row for each feed of a connector, with how far it is. */
export class CreatePolls implements MigrationInterface {
  readonly name = 'CreatePolls20260601020000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table connector_polls (
        customer_id uuid not null,
        connector_id uuid not null,
        feed text not null,
        cursor jsonb,
        checkpoint_at timestamptz,
        next_poll_at timestamptz not null,
        last_poll_at timestamptz,
        lease_id uuid,
        lease_until timestamptz,
        failures int not null default 0,
        last_error text,
        primary key (customer_id, connector_id, feed),
        foreign key (customer_id, connector_id) references connectors
      )`);
    // What is due is looked for every second, across customers.
    await runner.query(
      'create index ix_connector_polls_next_poll_at on connector_polls (next_poll_at)',
    );
    await protectByCustomer(runner, 'connector_polls');
    await runner.query('grant select, insert, update on connector_polls to ingestion_runtime');
    await allowPurge(runner, ['connector_polls']);
  }

  async down(runner: QueryRunner): Promise<void> {
    await forbidPurge(runner, ['connector_polls']);
    await runner.query('drop table connector_polls');
  }
}
