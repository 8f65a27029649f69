import { allowPurge, forbidPurge, protectByCustomer } from '@vedette/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What connectors have reported, when they fell silent, what is missing of them, and what could not be taken. */
export class WatchConnectors implements MigrationInterface {
  readonly name = 'WatchConnectors20260601040000';

  async up(runner: QueryRunner): Promise<void> {
    // Null where nobody has set it: then it is what is usual for the type.
    await runner.query('alter table connectors add column silent_after_minutes int');
    await createWatches(runner);
    await createCounts(runner);
    await createGaps(runner);
    await createQuarantine(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await forbidPurge(runner, ['telemetry_gaps', 'connector_watches']);
    await runner.query(
      'drop table quarantined_records, telemetry_gaps, rejection_counts, event_counts, connector_watches',
    );
    await runner.query('alter table connectors drop column silent_after_minutes');
  }
}

/** Apart from the connectors: these rows change with every batch. The room left in pages lets them change in place. */
async function createWatches(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table connector_watches (
      customer_id uuid not null,
      connector_id uuid not null,
      last_event_at timestamptz not null,
      last_received_at timestamptz not null,
      lag_ms bigint not null,
      watched_from timestamptz not null,
      silent_since timestamptz,
      primary key (customer_id, connector_id),
      foreign key (customer_id, connector_id) references connectors
    ) with (fillfactor = 40)`);
  await protectByCustomer(runner, 'connector_watches');
  await runner.query('grant select, insert, update on connector_watches to ingestion_runtime');
  await allowPurge(runner, ['connector_watches']);
}

/** By the hour of receipt, which is ours: a source's clock that is wrong must not add rows without end. */
async function createCounts(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table event_counts (
      customer_id uuid not null,
      connector_id uuid not null,
      hour timestamptz not null,
      class_uid int not null,
      events bigint not null,
      bytes bigint not null,
      primary key (customer_id, connector_id, hour, class_uid)
    ) with (fillfactor = 50)`);
  await runner.query(`
    create table rejection_counts (
      customer_id uuid not null,
      connector_id uuid not null,
      hour timestamptz not null,
      rejected bigint not null,
      pushed_out bigint not null,
      primary key (customer_id, connector_id, hour)
    ) with (fillfactor = 50)`);
  for (const table of ['event_counts', 'rejection_counts']) {
    await runner.query(`create index ix_${table}_hour on ${table} (hour)`);
    await protectByCustomer(runner, table);
    await runner.query(`grant select, insert, update, delete on ${table} to ingestion_runtime`);
  }
}

async function createGaps(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table telemetry_gaps (
      customer_id uuid not null,
      gap_id uuid not null,
      connector_id uuid not null,
      from_time timestamptz not null,
      to_time timestamptz not null,
      reason text not null,
      recorded_at timestamptz not null,
      primary key (customer_id, gap_id),
      foreign key (customer_id, connector_id) references connectors
    )`);
  await runner.query(`
    create unique index uq_telemetry_gaps_connector_id_reason_from_time_to_time
    on telemetry_gaps (customer_id, connector_id, reason, from_time, to_time)`);
  await runner.query(
    'create index ix_telemetry_gaps_customer_id_to_time on telemetry_gaps (customer_id, to_time desc, gap_id desc)',
  );
  await runner.query(
    'create index ix_telemetry_gaps_to_time on telemetry_gaps (to_time desc, gap_id desc)',
  );
  await protectByCustomer(runner, 'telemetry_gaps');
  await runner.query('grant select, insert on telemetry_gaps to ingestion_runtime');
  await allowPurge(runner, ['telemetry_gaps']);
}

/** Bytes, not text: what is here may be no text at all. It is compressed where it is long. */
async function createQuarantine(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table quarantined_records (
      customer_id uuid not null,
      record_id uuid not null,
      connector_id uuid not null,
      received_at timestamptz not null,
      line int not null,
      code text not null,
      message text not null,
      raw bytea not null,
      kept_bytes int not null,
      raw_bytes int not null,
      tried_at timestamptz,
      replayed_at timestamptz,
      primary key (customer_id, record_id)
    )`);
  await runner.query(`
    create index ix_quarantined_records_connector_id_received_at
    on quarantined_records (customer_id, connector_id, received_at desc, record_id desc)
    include (kept_bytes)`);
  await runner.query(`
    create index ix_quarantined_records_customer_id_received_at
    on quarantined_records (customer_id, received_at desc, record_id desc)`);
  await runner.query(`
    create index ix_quarantined_records_received_at
    on quarantined_records (received_at desc, record_id desc)`);
  // Operators name records without their customers.
  await runner.query(
    'create index ix_quarantined_records_record_id on quarantined_records (record_id)',
  );
  await protectByCustomer(runner, 'quarantined_records');
  await runner.query(
    'grant select, insert, update, delete on quarantined_records to ingestion_runtime',
  );
}
