import type { QueryRunner } from 'typeorm';

/** The functions that free text needs; they run as the owner, since nobody else reaches a partition. */
export async function createSearchFunctions(runner: QueryRunner): Promise<void> {
  await createSlotFunction(runner);
  await createIndexFunction(runner);
  await createSearchFunction(runner);
}

export async function dropSearchFunctions(runner: QueryRunner): Promise<void> {
  await runner.query(
    'drop function search_telemetry_texts, index_telemetry_texts, ensure_telemetry_text_slots',
  );
}

/** Makes the slots of four hours of some days; what the default partition has of them moves there. */
async function createSlotFunction(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create function ensure_telemetry_text_slots(from_day date, to_day date) returns int
    language plpgsql security definer
    set search_path = ingestion, pg_temp set lock_timeout = '5s' as $$
    declare
      slot timestamptz;
      partition text;
      created int := 0;
    begin
      if from_day is null or to_day is null or from_day > to_day or to_day - from_day > 31 then
        raise exception 'from_day and to_day must span 1 to 32 days' using errcode = '22023';
      end if;
      for slot in
        select generate_series(from_day::timestamp at time zone 'UTC',
                               (to_day + 1)::timestamp at time zone 'UTC' - interval '1 second',
                               interval '4 hours')
      loop
        partition := 'telemetry_texts_' || to_char(slot at time zone 'UTC', 'YYYYMMDDHH24');
        continue when to_regclass(partition) is not null;
        lock table only telemetry_texts in share update exclusive mode;
        lock table telemetry_texts_default in access exclusive mode;
        continue when to_regclass(partition) is not null;
        execute format(
          'create table %I (like telemetry_texts including defaults including indexes including compression)',
          partition);
        execute format('alter table %I enable row level security', partition);
        execute format(
          'with moved as (
             delete from telemetry_texts_default where occurred_at >= $1 and occurred_at < $2 returning *
           ) insert into %I select * from moved', partition) using slot, slot + interval '4 hours';
        execute format(
          'alter table telemetry_texts attach partition %I for values from (%L) to (%L)',
          partition, slot, slot + interval '4 hours');
        created := created + 1;
      end loop;
      return created;
    end $$`);
  await grantToRuntime(runner, 'ensure_telemetry_text_slots');
}

/**
 * Indexes the latest slot that ended before a time and has no index yet; answers its name, or null where all have
 * one. An index that is built at once costs less than half of one that grows row by row, and none of it is the
 * writer's. Meanwhile, rows that come late for this very slot wait.
 */
async function createIndexFunction(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create function index_telemetry_texts(before timestamptz) returns text
    language plpgsql security definer
    set search_path = ingestion, pg_temp set lock_timeout = '5s' set maintenance_work_mem = '256MB' as $$
    declare
      partition text;
    begin
      select c.relname into partition
      from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'telemetry_texts'::regclass and c.relname ~ '^telemetry_texts_[0-9]{10}$'
        and (to_timestamp(right(c.relname, 10), 'YYYYMMDDHH24')::timestamp at time zone 'UTC')
              + interval '4 hours' <= before
        and to_regclass('ix_text_' || right(c.relname, 10)) is null
      order by c.relname desc limit 1;
      if partition is null then return null; end if;
      execute format('create index %I on %I using gin (customer_id public.uuid_ops, search_text public.gin_trgm_ops)
                      with (fastupdate = on, gin_pending_list_limit = 1024)',
                     'ix_text_' || right(partition, 10), partition);
      execute format('analyze %I', partition);
      return partition;
    end $$`);
  await grantToRuntime(runner, 'index_telemetry_texts');
}

/**
 * Where one customer's events that hold a text are, latest first, after a place. It reads the slots themselves,
 * one after the other: below a policy no index could answer \`like\`, which PostgreSQL does not call leakproof. So it
 * asks the policy's question itself, once, and looks for that one customer and nobody else. Texts that hold the mark
 * are answered as well, where there is one.
 */
async function createSearchFunction(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create function search_telemetry_texts(
      wanted_customer uuid, wanted_text text, or_mark text, wanted_asset uuid,
      from_time timestamptz, to_time timestamptz, last_time timestamptz, last_id uuid, max_rows int
    ) returns table (occurred_at timestamptz, event_id uuid)
    language plpgsql stable security definer
    set search_path = ingestion, pg_temp set jit = off as $$
    declare
      pattern text := '%' || replace(replace(replace(wanted_text, '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%';
      slot_end timestamptz := least(to_time, last_time + interval '1 microsecond');
      slot_start timestamptz;
      partition text;
      missing int := max_rows;
      found int;
    begin
      if (wanted_customer = any (nullif(current_setting('app.customer_ids', true), '')::uuid[])
          or current_setting('app.scope', true) = 'operator') is not true then return; end if;
      if to_time - from_time > interval '32 days' or max_rows > 100000 then
        raise exception 'too long a period or too many rows' using errcode = '22023';
      end if;
      while slot_end > from_time and missing > 0 loop
        slot_start := date_bin(interval '4 hours', slot_end - interval '1 microsecond',
                               timestamptz '2000-01-01 00:00:00Z');
        partition := 'telemetry_texts_' || to_char(slot_start at time zone 'UTC', 'YYYYMMDDHH24');
        if to_regclass(partition) is null then partition := 'telemetry_texts_default'; end if;
        return query execute format(
          'select t.occurred_at, t.event_id from %I t
           where t.customer_id = $1 and (t.search_text like $2 %s)
             and t.occurred_at >= $3 and t.occurred_at < $4
             and ($5 is null or t.asset_id = $5) and ($6 is null or (t.occurred_at, t.event_id) < ($6, $7))
           order by t.occurred_at desc, t.event_id desc limit $8',
          partition, case when or_mark is not null then 'or t.search_text like $9' end)
        using wanted_customer, pattern, greatest(slot_start, from_time), slot_end,
              wanted_asset, last_time, last_id, missing, '%' || or_mark || '%';
        get diagnostics found = row_count;
        missing := missing - found;
        slot_end := slot_start;
      end loop;
    end $$`);
  await grantToRuntime(runner, 'search_telemetry_texts');
}

/** Functions are everybody's unless that is taken back. */
export async function grantToRuntime(runner: QueryRunner, name: string): Promise<void> {
  await runner.query(`revoke execute on function ${name} from public`);
  await runner.query(`grant execute on function ${name} to ingestion_runtime`);
}
