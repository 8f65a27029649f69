import { protectByCustomer } from '@vedette/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateCases implements MigrationInterface {
  readonly name = 'CreateCases20260101120000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table cases (
        customer_id uuid not null,
        case_id uuid not null,
        provider_id uuid not null,
        grouping_key text not null,
        title text not null,
        status_id smallint not null check (status_id between 1 and 5),
        severity_id smallint not null check (severity_id between 1 and 4),
        verdict text,
        assignee_id text,
        detection_count int not null,
        opened_at timestamptz not null,
        updated_at timestamptz not null,
        version int not null,
        primary key (customer_id, case_id)
      )`);
    // One ongoing condition is one case: states 1 to 3 are those in which detections join.
    await runner.query(`create unique index uq_cases_open_condition on cases (customer_id, grouping_key)
      where status_id <= 3`);
    await runner.query(
      'create index ix_cases_customer_id_opened_at on cases (customer_id, opened_at, case_id)',
    );
    await runner.query('create index ix_cases_opened_at on cases (opened_at, case_id)');
    await protectByCustomer(runner, 'cases');

    await runner.query(`
      create table case_detections (
        customer_id uuid not null,
        case_id uuid not null,
        detection_id uuid not null,
        occurred_at timestamptz not null,
        asset_id uuid,
        technique_ids text[] not null,
        primary key (customer_id, case_id, detection_id),
        foreign key (customer_id, case_id) references cases
      )`);
    await protectByCustomer(runner, 'case_detections');

    await runner.query(`
      create table case_timeline (
        customer_id uuid not null,
        case_id uuid not null,
        version int not null,
        event_id uuid not null,
        occurred_at timestamptz not null,
        kind text not null,
        actor text not null,
        summary text not null,
        primary key (customer_id, case_id, version),
        foreign key (customer_id, case_id) references cases
      )`);
    await protectByCustomer(runner, 'case_timeline');
    await runner.query('grant select, insert, update on cases to cases_runtime');
    // Nothing in a timeline ever changes, so nobody may change it.
    await runner.query('grant select, insert on case_detections, case_timeline to cases_runtime');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table case_timeline, case_detections, cases');
  }
}
