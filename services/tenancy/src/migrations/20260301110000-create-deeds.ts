import { protectByCustomer, protectByOwner } from '@vedette/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The ledger of administrative deeds, which nobody changes, not even its owner by accident. */
export class CreateDeeds implements MigrationInterface {
  readonly name = 'CreateDeeds20260301110000';

  async up(runner: QueryRunner): Promise<void> {
    // Destroyed at the purge: what was sealed with it is then unreadable for good.
    await runner.query(`
      create table customer_keys (
        customer_id uuid primary key,
        sealed_key text not null
      )`);
    await protectByCustomer(runner, 'customer_keys');
    // `ledger` is the customer, or the provider where there is none: each has a chain of its own.
    await runner.query(`
      create table deeds (
        ledger uuid not null,
        sequence bigint not null,
        deed_id uuid not null,
        provider_id uuid not null,
        customer_id uuid,
        at timestamptz not null,
        actor text not null,
        actor_role text not null,
        kind text not null,
        target_type text not null,
        target_id uuid not null,
        sealed_change text not null,
        previous_hash bytea not null,
        hash bytea not null,
        primary key (ledger, sequence)
      )`);
    await protectByOwner(runner, 'deeds');
    await runner.query('create index ix_deeds_at on deeds (at)');
    await runner.query('create unique index uq_deeds_deed_id on deeds (deed_id)');
    await runner.query('create index ix_deeds_customer_id_at on deeds (customer_id, at)');
    await runner.query('create index ix_deeds_provider_id_at on deeds (provider_id, at)');
    await runner.query(`
      create function refuse_change() returns trigger language plpgsql set search_path = '' as $$
        begin raise exception 'the ledger of deeds is append-only'; end $$`);
    await runner.query(`
      create trigger append_only before update or delete or truncate on deeds
      for each statement execute function refuse_change()`);
    await runner.query('grant select, insert on deeds to tenancy_runtime');
    await runner.query('grant select, insert, delete on customer_keys to tenancy_runtime');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table deeds, customer_keys');
    await runner.query('drop function refuse_change');
  }
}
