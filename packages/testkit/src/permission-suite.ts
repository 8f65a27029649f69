import { describe, expect, it } from '@jest/globals';
import { permissions } from '@vedette/service-kit';
import type { Permission, Role, Viewer } from '@vedette/service-kit';
import { buildASTSchema, parse } from 'graphql';
import type { AskSubgraph } from './subgraph-client.ts';

export interface PermittedMutation {
  readonly permission: Permission;
  readonly document: string;
  /** Input that would succeed; called once for each role. */
  readonly variables: () => Readonly<Record<string, unknown>>;
}

export interface PermissionSuite {
  /** The subgraph's `schema.graphql`. */
  readonly typeDefs: string;
  readonly ask: AskSubgraph;
  /** Somebody of this role who reaches the tenant that the mutations are about. */
  readonly viewerAs: (role: Role) => Viewer;
  /** By name of the field; every mutation of the schema must be here. */
  readonly mutations: Readonly<Record<string, PermittedMutation>>;
}

const roles = Object.keys({
  OPERATOR_ADMIN: true,
  OPERATOR_LEAD: true,
  OPERATOR_ANALYST: true,
  PROVIDER_ADMIN: true,
  PROVIDER_TECHNICIAN: true,
  PROVIDER_VIEWER: true,
  CUSTOMER_APPROVER: true,
  CUSTOMER_VIEWER: true,
  INTEGRATION: true,
  SERVICE: true,
} satisfies Record<Role, true>) as Role[];

/** Holds every mutation against the permission table, role by role, inside the viewer's own tenant. */
export function describePermissions(suite: PermissionSuite): void {
  describe('permissions', () => {
    it('are tried for every mutation of the schema', () => {
      const schema = buildASTSchema(parse(suite.typeDefs), {
        assumeValid: true,
        assumeValidSDL: true,
      });
      const names = Object.keys(schema.getMutationType()?.getFields() ?? {});
      expect(Object.keys(suite.mutations).toSorted()).toEqual(names.toSorted());
    });

    for (const [name, mutation] of Object.entries(suite.mutations)) {
      const allowed: readonly Role[] = permissions[mutation.permission];
      for (const role of roles) {
        const isAllowed = allowed.includes(role);
        it(`${isAllowed ? 'let' : 'do not let'} ${role} run ${name}`, async () => {
          const { ask, viewerAs } = suite;
          const { data, errors } = await ask(
            viewerAs(role),
            mutation.document,
            mutation.variables(),
          );
          if (isAllowed) {
            expect(errors).toEqual([]);
            return;
          }
          expect(data).toBeNull();
          expect(
            errors.map(({ extensions }) => [extensions.code, extensions['permission']]),
          ).toEqual([['FORBIDDEN', mutation.permission]]);
        });
      }
    }
  });
}
