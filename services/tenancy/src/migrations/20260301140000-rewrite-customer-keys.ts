import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A deleted row stays in its table's file until something is written over it, also after a vacuum. A
 * deleted key must not: only the owner of a table can have it rewritten, so the owner lends this much.
 */
export class RewriteCustomerKeys implements MigrationInterface {
  readonly name = 'RewriteCustomerKeys20260301140000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create function rewrite_customer_keys() returns void language plpgsql
        security definer set search_path = '' set lock_timeout = '2s' as $$
        begin cluster tenancy.customer_keys using customer_keys_pkey; end $$`);
    await runner.query('revoke all on function rewrite_customer_keys() from public');
    await runner.query('grant execute on function rewrite_customer_keys() to tenancy_runtime');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop function rewrite_customer_keys()');
  }
}
