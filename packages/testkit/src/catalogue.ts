import pg from 'pg';

export interface CatalogueOptions {
  /** A superuser's URL of the database, since others do not see all of the catalogue. */
  readonly adminUrl: string;
  /** Name of the service, of its schema, and of its roles without `_owner` and `_runtime`. */
  readonly service: string;
  /** Tables that span customers, on top of those that carry messages and the list of migrations. */
  readonly withoutTenant?: readonly string[];
}

const infrastructureTables = ['outbox', 'inbox', 'dead_letters', 'purged_customers', 'migrations'];

const given = `with given (schema, runtime, listed) as (select $1::text, $2::text, $3::text[])`;

/** Relations of the service's schema, except the listed ones. */
const relations = `given g
  join pg_namespace n on n.nspname = g.schema
  join pg_class c on c.relnamespace = n.oid and c.relname <> all (g.listed)`;

const tables = `${relations} and c.relkind in ('r', 'p') and not c.relispartition`;

const anyRight = `'select, insert, update, delete, truncate, references, trigger'`;

/** Each query answers one sentence a violation. */
const rules: readonly string[] = [
  `select format('table %s has no customer_id or provider_id', c.relname) as problem
   from ${tables}
   where not exists (select from pg_attribute a where a.attrelid = c.oid and not a.attisdropped
                     and a.attnotnull and a.attname in ('customer_id', 'provider_id'))`,
  `select format('table %s has row security that is not %s', c.relname,
                 case when c.relrowsecurity then 'forced' else 'enabled' end)
   from ${tables} where not (c.relrowsecurity and c.relforcerowsecurity)`,
  `select format('table %s has no policy', c.relname)
   from ${tables} where not exists (select from pg_policy p where p.polrelid = c.oid)`,
  `select format('policy %s on %s has no WITH CHECK', p.polname, c.relname)
   from ${tables} join pg_policy p on p.polrelid = c.oid
   where p.polwithcheck is null and p.polcmd not in ('r', 'd')`,
  // One permissive policy that does not ask whose the row is opens the table, whatever the others say.
  `select format('policy %s on %s does not ask for the tenant', p.polname, c.relname)
   from ${tables} join pg_policy p on p.polrelid = c.oid
   cross join lateral (values (pg_get_expr(p.polqual, c.oid)), (pg_get_expr(p.polwithcheck, c.oid))) as e (text)
   where p.polpermissive and e.text !~ 'app\\.(customer_ids|provider_id)'`,
  `select format('%s may truncate %s, past row security', g.runtime, c.relname)
   from ${tables} where has_table_privilege(g.runtime, c.oid, 'truncate')`,
  `select format('%s has rights on partition %s', g.runtime, c.relname)
   from ${relations} and c.relispartition where has_table_privilege(g.runtime, c.oid, ${anyRight})`,
  `select format('%s owns %s', g.runtime, c.relname)
   from given g join pg_namespace n on n.nspname = g.schema join pg_class c on c.relnamespace = n.oid
   where pg_has_role(g.runtime, c.relowner, 'member') and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')`,
  `select format('%s may create objects in the schema', g.runtime)
   from given g where has_schema_privilege(g.runtime, g.schema, 'create')`,
  `select format('%s is superuser', g.runtime)
   from given g join pg_roles r on r.rolname = g.runtime where r.rolsuper`,
  `select format('%s can bypass row security', g.runtime)
   from given g join pg_roles r on r.rolname = g.runtime where r.rolbypassrls`,
  `select format('%s reaches schema %s', g.runtime, n.nspname)
   from given g join pg_namespace n on n.nspname <> all (array[g.schema, g.schema || '_jobs', 'public', 'information_schema'])
   where n.nspname !~ '^pg_' and has_schema_privilege(g.runtime, n.oid, 'usage, create')`,
  `select format('%s has rights on %s.%s', g.runtime, n.nspname, c.relname)
   from given g join pg_namespace n on n.nspname <> all (array[g.schema, g.schema || '_jobs', 'information_schema'])
   join pg_class c on c.relnamespace = n.oid and c.relkind in ('r', 'p', 'v', 'm', 'f')
   where n.nspname !~ '^pg_' and has_table_privilege(g.runtime, c.oid, ${anyRight})`,
  `select format('function %s is SECURITY DEFINER without a fixed search_path', f.proname)
   from given g join pg_namespace n on n.nspname = g.schema join pg_proc f on f.pronamespace = n.oid
   where f.prosecdef and not exists (select from unnest(f.proconfig) s where s like 'search_path=%')`,
  `select format('view %s is not security_invoker', c.relname)
   from ${relations} and c.relkind = 'v'
   where not coalesce(c.reloptions @> array['security_invoker=true'], false)`,
  `select format('materialized view %s is past row security', c.relname)
   from ${relations} and c.relkind = 'm'`,
];

/**
 * What in a service's schema and roles would let one tenant's rows out, as PostgreSQL's catalogue
 * tells it: one sentence each. An empty list is what a service's test expects.
 */
export async function findCatalogueProblems(options: CatalogueOptions): Promise<string[]> {
  const { adminUrl, service, withoutTenant = [] } = options;
  const client = new pg.Client(adminUrl);
  await client.connect();
  try {
    const parameters = [service, `${service}_runtime`, [...infrastructureTables, ...withoutTenant]];
    const problems: string[] = [];
    for (const rule of rules) {
      const { rows } = await client.query<{ problem: string }>(
        `${given} select problem from (${rule}) as found (problem) order by 1`,
        parameters,
      );
      problems.push(...rows.map((row) => row.problem));
    }
    return problems;
  } finally {
    await client.end();
  }
}
