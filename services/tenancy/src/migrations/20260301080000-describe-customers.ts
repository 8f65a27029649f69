import { protectByCustomer } from '@vedette/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is known about customers and providers besides their names, and what becomes of them. */
export class DescribeCustomers implements MigrationInterface {
  readonly name = 'DescribeCustomers20260301080000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table providers
        add column frozen_at timestamptz,
        add column frozen_by text,
        add column freeze_reason text,
        add column lift_requested_by text`);
    await runner.query(`
      alter table customers
        add column external_reference text,
        add column status text not null default 'ACTIVE',
        add column offboarded_at timestamptz,
        add column sector text,
        add column size text,
        add column region text,
        add column technologies text[] not null default '{}',
        add column exposure text[] not null default '{}',
        add column policy_version int not null default 0,
        add column policy_digest text,
        add column policy_changes_at timestamptz,
        add column name_key text generated always as (
          case when status in ('PURGING', 'PURGED') then null else lower(name) end) stored`);
    // Deferrable, so that one import can let two customers swap their names.
    await runner.query('drop index uq_customers_provider_id_name');
    await runner.query(`
      alter table customers
        add constraint uq_customers_provider_id_name unique (provider_id, name_key)
          deferrable initially immediate,
        add constraint uq_customers_provider_id_external_reference
          unique (provider_id, external_reference) deferrable initially immediate`);
    await runner.query(
      'create index ix_customers_provider_id_name on customers (provider_id, name, customer_id)',
    );
    await runner.query(`
      create index ix_customers_policy_changes_at on customers (policy_changes_at)
      where policy_changes_at is not null`);
    // For whoever reaches all of a provider's customers: thousands of ids would take longer to compare.
    await runner.query(`
      create policy of_provider on customers for select using (
        (select current_setting('app.scope', true)) = 'provider'
        and provider_id = (select nullif(current_setting('app.provider_id', true), '')::uuid))`);
    await runner.query(`
      create table customer_exports (
        export_id uuid primary key,
        customer_id uuid not null,
        requested_at timestamptz not null,
        requested_by text not null
      )`);
    await runner.query(`
      create table customer_purges (
        purge_id uuid primary key,
        customer_id uuid not null unique,
        requested_at timestamptz not null,
        requested_by text not null
      )`);
    await runner.query(`
      create table customer_receipts (
        customer_id uuid not null,
        request_id uuid not null,
        service text not null,
        received_at timestamptz not null,
        rows bigint not null,
        sha256 text,
        bytes bigint,
        messages bigint,
        primary key (customer_id, request_id, service)
      )`);
    // What readiness needs to know of a customer's connectors, from ingestion's events.
    await runner.query(`
      create table customer_connectors (
        customer_id uuid primary key,
        first_connector_at timestamptz not null,
        first_reported_at timestamptz
      )`);
    for (const table of [
      'customer_exports',
      'customer_purges',
      'customer_receipts',
      'customer_connectors',
    ]) {
      await protectByCustomer(runner, table);
    }
    await runner.query(
      'create index ix_customer_exports_customer_id on customer_exports (customer_id, requested_at)',
    );
    await runner.query(`
      grant select, insert, update, delete
      on customer_exports, customer_purges, customer_receipts, customer_connectors
      to tenancy_runtime`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'drop table customer_connectors, customer_receipts, customer_purges, customer_exports',
    );
    await runner.query('drop policy of_provider on customers');
    await runner.query(`
      alter table customers
        drop column name_key, drop column policy_changes_at, drop column policy_digest,
        drop column policy_version,
        drop column exposure, drop column technologies, drop column region, drop column size,
        drop column sector, drop column offboarded_at, drop column status,
        drop column external_reference`);
    await runner.query(
      'create unique index uq_customers_provider_id_name on customers (provider_id, lower(name))',
    );
    await runner.query(`
      alter table providers
        drop column lift_requested_by, drop column freeze_reason, drop column frozen_by,
        drop column frozen_at`);
  }
}
