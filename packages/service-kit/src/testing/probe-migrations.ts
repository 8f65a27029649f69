import type { MigrationInterface, QueryRunner } from 'typeorm';
import { protectByCustomer, protectByProvider } from '../migrate.ts';

/** The tables of a made-up service: one with customers' rows, one with providers'. */
export class CreateNotes implements MigrationInterface {
  readonly name = 'CreateNotes20260101120000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table notes (customer_id uuid not null, text text not null)');
    await runner.query('create table plans (provider_id uuid not null, text text not null)');
    await protectByCustomer(runner, 'notes');
    await protectByProvider(runner, 'plans');
    await runner.query('grant select, insert, update, delete on notes, plans to kit_runtime');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table notes, plans');
  }
}

/** Built beside the product's traffic, which PostgreSQL allows only outside of a transaction. */
export class IndexNotes implements MigrationInterface {
  readonly name = 'IndexNotes20260102120000';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create index concurrently ix_notes_customer_id on notes (customer_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index concurrently ix_notes_customer_id');
  }
}
