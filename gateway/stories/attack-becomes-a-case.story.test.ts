import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@vedette/testkit';
import { anAttack, aProcessStart, sendRecords, startVedette } from '../testing/vedette-stack.ts';
import { readExamples } from '../src/graphiql.ts';
import type { VedetteStack } from '../testing/vedette-stack.ts';

let stack: VedetteStack;

beforeAll(async () => {
  stack = await startVedette(4900, '--no-demo');
});

afterAll(() => stack?.stop());

interface CaseNode {
  readonly id: string;
  readonly title: string;
  readonly severity: string;
  readonly status: string;
  readonly version: number;
  readonly assigneeId: string | null;
  readonly detectionCount: number;
  readonly customer: { readonly id: string; readonly name: string };
  readonly assets: readonly { readonly name: string }[];
  readonly techniques: readonly { readonly id: string; readonly name: string }[];
  readonly detections: readonly {
    readonly ruleTitle: string;
    readonly eventIds: readonly string[];
  }[];
  readonly timeline: { readonly nodes: readonly { readonly kind: string }[] };
}

const caseFields = `id title severity status version assigneeId detectionCount customer { id name } assets { name }
  techniques { id name } detections { ruleTitle eventIds } timeline { nodes { kind } }`;

async function casesOn(host: string, principal = 'providerAdmin'): Promise<CaseNode[]> {
  const { data } = await stack.ask<{ cases: { nodes: CaseNode[] } }>(
    principal,
    `{ cases(first: 20) { nodes { ${caseFields} } } }`,
  );
  return (data?.cases.nodes ?? []).filter(({ assets }) => assets.some(({ name }) => name === host));
}

async function send(...records: object[]): Promise<void> {
  const key = stack.endpoints.sensors[1]?.key ?? '';
  const response = await sendRecords(stack.endpoints, key, records);
  expect(response.status).toBe(200);
}

describe('an attack that a sensor reports', () => {
  it('is a case at the gateway within two seconds, with severity, technique, asset and customer', async () => {
    await send(aProcessStart('STORY-1', 'whoami.exe'), anAttack('STORY-1'));
    await waitFor(async () => (await casesOn('STORY-1')).length > 0, { timeoutMs: 2_000 });
    const [found] = await casesOn('STORY-1');
    expect(found).toMatchObject({
      severity: 'CRITICAL',
      status: 'NEW',
      detectionCount: 1,
      customer: { name: 'Hafenwerk Logistik' },
      assets: [{ name: 'STORY-1' }],
      techniques: [{ id: 'T1490', name: 'Inhibit System Recovery' }],
      timeline: { nodes: [{ kind: 'OPENED' }] },
    });
  });

  it('joins the open case of its host instead of opening another', async () => {
    await send(anAttack('STORY-1'));
    await waitFor(async () => (await casesOn('STORY-1'))[0]?.detectionCount === 2);
    expect(await casesOn('STORY-1')).toHaveLength(1);
  });

  it('is worked on by an analyst to its verdict', async () => {
    const [open] = await casesOn('STORY-1');
    const change = async (mutation: string, input: object): Promise<unknown> => {
      const answer = await stack.ask(
        'operatorAnalyst',
        `mutation ($input: ${mutation}Input!) {
        ${mutation.charAt(0).toLowerCase()}${mutation.slice(1)}(input: $input) { case { id } } }`,
        { input },
      );
      return answer.errors?.[0]?.extensions.code ?? 'DONE';
    };
    const caseId = open?.id;
    expect(await change('AssignCase', { caseId, expectedVersion: open?.version })).toBe('DONE');
    expect(await change('AssignCase', { caseId, expectedVersion: open?.version })).toBe('CONFLICT');
    expect(await change('ChangeCaseStatus', { caseId, status: 'IN_PROGRESS' })).toBe('DONE');
    expect(await change('ChangeCaseStatus', { caseId, status: 'RESOLVED' })).toBe('BAD_USER_INPUT');
    expect(
      await change('ChangeCaseStatus', { caseId, status: 'RESOLVED', verdict: 'MALICIOUS' }),
    ).toBe('DONE');
    expect(await change('ChangeCaseStatus', { caseId, status: 'NEW' })).toBe('ILLEGAL_STATE');
    const [resolved] = await casesOn('STORY-1');
    expect(resolved?.timeline.nodes.map(({ kind }) => kind)).toEqual([
      'OPENED',
      'DETECTION_JOINED',
      'ASSIGNED',
      'STATUS_CHANGED',
      'STATUS_CHANGED',
    ]);
  });

  it('opens another case on the same host once the first is resolved', async () => {
    await send(anAttack('STORY-1'));
    await waitFor(async () => (await casesOn('STORY-1')).length === 2);
  });
});

describe('a viewer', () => {
  it('of another provider sees none of it, by list or by id', async () => {
    const [own] = await casesOn('STORY-1');
    expect(await casesOn('STORY-1', 'otherProviderAdmin')).toEqual([]);
    const foreign = await stack.ask<{ case: null }>(
      'otherProviderAdmin',
      'query ($id: ID!) { case(id: $id) { title } }',
      { id: own?.id },
    );
    const missing = await stack.ask<{ case: null }>(
      'otherProviderAdmin',
      'query ($id: ID!) { case(id: $id) { title } }',
      {
        id: '0197aaaa-0000-7000-8000-000000000000',
      },
    );
    expect(foreign.data).toEqual({ case: null });
    expect(foreign.errors?.[0]).toMatchObject({
      message: missing.errors?.[0]?.message,
      extensions: { code: 'NOT_FOUND' },
    });
    expect(foreign.errors?.[0]?.extensions.traceId).toMatch(/^[0-9a-f]{32}$/);
  });

  it('without a token is told to sign in', async () => {
    const answer = await stack.ask('nobody', '{ cases { nodes { id } } }');
    expect(answer.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });

  it('of one customer sees its cases below the customer, and nobody else’s', async () => {
    const { data } = await stack.ask<{
      customers: { nodes: { name: string; cases: { nodes: { title: string }[] } }[] };
    }>('customerViewer', '{ customers { nodes { name cases { nodes { title } } } } }');
    expect(data?.customers.nodes.map(({ name }) => name)).toEqual(['Hafenwerk Logistik']);
    expect(data?.customers.nodes[0]?.cases.nodes.length).toBeGreaterThanOrEqual(2);
  });
});

describe('the operations that GraphiQL opens with', () => {
  it.each(readExamples())('can be sent as they are: $title', async ({ query }) => {
    const [found] = await casesOn('STORY-1');
    const variables = { customerId: found?.customer.id, caseId: found?.id };
    const answer = await stack.ask('operatorAnalyst', query, variables);
    expect(answer.errors).toBeUndefined();
    expect(JSON.stringify(answer.data)).not.toContain('"nodes":[]');
  });
});
