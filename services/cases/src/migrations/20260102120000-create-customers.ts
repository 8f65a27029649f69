import { protectByCustomer } from '@vedette/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** This service's own copy of customers, from tenancy's events. */
export class CreateCustomers implements MigrationInterface {
  readonly name = 'CreateCustomers20260102120000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table customers (
        customer_id uuid primary key,
        provider_id uuid not null,
        version bigint not null
      )`);
    await protectByCustomer(runner, 'customers');
    await runner.query('grant select, insert, update on customers to cases_runtime');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table customers');
  }
}
