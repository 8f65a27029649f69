import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@vedette/service-kit';
import fc from 'fast-check';
import { walkApi } from '../testing/api-walk.ts';
import type { ApiWalk, WalkedOperation } from '../testing/api-walk.ts';
import { issuersOf, makeWorld } from '../testing/generated-world.ts';
import type { Mark, World, WorldPlan, WorldUser } from '../testing/generated-world.ts';
import { startTestIssuers } from '../testing/test-issuers.ts';
import { readApiSchema, startVedette } from '../testing/vedette-stack.ts';
import type { GraphQLAnswer, VedetteStack } from '../testing/vedette-stack.ts';

let stack: VedetteStack;
let api: ApiWalk;

beforeAll(async () => {
  stack = await startVedette(5100, '--no-demo');
  api = walkApi(await readApiSchema());
});

afterAll(() => stack?.stop());

const aCustomer = fc.record({
  hasOwnIssuer: fc.boolean(),
  isGranted: fc.record({ technician: fc.boolean(), viewer: fc.boolean(), key: fc.boolean() }),
});

/** Two providers at least, and at least one customer, so that there is something to hide. */
const aPlan: fc.Arbitrary<WorldPlan> = fc
  .array(fc.record({ customers: fc.array(aCustomer, { maxLength: 3 }) }), {
    minLength: 2,
    maxLength: 3,
  })
  .filter((providers) => providers.some(({ customers }) => customers.length > 0))
  .map((providers) => ({ providers }));

async function inWorld(check: (world: World) => Promise<void>): Promise<void> {
  const property = fc.asyncProperty(aPlan, async (plan) => {
    const issuers = await startTestIssuers(...issuersOf(plan));
    try {
      await check(await makeWorld(stack, issuers, plan));
    } finally {
      await issuers.stop();
    }
  });
  // Making a world takes seconds: few of them, and no shrinking, since the plan that failed is small.
  await fc.assert(property, { numRuns: 2, endOnFailure: true });
}

/** What belongs to the provider itself its own people may see; what is a customer's, who reaches it. */
function mayShow({ providerId, customerId }: Mark, user: WorldUser): boolean {
  return customerId === null ? providerId === user.providerId : user.reach.has(customerId);
}

function ask(user: WorldUser, { document, variables }: WalkedOperation, id: string) {
  return stack.askWith(user.token, document, variables(id));
}

/** The text of all that a query gives, page after page. */
async function askAll(user: WorldUser, { document, variables }: WalkedOperation): Promise<string> {
  let text = '';
  let after: string | undefined;
  do {
    const answer = await stack.askWith(user.token, document, variables('', after));
    // What the gateway refuses to ask shows nothing, leaks or not.
    expect(JSON.stringify(answer.errors ?? [])).not.toContain('OPERATION_TOO_EXPENSIVE');
    text += JSON.stringify(answer);
    after = nextPage(answer);
  } while (after !== undefined);
  return text;
}

function nextPage({ data }: GraphQLAnswer<unknown>): string | undefined {
  const [list] = Object.values(data ?? {}) as { pageInfo?: PageInfo }[];
  return list?.pageInfo?.hasNextPage === true ? list.pageInfo.endCursor : undefined;
}

interface PageInfo {
  readonly hasNextPage: boolean;
  readonly endCursor: string;
}

/** The answer without what differs between any two. */
function toText(answer: GraphQLAnswer<unknown>, id: string): string {
  const text = JSON.stringify(answer, (key, value: unknown) =>
    key === 'traceId' ? undefined : value,
  );
  return text.replaceAll(id, '<id>').replaceAll(/walk-[0-9a-f-]{36}/g, '<text>');
}

/** Ids of the types that a place could be about: `customerId` of customers, a bare `id` of what it gives. */
function idsFor({ idField, gives }: WalkedOperation, hidden: readonly Mark[]): string[] {
  const type = idField === 'id' ? gives : idField.replace(/Ids?$/, '');
  const byType = new Map<string, string>();
  for (const { idOf, text } of hidden) if (idOf !== null) byType.set(idOf.toLowerCase(), text);
  const fitting = byType.get(type.toLowerCase());
  // Where the name tells no type, such as `principalId`, every type is tried.
  return fitting === undefined ? [...byType.values()] : [fitting];
}

describe('generated tenants', () => {
  it('see through every query what they reach, all of it, and nothing else', async () => {
    await inWorld(async ({ marks, users }) => {
      for (const user of users) {
        for (const query of api.queries) {
          const text = await askAll(user, query);
          const leaked = marks.filter((mark) => text.includes(mark.text) && !mayShow(mark, user));
          expect([user.name, query.name, leaked]).toEqual([user.name, query.name, []]);
        }
        const { data } = await stack.askWith<{ customers: { nodes: { id: string }[] } }>(
          user.token,
          '{ customers(first: 100) { nodes { id } } }',
        );
        const seen = data?.customers.nodes.map(({ id }) => id) ?? [];
        expect([user.name, seen.toSorted()]).toEqual([user.name, [...user.reach].toSorted()]);
      }
    });
  });

  it('get one answer for what is not theirs and for what is not there, from every field that takes an id, and change nothing', async () => {
    await inWorld(async ({ marks, users }) => {
      const before = await stateOf(marks);
      for (const user of pick(users)) {
        const hidden = marks.filter((mark) => !mayShow(mark, user));
        for (const operation of api.takingIds) {
          for (const id of idsFor(operation, hidden)) {
            const unknown = newId();
            const notYours = toText(await ask(user, operation, id), id);
            const notThere = toText(await ask(user, operation, unknown), unknown);
            expect([user.name, operation.name, notYours]).toEqual([
              user.name,
              operation.name,
              notThere,
            ]);
          }
        }
      }
      expect(await stateOf(marks)).toEqual(before);
    });
  });
});

/** The most powerful of each provider, and one of each lower role. */
function pick(users: readonly WorldUser[]): WorldUser[] {
  const isAdmin = ({ name }: WorldUser): boolean => name.startsWith('PROVIDER_ADMIN');
  const others = new Map(
    users.filter((user) => !isAdmin(user)).map((user) => [user.name.split(' ')[0], user]),
  );
  return [...users.filter(isAdmin), ...others.values()];
}

/** All that the operator sees of the marked customers. */
async function stateOf(marks: readonly Mark[]): Promise<unknown> {
  const state: unknown[] = [];
  for (const { text: id } of marks.filter(({ idOf }) => idOf === 'Customer')) {
    const operation = api.takingIds.find(({ name }) => name === 'Query.customer(id)');
    if (!operation) throw new Error('the API has no customer(id)');
    const { data } = await stack.ask('operatorAdmin', operation.document, operation.variables(id));
    state.push(data);
  }
  return state;
}
