import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The tables that carry messages, the same in every service. They span customers and are the listed
 * exceptions from row-level security; no resolver reads them.
 */
export class CreateMessagingTables implements MigrationInterface {
  readonly name = 'CreateMessagingTables20260101000000';

  async up(runner: QueryRunner): Promise<void> {
    const schema = (await runner.query('select current_schema() as name')) as { name: string }[];
    const runtime = `${schema[0]?.name}_runtime`;
    await runner.query(`
      create table outbox (
        position bigint generated always as identity primary key,
        event_id uuid not null constraint uq_outbox_event_id unique,
        subject text not null,
        aggregate_id text not null,
        aggregate_version bigint not null,
        headers jsonb not null,
        payload bytea not null,
        created_at timestamptz not null default now(),
        published_at timestamptz
      )`);
    await runner.query(
      'create index ix_outbox_unpublished on outbox (position) where published_at is null',
    );
    await runner.query('create index ix_outbox_created_at on outbox (created_at)');
    await runner.query(`
      create table inbox (
        consumer text not null,
        event_id uuid not null,
        received_at timestamptz not null default now(),
        primary key (consumer, event_id)
      )`);
    await runner.query('create index ix_inbox_received_at on inbox (received_at)');
    await runner.query(`
      create table dead_letters (
        dead_letter_id bigint generated always as identity primary key,
        consumer text not null,
        stream text not null,
        stream_sequence bigint not null,
        subject text not null,
        headers jsonb not null,
        payload bytea not null,
        reason text not null,
        deliveries int not null,
        sent_at timestamptz not null,
        dead_at timestamptz not null default now(),
        replayed_at timestamptz,
        constraint uq_dead_letters_message unique (consumer, stream, stream_sequence)
      )`);
    await runner.query(
      `grant select, insert, update, delete on outbox, inbox, dead_letters to ${runtime}`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table dead_letters, inbox, outbox');
  }
}

/**
 * The customers that are purged, by id and nothing else, so that what was under way at the time does
 * not bring them back. It spans customers like the tables above.
 */
export class CreatePurgedCustomers implements MigrationInterface {
  readonly name = 'CreatePurgedCustomers20260301000000';

  async up(runner: QueryRunner): Promise<void> {
    const schema = (await runner.query('select current_schema() as name')) as { name: string }[];
    await runner.query(`
      create table purged_customers (
        customer_id uuid primary key,
        purged_at timestamptz not null default now(),
        deleted_rows bigint not null default 0,
        deleted_messages bigint not null default 0
      )`);
    await runner.query(
      `grant select, insert, update on purged_customers to ${schema[0]?.name}_runtime`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table purged_customers');
  }
}
