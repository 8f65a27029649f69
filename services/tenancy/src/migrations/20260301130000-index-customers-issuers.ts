import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether a customer has an issuer of its own is asked at each sign-in of its people. */
export class IndexCustomersIssuers implements MigrationInterface {
  readonly name = 'IndexCustomersIssuers20260301130000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create index ix_issuers_customer_id on issuers (customer_id, issuer_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index ix_issuers_customer_id');
  }
}
