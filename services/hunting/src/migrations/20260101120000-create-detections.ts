import { protectByCustomer } from '@vedette/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateDetections implements MigrationInterface {
  readonly name = 'CreateDetections20260101120000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table detections (
        customer_id uuid not null,
        detection_id uuid not null,
        provider_id uuid not null,
        rule_id text not null,
        rule_title text not null,
        rule_author text,
        severity_id smallint not null check (severity_id between 1 and 5),
        technique_ids text[] not null,
        event_ids uuid[] not null,
        matched_fields jsonb not null,
        asset_id uuid,
        host_name text,
        user_name text,
        occurred_at timestamptz not null,
        received_at timestamptz not null,
        detected_at timestamptz not null,
        primary key (customer_id, detection_id)
      )`);
    await runner.query(
      'create index ix_detections_customer_id_occurred_at on detections (customer_id, occurred_at, detection_id)',
    );
    await runner.query(
      'create index ix_detections_occurred_at on detections (occurred_at, detection_id)',
    );
    await protectByCustomer(runner, 'detections');
    // A detection is a fact: it is added and read.
    await runner.query('grant select, insert on detections to hunting_runtime');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table detections');
  }
}
