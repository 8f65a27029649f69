import type { QueryRunner } from 'typeorm';
import { grantToRuntime } from './telemetry-search-functions.ts';

/** The functions that let telemetry go: the runtime role may delete none of it by itself. */
export async function createRetentionFunctions(runner: QueryRunner): Promise<void> {
  await createListFunction(runner);
  await createDropFunction(runner);
  await createExpireFunction(runner);
}

export async function dropRetentionFunctions(runner: QueryRunner): Promise<void> {
  await runner.query(
    'drop function expire_telemetry, drop_telemetry_partition, list_telemetry_partitions',
  );
}

/** Partitions of events and of their texts, oldest first; the default ones have no end. */
async function createListFunction(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create function list_telemetry_partitions() returns table (name text, ends_at timestamptz)
    language sql stable security definer set search_path = ingestion, pg_temp as $$
      select c.relname::text,
             case
               when c.relname ~ '^telemetry_events_[0-9]{8}$'
               then (to_date(right(c.relname, 8), 'YYYYMMDD') + 1)::timestamp at time zone 'UTC'
               when c.relname ~ '^telemetry_texts_[0-9]{10}$'
               then (to_timestamp(right(c.relname, 10), 'YYYYMMDDHH24')::timestamp at time zone 'UTC')
                    + interval '4 hours'
             end
      from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent in ('telemetry_events'::regclass, 'telemetry_texts'::regclass)
      order by 2, 1
    $$`);
  await grantToRuntime(runner, 'list_telemetry_partitions');
}

/** Whether an open case, or one that was closed not long ago, is about the row \`p\`. */
const isHeld = `exists (
  select from telemetry_holds h
  where h.customer_id = p.customer_id and (h.asset_id is null or h.asset_id = p.asset_id)
    and p.occurred_at >= h.from_time and p.occurred_at < h.to_time
    and (h.held_until is null or h.held_until > now()))`;

/**
 * Drops one partition that nobody's plan keeps any more. What is held moves into the default partition, where it
 * stays until it is held no longer.
 */
async function createDropFunction(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create function drop_telemetry_partition(partition text) returns void
    language plpgsql security definer
    set search_path = ingestion, pg_temp set lock_timeout = '5s' as $$
    declare
      parent text := case when partition like 'telemetry\\_texts\\_%' then 'telemetry_texts'
                          else 'telemetry_events' end;
    begin
      -- Holds and plans are anybody's: with fewer of them in sight, more would be let go.
      if current_setting('app.scope', true) is distinct from 'operator' then
        raise exception 'retention spans customers' using errcode = '42501';
      end if;
      -- The longest that any plan keeps is not decided here; that nothing young is dropped by mistake is.
      if not exists (select from list_telemetry_partitions() l
                     where l.name = partition and l.ends_at < now() - interval '30 days') then
        raise exception 'no partition that may be dropped' using errcode = '22023';
      end if;
      execute format('lock table only %I in share update exclusive mode', parent);
      execute format('alter table %I detach partition %I', parent, partition);
      execute format('insert into %I select p.* from %I p where ${isHeld}',
                     parent || '_default', partition);
      execute format('drop table %I', partition);
    end $$`);
  await grantToRuntime(runner, 'drop_telemetry_partition');
}

/**
 * Deletes rows of one partition that their customers' plans keep no longer and no case holds: by the time of the
 * event, or, where that was no time of a partition when it came, by that of receipt. Answers how many.
 */
async function createExpireFunction(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create function expire_telemetry(partition text, days_by_plan jsonb, max_rows int) returns int
    language plpgsql security definer
    set search_path = ingestion, pg_temp set lock_timeout = '5s' as $$
    declare
      deleted int;
      kept_from text := case when partition like '%\\_default' then $since$
        case when p.occurred_at between p.received_at - interval '90 days' and p.received_at + interval '7 days'
             then p.occurred_at else p.received_at end $since$ else 'p.occurred_at' end;
    begin
      -- Holds and plans are anybody's: with fewer of them in sight, more would be let go.
      if current_setting('app.scope', true) is distinct from 'operator' then
        raise exception 'retention spans customers' using errcode = '42501';
      end if;
      if not exists (select from list_telemetry_partitions() l where l.name = partition) then
        raise exception 'no such partition' using errcode = '22023';
      end if;
      if exists (select from jsonb_each_text(days_by_plan) d where d.value::int < 7) then
        raise exception 'days_by_plan must keep a week at least' using errcode = '22023';
      end if;
      execute format(
        'with expired as materialized (
           select p.ctid as place
           from customers c join %1$I p on p.customer_id = c.customer_id
           where %2$s < now() - make_interval(days => ($1 ->> c.plan)::int) and not ${isHeld}
           limit $2)
         delete from %1$I p using expired e where p.ctid = e.place', partition, kept_from)
      using days_by_plan, max_rows;
      get diagnostics deleted = row_count;
      return deleted;
    end $$`);
  await grantToRuntime(runner, 'expire_telemetry');
}
