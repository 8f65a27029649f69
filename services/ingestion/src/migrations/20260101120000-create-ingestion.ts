import { protectByCustomer } from '@vedette/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Connectors with their keys, assets, and what was answered under an idempotency key. */
export class CreateIngestion implements MigrationInterface {
  readonly name = 'CreateIngestion20260101120000';

  async up(runner: QueryRunner): Promise<void> {
    await createConnectors(runner);
    await createAssets(runner);
    await createIdempotencyKeys(runner);
    await runner.query(
      'grant select, insert, update on connectors, sensor_keys, assets to ingestion_runtime',
    );
    await runner.query(
      'grant select, insert, update, delete on idempotency_keys to ingestion_runtime',
    );
    await runner.query('grant delete on sensor_keys to ingestion_runtime');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table idempotency_keys, assets, sensor_keys, connectors');
  }
}

async function createConnectors(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table connectors (
      customer_id uuid not null references customers,
      connector_id uuid not null,
      type text not null,
      name text not null,
      provenance text not null,
      created_at timestamptz not null,
      version int not null,
      primary key (customer_id, connector_id)
    )`);
  await runner.query('create index ix_connectors_connector_id on connectors (connector_id)');
  await protectByCustomer(runner, 'connectors');
  await runner.query(`
    create table sensor_keys (
      customer_id uuid not null,
      connector_id uuid not null,
      public_id text not null,
      key_sha256 bytea not null,
      created_at timestamptz not null,
      primary key (customer_id, public_id),
      foreign key (customer_id, connector_id) references connectors
    )`);
  // A key is looked up before its customer is known. Public ids are our own random text, so that a
  // clash tells nobody anything.
  await runner.query('create unique index uq_sensor_keys_public_id on sensor_keys (public_id)');
  await protectByCustomer(runner, 'sensor_keys');
}

async function createAssets(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table assets (
      customer_id uuid not null,
      asset_id uuid not null,
      name text not null,
      first_seen_at timestamptz not null,
      last_seen_at timestamptz not null,
      version int not null,
      primary key (customer_id, asset_id)
    )`);
  await runner.query(
    'create index ix_assets_customer_id_last_seen_at on assets (customer_id, last_seen_at, asset_id)',
  );
  await runner.query('create index ix_assets_last_seen_at on assets (last_seen_at, asset_id)');
  await protectByCustomer(runner, 'assets');
}

async function createIdempotencyKeys(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table idempotency_keys (
      customer_id uuid not null,
      connector_id uuid not null,
      key text not null,
      body_sha256 bytea not null,
      answer jsonb,
      claimed_at timestamptz not null,
      created_at timestamptz not null,
      primary key (customer_id, connector_id, key)
    )`);
  await runner.query(
    'create index ix_idempotency_keys_created_at on idempotency_keys (created_at)',
  );
  await protectByCustomer(runner, 'idempotency_keys');
}
