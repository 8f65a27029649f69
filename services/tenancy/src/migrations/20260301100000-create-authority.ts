import { protectByCustomer, protectByOwner } from '@vedette/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What decides whether we may act: mandates, policies, and the people to ask. */
export class CreateAuthority implements MigrationInterface {
  readonly name = 'CreateAuthority20260301100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table mandates (
        mandate_id uuid primary key,
        customer_id uuid not null,
        number int not null,
        signatory_name text not null,
        signatory_title text,
        signatory_email text,
        document_sha256 text not null,
        highest_mode text not null,
        may_act_unanswered boolean not null,
        shares_indicators boolean not null,
        valid_from timestamptz not null,
        valid_until timestamptz,
        recorded_at timestamptz not null,
        recorded_by text not null,
        revoked_at timestamptz,
        constraint uq_mandates_customer_id_number unique (customer_id, number)
      )`);
    // Without a mode it was cleared: the row stays, so that none of its versions ever comes again.
    await runner.query(`
      create table response_policies (
        policy_id uuid primary key,
        provider_id uuid not null,
        customer_id uuid constraint uq_response_policies_customer_id unique,
        mode text,
        when_unanswered text not null,
        action_modes jsonb not null,
        windows jsonb not null,
        version int not null,
        changed_at timestamptz not null,
        changed_by text not null
      )`);
    await runner.query(`
      create unique index uq_response_policies_provider_id on response_policies (provider_id)
      where customer_id is null`);
    await runner.query(`
      create table contacts (
        contact_id uuid primary key,
        provider_id uuid not null,
        customer_id uuid,
        name text not null,
        email text,
        phone text,
        chat_webhook_url text,
        language text not null,
        time_zone text not null,
        quiet_from_minute int,
        quiet_to_minute int,
        version int not null
      )`);
    await runner.query(`
      create table contact_ladders (
        customer_id uuid primary key,
        version int not null,
        changed_at timestamptz not null
      )`);
    await runner.query(`
      create table rungs (
        customer_id uuid not null,
        position int not null,
        contact_id uuid not null,
        channel text not null,
        timeout_minutes int not null,
        primary key (customer_id, position)
      )`);
    await runner.query(`
      create table service_contacts (
        customer_id uuid primary key,
        contact_id uuid not null,
        deputy_id uuid,
        call_back_number text not null,
        version int not null,
        assigned_at timestamptz not null
      )`);
    for (const table of ['response_policies', 'contacts']) await protectByOwner(runner, table);
    for (const table of ['mandates', 'contact_ladders', 'rungs', 'service_contacts']) {
      await protectByCustomer(runner, table);
    }
    await runner.query(
      'create index ix_contacts_provider_id on contacts (provider_id, contact_id)',
    );
    await runner.query(
      'create index ix_contacts_customer_id on contacts (customer_id, contact_id)',
    );
    await runner.query('create index ix_rungs_contact_id on rungs (contact_id)');
    await runner.query(`
      grant select, insert, update, delete
      on mandates, response_policies, contacts, contact_ladders, rungs, service_contacts
      to tenancy_runtime`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'drop table service_contacts, rungs, contact_ladders, contacts, response_policies, mandates',
    );
  }
}
