import { allowPurge, forbidPurge, protectByCustomer } from '@vedette/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const tables = ['asset_keys', 'asset_separations', 'assessments', 'identities', 'identity_links'];

/** What tells that two assets are one, accounts, and what people and rules think of both. */
export class MergeAssets implements MigrationInterface {
  readonly name = 'MergeAssets20260601050000';

  async up(runner: QueryRunner): Promise<void> {
    await extendAssets(runner);
    await createAssetKeys(runner);
    await createAssessments(runner);
    await createIdentities(runner);
    for (const table of tables) await protectByCustomer(runner, table);
    await runner.query(`grant select, insert, update on ${tables.join(', ')} to ingestion_runtime`);
    await allowPurge(runner, tables);
  }

  async down(runner: QueryRunner): Promise<void> {
    await forbidPurge(runner, tables);
    await runner.query(`drop table ${tables.join(', ')}`);
    await runner.query('drop index ix_assets_customer_id_merged_into');
    await runner.query(`
      alter table assets
        drop column own_first_seen_at, drop column own_last_seen_at, drop column merged_into,
        drop column kind, drop column os, drop column criticality, drop column criticality_source,
        drop column criticality_reason, drop column criticality_set_by, drop column criticality_set_at`);
  }
}

/**
 * What is shown of an asset holds for all that were merged into it; its own times are kept, so that a merge can be
 * taken back. Null where an asset was last written before there were any: then they are those shown.
 */
async function extendAssets(runner: QueryRunner): Promise<void> {
  await runner.query(`
    alter table assets
      add column own_first_seen_at timestamptz,
      add column own_last_seen_at timestamptz,
      add column merged_into uuid,
      add column kind text not null default 'UNKNOWN',
      add column os text,
      add column criticality text not null default 'NORMAL',
      add column criticality_source text,
      add column criticality_reason text,
      add column criticality_set_by text,
      add column criticality_set_at timestamptz`);
  await runner.query(`
    create index ix_assets_customer_id_merged_into on assets (customer_id, merged_into)
    where merged_into is not null`);
}

/** Several assets can have one key: whether they are one is decided from all that have it. */
async function createAssetKeys(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table asset_keys (
      customer_id uuid not null,
      asset_id uuid not null,
      kind text not null,
      value text not null,
      is_settled boolean not null default false,
      primary key (customer_id, asset_id, kind, value)
    )`);
  await runner.query(
    'create index ix_asset_keys_customer_id_kind_value on asset_keys (customer_id, kind, value)',
  );
  await runner.query(
    'create index ix_asset_keys_unsettled on asset_keys (customer_id) where not is_settled',
  );
  await runner.query(`
    create table asset_separations (
      customer_id uuid not null,
      asset_id uuid not null,
      other_asset_id uuid not null,
      set_by text not null,
      set_at timestamptz not null,
      primary key (customer_id, asset_id, other_asset_id),
      check (asset_id < other_asset_id)
    )`);
}

/** Of assets and of identities: ids of both are derived from names, each in a space of its own. */
async function createAssessments(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table assessments (
      customer_id uuid not null,
      subject_id uuid not null,
      basis text not null,
      level text,
      reason text not null,
      set_by text not null,
      set_at timestamptz not null,
      is_settled boolean not null default false,
      primary key (customer_id, subject_id, basis)
    )`);
  await runner.query(
    'create index ix_assessments_unsettled on assessments (customer_id) where not is_settled',
  );
}

/** The room left in pages lets the rows change in place: most changes are times. */
async function createIdentities(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table identities (
      customer_id uuid not null,
      identity_id uuid not null,
      name text not null,
      domain text,
      kind text not null,
      first_seen_at timestamptz not null,
      last_seen_at timestamptz not null,
      merged_into uuid,
      risk text not null default 'NORMAL',
      risk_source text,
      risk_reason text,
      risk_set_by text,
      risk_set_at timestamptz,
      version int not null,
      primary key (customer_id, identity_id)
    ) with (fillfactor = 80)`);
  await runner.query(`
    create index ix_identities_customer_id_last_seen_at
    on identities (customer_id, last_seen_at, identity_id)`);
  await runner.query(
    'create index ix_identities_last_seen_at on identities (last_seen_at, identity_id)',
  );
  await runner.query(`
    create index ix_identities_customer_id_merged_into on identities (customer_id, merged_into)
    where merged_into is not null`);
  await runner.query(`
    create table identity_links (
      customer_id uuid not null,
      identity_id uuid not null,
      kind text not null,
      linked_id uuid not null,
      is_settled boolean not null default false,
      primary key (customer_id, identity_id, kind, linked_id)
    )`);
  await runner.query(
    'create index ix_identity_links_customer_id_linked_id on identity_links (customer_id, linked_id)',
  );
  await runner.query(
    'create index ix_identity_links_unsettled on identity_links (customer_id) where not is_settled',
  );
}
