import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { protectByCustomer, migrate } from '@vedette/service-kit';
import type { MigrationClass } from '@vedette/service-kit';
import pg from 'pg';
import { createTestDatabase, findCatalogueProblems } from './index.ts';
import type { TestDatabase } from './index.ts';

type Runner = Parameters<InstanceType<MigrationClass>['up']>[0];

/** A made-up service whose one table is as it should be. */
class CreateNotes {
  readonly name = 'CreateNotes20260101120000';

  async up(runner: Runner): Promise<void> {
    await runner.query('create table notes (customer_id uuid not null, text text not null)');
    await protectByCustomer(runner, 'notes');
    await runner.query('grant select, insert, update on notes to scratch_runtime');
  }

  async down(runner: Runner): Promise<void> {
    await runner.query('drop table notes');
  }
}

let database: TestDatabase;
let admin: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase({
    service: 'scratch',
    migrate: (ownerUrl) => migrate({ ownerUrl, schema: 'scratch', migrations: [CreateNotes] }),
  });
  admin = new pg.Client(database.adminUrl);
  await admin.connect();
  await admin.query('set search_path = scratch');
});

afterAll(async () => {
  await admin.end();
  await database.drop();
});

function findProblems(withoutTenant: readonly string[] = []): Promise<string[]> {
  return findCatalogueProblems({ adminUrl: database.adminUrl, service: 'scratch', withoutTenant });
}

interface Violation {
  readonly problem: string;
  readonly make: string;
  readonly undo: string;
}

const tenantPolicy = `using (customer_id = any (current_setting('app.customer_ids')::uuid[]))`;

const violations: Readonly<Record<string, Violation>> = {
  'a table whose rows belong to nobody': {
    problem: 'table settings has no customer_id or provider_id',
    make: `create table settings (name text);
           alter table settings enable row level security, force row level security;
           create policy p on settings using (current_setting('app.customer_ids') <> '') with check (current_setting('app.customer_ids') <> '')`,
    undo: 'drop table settings',
  },
  'a table whose rows may belong to nobody': {
    problem: 'table notes has no customer_id or provider_id',
    make: 'alter table notes alter customer_id drop not null',
    undo: 'alter table notes alter customer_id set not null',
  },
  'row security that is off': {
    problem: 'table notes has row security that is not enabled',
    make: 'alter table notes disable row level security',
    undo: 'alter table notes enable row level security',
  },
  'row security that spares the owner': {
    problem: 'table notes has row security that is not forced',
    make: 'alter table notes no force row level security',
    undo: 'alter table notes force row level security',
  },
  'row security without a policy': {
    problem: 'table tasks has no policy',
    make: `create table tasks (customer_id uuid not null);
           alter table tasks enable row level security, force row level security`,
    undo: 'drop table tasks',
  },
  'a policy that checks reads only': {
    problem: 'policy half on notes has no WITH CHECK',
    make: `create policy half on notes ${tenantPolicy}`,
    undo: 'drop policy half on notes',
  },
  'a second policy that lets all through': {
    problem: 'policy open on notes does not ask for the tenant',
    make: 'create policy open on notes for select using (true)',
    undo: 'drop policy open on notes',
  },
  'a right to truncate': {
    problem: 'scratch_runtime may truncate notes, past row security',
    make: 'grant truncate on notes to scratch_runtime',
    undo: 'revoke truncate on notes from scratch_runtime',
  },
  'a right on a partition': {
    problem: 'scratch_runtime has rights on partition parts_a',
    make: `create table parts (customer_id uuid not null, n int) partition by list (n);
           create table parts_a partition of parts for values in (1);
           alter table parts enable row level security, force row level security;
           create policy p on parts ${tenantPolicy} with check (current_setting('app.customer_ids') <> '');
           grant select on parts_a to scratch_runtime`,
    undo: 'drop table parts',
  },
  'a runtime role that owns a table': {
    problem: 'scratch_runtime owns notes',
    make: 'alter table notes owner to scratch_runtime',
    undo: 'alter table notes owner to scratch_owner',
  },
  'a runtime role that may make tables': {
    problem: 'scratch_runtime may create objects in the schema',
    make: 'grant create on schema scratch to scratch_runtime',
    undo: 'revoke create on schema scratch from scratch_runtime',
  },
  'a runtime role that bypasses row security': {
    problem: 'scratch_runtime can bypass row security',
    make: 'alter role scratch_runtime bypassrls',
    undo: 'alter role scratch_runtime nobypassrls',
  },
  'a runtime role that is superuser': {
    problem: 'scratch_runtime is superuser',
    make: 'alter role scratch_runtime superuser',
    undo: 'alter role scratch_runtime nosuperuser',
  },
  'a runtime role that reaches the schema of another service': {
    problem: 'scratch_runtime reaches schema neighbour',
    make: 'create schema neighbour; grant usage on schema neighbour to scratch_runtime',
    undo: 'drop schema neighbour',
  },
  'a runtime role with rights on a table of another service': {
    problem: 'scratch_runtime has rights on neighbour.secrets',
    make: 'create schema neighbour; create table neighbour.secrets (); grant select on neighbour.secrets to public',
    undo: 'drop schema neighbour cascade',
  },
  'a function that runs as its owner with the path of its caller': {
    problem: 'function peek is SECURITY DEFINER without a fixed search_path',
    make: `create function peek() returns int language sql security definer as 'select 1'`,
    undo: 'drop function peek',
  },
  'a view that reads as its owner': {
    problem: 'view all_notes is not security_invoker',
    make: 'create view all_notes as select text from notes',
    undo: 'drop view all_notes',
  },
  'a materialized view': {
    problem: 'materialized view kept_notes is past row security',
    make: 'create materialized view kept_notes as select text from notes',
    undo: 'drop materialized view kept_notes',
  },
};

describe('the catalogue of a service', () => {
  it('is without problems where tables, policies and roles are as migrations make them', async () => {
    expect(await findProblems()).toEqual([]);
  });

  for (const [name, { problem, make, undo }] of Object.entries(violations)) {
    it(`shows ${name}`, async () => {
      await admin.query(make);
      try {
        expect(await findProblems()).toContain(problem);
      } finally {
        await admin.query(undo);
      }
      expect(await findProblems()).toEqual([]);
    });
  }

  it('lets a listed table span customers', async () => {
    await admin.query('create table counters (n int)');
    expect(await findProblems(['counters'])).toEqual([]);
    await admin.query('drop table counters');
  });
});
