import { protectByCustomer, protectByOwner } from '@vedette/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who may sign in, by whose word, and which customers they reach. */
export class CreatePrincipals implements MigrationInterface {
  readonly name = 'CreatePrincipals20260301090000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table issuers (
        issuer_id uuid primary key,
        provider_id uuid not null,
        customer_id uuid,
        issuer text not null constraint uq_issuers_issuer unique,
        jwks_url text not null,
        audience text not null,
        algorithms text[] not null,
        mfa_acr_values text[] not null,
        is_active boolean not null,
        registered_at timestamptz not null,
        version int not null
      )`);
    await runner.query(`
      create table users (
        user_id uuid primary key,
        provider_id uuid not null,
        customer_id uuid,
        issuer_id uuid not null,
        subject text not null,
        name text not null,
        email text,
        role text not null,
        is_active boolean not null,
        invited_at timestamptz not null,
        version int not null,
        constraint uq_users_issuer_id_subject unique (issuer_id, subject)
      )`);
    // The principal is a user or an API key.
    await runner.query(`
      create table grants (
        customer_id uuid not null,
        principal_id uuid not null,
        can_approve boolean not null,
        granted_at timestamptz not null,
        primary key (customer_id, principal_id)
      )`);
    await runner.query(`
      create table api_keys (
        api_key_id uuid primary key,
        provider_id uuid not null,
        customer_id uuid,
        name text not null,
        scopes text[] not null,
        reaches_all_customers boolean not null,
        created_at timestamptz not null,
        created_by text not null,
        expires_at timestamptz not null,
        revoked_at timestamptz,
        last_used_at timestamptz,
        version int not null
      )`);
    // One while a key is used, two while it is rotated.
    await runner.query(`
      create table api_key_secrets (
        public_id text primary key,
        api_key_id uuid not null references api_keys on delete cascade,
        provider_id uuid not null,
        customer_id uuid,
        sha256 bytea not null,
        created_at timestamptz not null,
        expires_at timestamptz not null
      )`);
    // Whom a provider's administrator reaches is asked at every sign-in, from this index alone.
    await runner.query(`
      create index ix_customers_provider_id_status on customers (provider_id, status)
      include (customer_id)`);
    for (const table of ['issuers', 'users', 'api_keys', 'api_key_secrets']) {
      await protectByOwner(runner, table);
    }
    await protectByCustomer(runner, 'grants');
    await runner.query('create index ix_issuers_provider_id on issuers (provider_id, issuer_id)');
    await runner.query('create index ix_users_provider_id on users (provider_id, user_id)');
    await runner.query('create index ix_users_customer_id on users (customer_id, user_id)');
    await runner.query(
      'create index ix_api_keys_provider_id on api_keys (provider_id, api_key_id)',
    );
    await runner.query(
      'create index ix_api_keys_customer_id on api_keys (customer_id, api_key_id)',
    );
    await runner.query('create index ix_grants_principal_id on grants (principal_id)');
    await runner.query(
      'create index ix_api_key_secrets_api_key_id on api_key_secrets (api_key_id)',
    );
    await runner.query(`
      grant select, insert, update, delete
      on issuers, users, grants, api_keys, api_key_secrets to tenancy_runtime`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table api_key_secrets, api_keys, grants, users, issuers');
    await runner.query('drop index ix_customers_provider_id_status');
  }
}
