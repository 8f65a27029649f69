import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestDatabase } from '@vedette/testkit';
import { provisionService } from './provision.ts';
import { createEmptyKitDatabase, query } from './testing/kit-database.ts';

const service = 'kit_provisioned';
const ownerPassword = `it's "the" owner's\\`;
let postgres: TestDatabase;

beforeAll(async () => {
  postgres = await createEmptyKitDatabase();
  await provision('first');
});
afterAll(async () => {
  const { adminUrl } = postgres;
  for (const role of ['owner', 'runtime']) {
    await query(adminUrl, `drop owned by ${service}_${role} cascade`);
    await query(adminUrl, `drop role ${service}_${role}`);
  }
  await postgres.drop();
});

function provision(runtimePassword: string): Promise<void> {
  const { adminUrl } = postgres;
  return provisionService({ adminUrl, service, ownerPassword, runtimePassword });
}

function urlOf(role: 'owner' | 'runtime', password: string): string {
  const url = new URL(postgres.adminUrl);
  url.username = `${service}_${role}`;
  url.password = encodeURIComponent(password);
  return url.href;
}

describe('a service that is provisioned', () => {
  it('has two roles that may do nothing to the server, nor look past row security', async () => {
    const sql = `select rolname, rolsuper or rolcreatedb or rolcreaterole or rolbypassrls or rolreplication
      as may from pg_roles where rolname like 'kit_provisioned_%' order by rolname`;
    expect(await query(postgres.adminUrl, sql)).toEqual([
      { rolname: 'kit_provisioned_owner', may: false },
      { rolname: 'kit_provisioned_runtime', may: false },
    ]);
  });

  it('owns its schema by the one, and runs as the other, which gets no table unasked', async () => {
    const owner = urlOf('owner', ownerPassword);
    const runtime = urlOf('runtime', 'first');
    await query(owner, `create table ${service}.things (n int)`);
    await expect(query(runtime, `select n from ${service}.things`)).rejects.toThrow('denied');
    await expect(query(runtime, `create table ${service}.mine (n int)`)).rejects.toThrow('denied');
    await expect(query(runtime, 'create schema mine')).rejects.toThrow('denied');
    await query(runtime, `create table ${service}_jobs.mine (n int)`);
  });

  it("does not reach another service's schemas", async () => {
    const denied = expect.objectContaining({ message: expect.stringContaining('denied') });
    for (const schema of ['kit', 'kit_jobs']) {
      const attempt = query(urlOf('runtime', 'first'), `create table ${schema}.mine (n int)`);
      await expect(attempt).rejects.toEqual(denied);
    }
  });

  it('is provisioned again without harm, and has the new password from then on', async () => {
    await provision('second');
    await expect(query(urlOf('runtime', 'first'), 'select 1')).rejects.toThrow('password');
    expect(await query(urlOf('runtime', 'second'), 'select 1 as one')).toEqual([{ one: 1 }]);
    await query(urlOf('owner', ownerPassword), `select n from ${service}.things`);
  });
});
