import { describe, expect, it } from '@jest/globals';
import { isPermission, permissions, roles } from '@vedette/service-kit';
import type { Permission, Role, Viewer } from '@vedette/service-kit';
import { buildASTSchema, Kind, parse } from 'graphql';
import type { AskSubgraph } from './subgraph-client.ts';

export interface PermittedMutation {
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

/**
 * Holds every mutation against the permission table, role by role, inside the viewer's own tenant.
 * Which permission it needs the schema says, by `@authorized`.
 */
export function describePermissions(suite: PermissionSuite): void {
  const needed = mutationPermissions(suite.typeDefs);
  describe('permissions', () => {
    it('are tried for every mutation of the schema, and each names one', () => {
      expect(Object.keys(suite.mutations).toSorted()).toEqual([...needed.keys()].toSorted());
      expect([...needed].filter(([, permission]) => permission === null)).toEqual([]);
    });

    for (const [name, mutation] of Object.entries(suite.mutations)) {
      const permission = needed.get(name);
      if (!permission) continue;
      const allowed: readonly Role[] = permissions[permission];
      const run = (viewer: Viewer) => suite.ask(viewer, mutation.document, mutation.variables());
      const expectRefusal = ({ data, errors }: Awaited<ReturnType<typeof run>>): void => {
        expect(data).toBeNull();
        expect(errors.map(({ extensions }) => [extensions.code, extensions['permission']])).toEqual(
          [['FORBIDDEN', permission]],
        );
      };
      for (const role of roles) {
        const isAllowed = allowed.includes(role);
        it(`${isAllowed ? 'let' : 'do not let'} ${role} run ${name}`, async () => {
          const scopes = role === 'INTEGRATION' ? { scopes: [permission] } : {};
          const answer = await run({ ...suite.viewerAs(role), ...scopes });
          if (isAllowed) expect(answer.errors).toEqual([]);
          else expectRefusal(answer);
        });
      }
      it(`do not let a key without its scope, or anybody of a frozen provider, run ${name}`, async () => {
        expectRefusal(await run({ ...suite.viewerAs('INTEGRATION'), scopes: [] }));
        expectRefusal(await run({ ...suite.viewerAs('PROVIDER_ADMIN'), isReadOnly: true }));
      });
    }
  });
}

/** The permission that each mutation of a subgraph names; null where it names none that exists. */
function mutationPermissions(typeDefs: string): ReadonlyMap<string, Permission | null> {
  const schema = buildASTSchema(parse(typeDefs), { assumeValid: true, assumeValidSDL: true });
  const fields = Object.values(schema.getMutationType()?.getFields() ?? {});
  return new Map(
    fields.map(({ name, astNode }) => {
      const directive = astNode?.directives?.find((each) => each.name.value === 'authorized');
      const value = directive?.arguments?.find((each) => each.name.value === 'by')?.value;
      const by = value?.kind === Kind.STRING ? value.value : '';
      return [name, isPermission(by) ? by : null];
    }),
  );
}
