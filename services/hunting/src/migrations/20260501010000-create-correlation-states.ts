import { allowPurge, protectByCustomer } from '@vedette/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateCorrelationStates implements MigrationInterface {
  readonly name = 'CreateCorrelationStates20260501010000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table correlation_states (
        customer_id uuid primary key,
        version uuid not null,
        state jsonb not null,
        updated_at timestamptz not null default now()
      )`);
    await protectByCustomer(runner, 'correlation_states');
    await runner.query('grant select, insert, update on correlation_states to hunting_runtime');
    await allowPurge(runner, ['correlation_states']);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table correlation_states');
  }
}
