import { protectByCustomer } from '@vedette/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Telemetry history, a partition per UTC day, and the function that makes partitions. */
export class CreateTelemetryHistory implements MigrationInterface {
  readonly name = 'CreateTelemetryHistory20260101130000';

  async up(runner: QueryRunner): Promise<void> {
    await createTelemetryEvents(runner);
    await createUndatedEvents(runner);
    await createPartitionFunction(runner);
    await runner.query(`
      select ensure_telemetry_partitions(today - 31, today + 7)
      from (select (now() at time zone 'UTC')::date as today)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop function ensure_telemetry_partitions');
    await runner.query('drop table undated_events, telemetry_events');
  }
}

async function createTelemetryEvents(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table telemetry_events (
      customer_id uuid not null,
      occurred_at timestamptz not null,
      event_id uuid not null,
      received_at timestamptz not null,
      connector_id uuid not null,
      class_uid int not null,
      activity_id int not null,
      severity_id int not null,
      asset_id uuid,
      host_name text,
      user_name text,
      fields jsonb not null,
      raw text not null,
      primary key (customer_id, occurred_at, event_id)
    ) partition by range (occurred_at)`);
  // Faster than the built-in method at about the same size; not every server is built with it.
  await runner.query(`
    do $$ begin
      alter table telemetry_events alter column raw set compression lz4;
      alter table telemetry_events alter column fields set compression lz4;
    exception when feature_not_supported then null; end $$`);
  await runner.query(
    `create index ix_telemetry_events_customer_id_asset_id_occurred_at
     on telemetry_events (customer_id, asset_id, occurred_at desc)`,
  );
  await protectByCustomer(runner, 'telemetry_events');
  // For times that no day's partition covers.
  await runner.query('create table telemetry_events_default partition of telemetry_events default');
  await runner.query('alter table telemetry_events_default enable row level security');
  // On the parent alone: reached directly, a partition would bypass the parent's policy.
  await runner.query('grant select, insert on telemetry_events to ingestion_runtime');
}

/**
 * Records without a time of their own take the time of receipt, so the history's key does not know a
 * second copy of them. Their ids are kept here for as long as a sender may send again.
 */
async function createUndatedEvents(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table undated_events (
      customer_id uuid not null,
      event_id uuid not null,
      received_at timestamptz not null,
      primary key (customer_id, event_id)
    )`);
  await runner.query('create index ix_undated_events_received_at on undated_events (received_at)');
  await protectByCustomer(runner, 'undated_events');
  await runner.query('grant select, insert, delete on undated_events to ingestion_runtime');
}

/**
 * Runs as the owner, since the runtime role may neither create tables nor touch partitions. A
 * partition is filled and then attached: that leaves readers and writers of other days undisturbed.
 * Row-level security is on for each partition and has no policy there: whoever is not the owner sees
 * nothing in it, even with a grant made by mistake.
 */
async function createPartitionFunction(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create function ensure_telemetry_partitions(from_day date, to_day date) returns int
    language plpgsql security definer
    set search_path = ingestion, pg_temp set lock_timeout = '5s' as $$
    declare
      day date;
      partition text;
      from_time timestamptz;
      to_time timestamptz;
      created int := 0;
    begin
      if from_day is null or to_day is null or from_day > to_day or to_day - from_day > 200 then
        raise exception 'from_day and to_day must span 1 to 201 days' using errcode = '22023';
      end if;
      for day in select generate_series(from_day, to_day, interval '1 day')::date loop
        partition := 'telemetry_events_' || to_char(day, 'YYYYMMDD');
        continue when to_regclass(partition) is not null;
        -- One maker at a time; and nobody adds to the default partition what is being moved out of it.
        lock table only telemetry_events in share update exclusive mode;
        lock table telemetry_events_default in access exclusive mode;
        continue when to_regclass(partition) is not null;
        from_time := day::timestamp at time zone 'UTC';
        to_time := (day + 1)::timestamp at time zone 'UTC';
        execute format(
          'create table %I (like telemetry_events including defaults including indexes including compression)',
          partition);
        execute format('alter table %I enable row level security', partition);
        execute format(
          'with moved as (
             delete from telemetry_events_default where occurred_at >= $1 and occurred_at < $2 returning *
           ) insert into %I select * from moved', partition) using from_time, to_time;
        execute format(
          'alter table telemetry_events attach partition %I for values from (%L) to (%L)',
          partition, from_time, to_time);
        created := created + 1;
      end loop;
      return created;
    end $$`);
  await runner.query('revoke execute on function ensure_telemetry_partitions from public');
  await runner.query('grant execute on function ensure_telemetry_partitions to ingestion_runtime');
}
