import { randomUUID } from 'node:crypto';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@vedette/testkit';
import { startVedette } from '../testing/vedette-stack.ts';
import type { VedetteStack } from '../testing/vedette-stack.ts';

let stack: VedetteStack;
let providerId: string;

beforeAll(async () => {
  stack = await startVedette(4700, '--no-demo');
  const { providers } = await ask<{ providers: { nodes: { id: string }[] } }>(
    '{ providers(first: 1) { nodes { id } } }',
  );
  providerId = providers.nodes[0]?.id ?? '';
});

afterAll(() => stack?.stop());

interface Leaving {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly export: { readonly completedAt: string | null } | null;
  readonly purge: { readonly completedAt: string | null } | null;
}

async function ask<Data>(query: string, variables = {}): Promise<Data> {
  const { data, errors } = await stack.ask<Data>('operatorAdmin', query, variables);
  if (!data) throw new Error(errors?.[0]?.message ?? 'no answer');
  return data;
}

const fields = 'id name status export { completedAt } purge { completedAt }';

async function find(customerId: string): Promise<Leaving> {
  const query = `query ($id: ID!) { customer(id: $id) { ${fields} } }`;
  return (await ask<{ customer: Leaving }>(query, { id: customerId })).customer;
}

async function change(mutation: string, input: object): Promise<Leaving> {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input!`;
  const query = `mutation ($input: ${type}) { done: ${mutation}(input: $input) { customer { ${fields} } } }`;
  return (await ask<{ done: { customer: Leaving } }>(query, { input })).done.customer;
}

/** Customers without sensors, whose service has ended. */
async function offboard(count: number): Promise<readonly Leaving[]> {
  const leaving: Leaving[] = [];
  for (let n = 0; n < count; n += 1) {
    const input = { providerId, name: `Leaving ${randomUUID()}`, plan: 'STANDARD' };
    const { id: customerId } = await change('onboardCustomer', input);
    leaving.push(await change('offboardCustomer', { customerId, reason: 'Closed down' }));
  }
  return leaving;
}

async function untilEach(
  customers: readonly Leaving[],
  isDone: (customer: Leaving) => boolean,
): Promise<void> {
  const done = async ({ id }: Leaving): Promise<boolean> => isDone(await find(id));
  await waitFor(async () => (await Promise.all(customers.map(done))).every(Boolean), {
    timeoutMs: 40_000,
  });
}

async function signal(name: string, kind: NodeJS.Signals): Promise<void> {
  const { services, infrastructure } = await stack.readEndpoints();
  const pid = [...services, ...infrastructure].find((each) => each.name === name)?.pid;
  if (!pid) throw new Error(`${name} does not run`);
  process.kill(pid, kind);
}

describe('a customer that leaves', () => {
  it('is purged, and so are those after it, although a service hung and the broker was killed', async () => {
    const customers = await offboard(5);
    await untilEach(customers, ({ export: last }) => Boolean(last?.completedAt));
    await signal('cases', 'SIGSTOP');
    try {
      for (const { id, name } of customers) await change('purgeCustomer', { customerId: id, name });
      await signal('nats', 'SIGKILL');
      await waitFor(async () => (await stack.readEndpoints()).infrastructure.length > 0);
    } finally {
      await signal('cases', 'SIGCONT');
    }
    await untilEach(customers, ({ purge }) => Boolean(purge?.completedAt));
    for (const { id } of customers) expect((await find(id)).status).toBe('PURGED');
  });
});
