import { cutMark } from '@vedette/event-model';
import { allowPurge, forbidPurge, protectByCustomer } from '@vedette/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  createRetentionFunctions,
  dropRetentionFunctions,
} from './telemetry-retention-functions.ts';
import { createSearchFunctions, dropSearchFunctions } from './telemetry-search-functions.ts';

/** Free text over telemetry, how long telemetry is kept, and what open cases keep of it for longer. */
export class SearchAndKeepHistory implements MigrationInterface {
  readonly name = 'SearchAndKeepHistory20260601030000';

  async up(runner: QueryRunner): Promise<void> {
    // Made by whoever provisions the service, since the owner may create nothing in the database.
    for (const extension of ['pg_trgm', 'btree_gin']) {
      await runner.query(`create extension if not exists ${extension} schema public`);
    }
    await createTexts(runner);
    await createHolds(runner);
    await createSearchFunctions(runner);
    await createRetentionFunctions(runner);
    await runner.query(`
      select ensure_telemetry_partitions(today - 90, today + 7),
             ensure_telemetry_text_slots(today - 1, today + 3)
      from (select (now() at time zone 'UTC')::date as today)`);
    await fillTexts(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropRetentionFunctions(runner);
    await dropSearchFunctions(runner);
    await forbidPurge(runner, ['telemetry_texts']);
    await runner.query('drop table telemetry_holds, telemetry_texts');
  }
}

/**
 * What free text looks into, apart from the events: a search reads a third of the bytes, and building an index on
 * these rows keeps nobody from writing events. Partitions are slots of four hours, so that most of a day is indexed
 * while the day goes on: see ADR 0023.
 */
async function createTexts(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table telemetry_texts (
      customer_id uuid not null,
      occurred_at timestamptz not null,
      event_id uuid not null,
      received_at timestamptz not null,
      asset_id uuid,
      search_text text not null,
      primary key (customer_id, occurred_at, event_id)
    ) partition by range (occurred_at)`);
  await runner.query(`
    do $$ begin
      alter table telemetry_texts alter column search_text set compression lz4;
    exception when feature_not_supported then null; end $$`);
  await protectByCustomer(runner, 'telemetry_texts');
  await runner.query('create table telemetry_texts_default partition of telemetry_texts default');
  await runner.query('alter table telemetry_texts_default enable row level security');
  await runner.query('grant select, insert on telemetry_texts to ingestion_runtime');
  await allowPurge(runner, ['telemetry_texts']);
}

/**
 * Texts of the events that there are: all of their values, since which are hot is not known here, and the mark of a
 * text that may lack something.
 */
async function fillTexts(runner: QueryRunner): Promise<void> {
  await runner.query(`select set_config('app.scope', 'operator', true)`);
  await runner.query(
    `insert into telemetry_texts (customer_id, occurred_at, event_id, received_at, asset_id, search_text)
     select customer_id, occurred_at, event_id, received_at, asset_id,
            lower(left(concat_ws(E'\\n', host_name, user_name,
              (select string_agg(left(f.value, 1024), E'\\n') from jsonb_each_text(fields) as f)), 4096))
              || E'\\n' || $1
     from telemetry_events`,
    [cutMark],
  );
  await runner.query(`select set_config('app.scope', '', true)`);
}

/** What a case is about, by time and asset: retention leaves it alone while the case is open. */
async function createHolds(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table telemetry_holds (
      customer_id uuid not null,
      case_id uuid not null,
      detection_id uuid not null,
      asset_id uuid,
      from_time timestamptz not null,
      to_time timestamptz not null,
      held_until timestamptz,
      primary key (customer_id, case_id, detection_id)
    )`);
  await protectByCustomer(runner, 'telemetry_holds');
  await runner.query(
    'grant select, insert, update, delete on telemetry_holds to ingestion_runtime',
  );
}
