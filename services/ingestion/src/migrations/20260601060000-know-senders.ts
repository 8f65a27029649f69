import { protectByCustomer } from '@vedette/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who sends syslog without a key in its lines, which hosts osquery has enrolled, and what they are asked. */
export class KnowSenders implements MigrationInterface {
  readonly name = 'KnowSenders20260601060000';

  async up(runner: QueryRunner): Promise<void> {
    await createSyslogSenders(runner);
    await createOsqueryNodes(runner);
    await createOsqueryQueries(runner);
    await runner.query(
      `grant select, insert, update, delete on syslog_senders, osquery_nodes, osquery_queries
       to ingestion_runtime`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table osquery_queries, osquery_nodes, syslog_senders');
  }
}

async function createSyslogSenders(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table syslog_senders (
      customer_id uuid not null,
      connector_id uuid not null,
      kind text not null,
      value text not null,
      primary key (customer_id, kind, value),
      foreign key (customer_id, connector_id) references connectors
    )`);
  // The line decides nothing but by its sender, so that one address cannot be two customers'. Whoever asks for a taken
  // one is told that it cannot be used, and no more.
  await runner.query(
    'create unique index uq_syslog_senders_kind_value on syslog_senders (kind, value)',
  );
  await runner.query(
    'create index ix_syslog_senders_connector_id on syslog_senders (customer_id, connector_id)',
  );
  await protectByCustomer(runner, 'syslog_senders');
}

async function createOsqueryNodes(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table osquery_nodes (
      customer_id uuid not null,
      connector_id uuid not null,
      node_id uuid not null,
      node_key_sha256 bytea not null,
      sensor_key_public_id text not null,
      host_identifier text not null,
      platform text not null,
      enrolled_at timestamptz not null,
      last_seen_at timestamptz not null,
      primary key (customer_id, node_id),
      foreign key (customer_id, connector_id) references connectors,
      foreign key (customer_id, sensor_key_public_id) references sensor_keys (customer_id, public_id)
    )`);
  // A key is looked up before its customer is known. It is our own random text: a clash tells nobody anything.
  await runner.query(
    'create unique index uq_osquery_nodes_node_key_sha256 on osquery_nodes (node_key_sha256)',
  );
  await runner.query(`
    create unique index uq_osquery_nodes_connector_id_host_identifier
    on osquery_nodes (customer_id, connector_id, host_identifier)`);
  await protectByCustomer(runner, 'osquery_nodes');
}

async function createOsqueryQueries(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table osquery_queries (
      customer_id uuid not null,
      query_id uuid not null,
      node_id uuid not null,
      sql text not null,
      status text not null,
      queued_at timestamptz not null,
      expires_at timestamptz not null,
      sent_at timestamptz,
      answered_at timestamptz,
      answer_rows jsonb,
      message text,
      primary key (customer_id, query_id),
      foreign key (customer_id, node_id) references osquery_nodes
    )`);
  await runner.query(`
    create index ix_osquery_queries_node_id on osquery_queries (customer_id, node_id, queued_at)
    where status in ('QUEUED', 'SENT')`);
  await protectByCustomer(runner, 'osquery_queries');
}
