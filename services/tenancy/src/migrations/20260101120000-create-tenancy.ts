import { protectByCustomer, protectByProvider } from '@vedette/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateTenancy implements MigrationInterface {
  readonly name = 'CreateTenancy20260101120000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table providers (
        provider_id uuid primary key,
        name text not null,
        own_estate_id uuid not null,
        onboarded_at timestamptz not null,
        version int not null
      )`);
    await runner.query('create unique index uq_providers_name on providers (lower(name))');
    await protectByProvider(runner, 'providers');
    await runner.query(`
      create table customers (
        customer_id uuid primary key,
        provider_id uuid not null references providers deferrable initially deferred,
        name text not null,
        is_own_estate boolean not null,
        plan text not null,
        onboarded_at timestamptz not null,
        version int not null
      )`);
    await runner.query(
      'create unique index uq_customers_provider_id_name on customers (provider_id, lower(name))',
    );
    await runner.query(
      'create unique index uq_customers_own_estate on customers (provider_id) where is_own_estate',
    );
    await runner.query('create index ix_customers_name on customers (name, customer_id)');
    await protectByCustomer(runner, 'customers');
    await runner.query('grant select, insert, update on providers, customers to tenancy_runtime');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table customers, providers');
  }
}
