import { allowPurge, forbidPurge } from '@vedette/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const tables = ['case_timeline', 'case_detections', 'cases', 'customers'];

/** What is written of a case stays, until its customer is purged. */
export class LetCustomersLeave implements MigrationInterface {
  readonly name = 'LetCustomersLeave20260301010000';

  async up(runner: QueryRunner): Promise<void> {
    await allowPurge(runner, tables);
  }

  async down(runner: QueryRunner): Promise<void> {
    await forbidPurge(runner, tables);
  }
}
