import { describe, expect, it } from '@jest/globals';
import { operationsByPermission, toPermissionTable } from './permission-table.ts';

describe('the table of who may do what', () => {
  it('shows each permission with its roles and with the fields that need it', () => {
    const table = toPermissionTable(
      operationsByPermission([
        'type Query { case(id: ID!): Case @authorized(by: "case:read") open: Int }',
        'type Customer { cases: [Case!] @authorized(by: "case:read") }',
      ]),
    );
    const row = table.split('\n').find((line) => line.startsWith('| `case:read`'));
    const cells = row?.split('|').map((cell) => cell.trim());
    expect(cells?.filter((cell) => cell === '✓')).toHaveLength(10);
    expect(cells?.at(-2)).toBe('`case`, `Customer.cases`');
    expect(table).toContain('| `detection:raise`');
  });

  it('cannot be made of a schema that names what is no permission', () => {
    const sdl = 'type Query { case: Int @authorized(by: "case:raed") }';
    expect(() => operationsByPermission([sdl])).toThrow("'case:raed'");
  });
});
