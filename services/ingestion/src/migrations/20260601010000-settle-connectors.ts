import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people set for a connector, what it signs in with (sealed), and which plan its customer has. */
export class SettleConnectors implements MigrationInterface {
  readonly name = 'SettleConnectors20260601010000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table connectors
        add column settings jsonb not null default '{}',
        add column credentials_sealed text,
        add column is_paused boolean not null default false`);
    await runner.query(`
      alter table customers
        add column plan text not null default 'STANDARD',
        add column plan_version bigint not null default 0`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table customers drop column plan, drop column plan_version');
    await runner.query(
      'alter table connectors drop column settings, drop column credentials_sealed, drop column is_paused',
    );
  }
}
