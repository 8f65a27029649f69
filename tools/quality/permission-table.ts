// Writes docs/permissions.md, who may do what, from the permission table and from the fields of
// services/*/schema.graphql that name a permission by @authorized. With --check it only compares.
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { isPermission, permissions, roles } from '@vedette/service-kit';
import type { Permission, Role } from '@vedette/service-kit';
import { Kind, parse } from 'graphql';
import type { FieldDefinitionNode } from 'graphql';
import { root } from './config.ts';

const tableFile = 'docs/permissions.md';

/** Column heads; the roles' whole names would make the table wider than a page. */
const heads: Readonly<Record<Role, string>> = {
  OPERATOR_ADMIN: 'op. admin',
  OPERATOR_LEAD: 'op. lead',
  OPERATOR_ANALYST: 'op. analyst',
  PROVIDER_ADMIN: 'prov. admin',
  PROVIDER_TECHNICIAN: 'prov. techn.',
  PROVIDER_VIEWER: 'prov. viewer',
  CUSTOMER_APPROVER: 'cust. approver',
  CUSTOMER_VIEWER: 'cust. viewer',
  INTEGRATION: 'integration',
  SERVICE: 'service',
};

const introduction = `# Who may do what

Generated from \`packages/service-kit/src/permissions.ts\` and the services' schemas by \`npm run gen\`.

A role has a permission **inside the tenants that it reaches**: the operator's people reach all
customers, a provider's administrator all customers of the provider, its technicians and viewers
those that were granted, a customer's people their own. A row of another tenant is \`NOT_FOUND\`,
never \`FORBIDDEN\`. An integration has of its column what its key's scopes name. While a provider is
frozen, its people and keys have what ends in \`:read\`. Approving an action is decided per customer:
the provider's administrator, a technician with the grant \`approve\`, or the customer's approver,
each signed in with a second factor.
`;

/** Fields of the API by the permission that they name. @throws {Error} a name that is no permission */
export function operationsByPermission(
  schemas: readonly string[],
): ReadonlyMap<Permission, readonly string[]> {
  const found = new Map<Permission, string[]>();
  for (const sdl of schemas) {
    for (const definition of parse(sdl).definitions) {
      if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
      for (const field of definition.fields ?? []) {
        const by = permissionOf(field);
        if (by === null) continue;
        const name = `${definition.name.value}.${field.name.value}`;
        if (!isPermission(by)) throw new Error(`${name} names '${by}', which is no permission`);
        found.set(by, [...(found.get(by) ?? []), name.replace(/^(Query|Mutation)\./, '')]);
      }
    }
  }
  return found;
}

function permissionOf(field: FieldDefinitionNode): string | null {
  const directive = field.directives?.find(({ name }) => name.value === 'authorized');
  const value = directive?.arguments?.find(({ name }) => name.value === 'by')?.value;
  return value?.kind === Kind.STRING ? value.value : null;
}

export function toPermissionTable(operations: ReadonlyMap<Permission, readonly string[]>): string {
  const rows = (Object.keys(permissions) as Permission[]).map((permission) => {
    const allowed: readonly Role[] = permissions[permission];
    const names = (operations.get(permission) ?? []).map((name) => `\`${name}\``);
    return [
      `\`${permission}\``,
      ...roles.map((role) => (allowed.includes(role) ? '✓' : '')),
      names.join(', '),
    ];
  });
  return toMarkdown(['Permission', ...roles.map((role) => heads[role]), 'Operations'], rows);
}

/** Aligned as Prettier does it. */
function toMarkdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, column) =>
    Math.max(3, cell.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('');
}

function main(): number {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const schemas = globSync('services/*/schema.graphql', { cwd: root })
    .toSorted()
    .map((file) => readFileSync(join(root, file), 'utf8'));
  const text = `${introduction}\n${toPermissionTable(operationsByPermission(schemas))}`;
  const file = join(root, tableFile);
  const isCurrent = existsSync(file) && readFileSync(file, 'utf8') === text;
  if (values.check && !isCurrent) {
    process.stderr.write(`${tableFile} is stale: run 'npm run gen' and commit it\n`);
    return 1;
  }
  if (!isCurrent) writeFileSync(file, text);
  return 0;
}

if (import.meta.main) process.exitCode = main();
