import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { readJson, writeJson } from '../data-files.ts';
import { isDemonstrationDone, replayDemonstration, type Replay } from '../demonstration.ts';
import type { Endpoints } from '../endpoints.ts';
import { readOutcomes, toAccount, type Outcomes } from '../first-run/account.ts';
import { ensureTenants } from '../first-run/ensure-tenants.ts';
import { askGateway, listAll, type Ask } from '../gateway-client.ts';
import { databaseServices, processes } from '../processes.ts';
import { createStack, type Stack } from '../stack.ts';

jest.setTimeout(120_000);

const root = join(import.meta.dirname, '../../..');
const dataDir = mkdtempSync(join(tmpdir(), 'vedette-scenario-'));
/** A day of ordinary work, thinned. */
const eventsPerDay = 600;
/** A Tuesday afternoon: what the story tells does not hang on the day it is told. */
const until = Date.parse('2026-10-06T14:00:00Z');

let stack: Stack;
let endpoints: Endpoints;
let replay: Replay;
let outcomes: Outcomes;

beforeAll(async () => {
  chmodSync(dataDir, 0o755);
  stack = createStack({
    ...{ root, dataDir, processes, databaseServices, replicas: {} },
    // See first-run.story.test.ts, and not that test's ports.
    portBase: 27_000 + (process.pid % 50) * 50,
    settings: { environment: process.env },
    onLine: () => undefined,
    onProgress: () => undefined,
  });
  await stack.start();
  await ensureTenants(stack, () => undefined);
  endpoints = await stack.publishEndpoints();
  await writeJson(join(dataDir, 'demonstration.json'), { until, doneAt: null });
}, 120_000);

afterAll(async () => {
  await stack.stop();
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
}, 60_000);

const askAs =
  (principal: string): Ask =>
  (query, variables) =>
    askGateway(
      ...([endpoints.gateway.http, endpoints.principals[principal]?.token ?? ''] as const),
      ...([query, variables] as const),
    );

interface CaseNode {
  readonly severity: string;
  readonly customer: { readonly name: string };
  readonly assets: readonly { readonly name: string }[];
  readonly techniques: readonly { readonly id: string }[];
}

const casesSeenBy = (principal: string): Promise<CaseNode[]> =>
  listAll(
    ...([askAs(principal), 'cases'] as const),
    'severity customer { name } assets { name } techniques { id }',
  );

const customersOf = (cases: readonly CaseNode[]): string[] =>
  [...new Set(cases.map(({ customer }) => customer.name))].toSorted();

describe('an attack through the provider’s remote-management tool', () => {
  const struck = ['Hafenwerk Logistik', 'Kanzlei Siel und Partner', 'Kranich Metallbau'];

  it('is found at three of five customers, and only there, amid a day of ordinary work', async () => {
    replay = await replayDemonstration(dataDir, endpoints, askAs('operatorAdmin'), eventsPerDay);
    outcomes = await readOutcomes(dataDir, askAs('operatorAdmin'), replay);
    expect(outcomes.isFinal).toBe(true);
    const cases = await casesSeenBy('providerAdmin');
    expect(customersOf(cases)).toEqual(struck);
    expect(replay.customers.map(({ accepted }) => accepted > 0)).toEqual(Array(6).fill(true));
  });

  it('is critical on the file server and four workstations of each, with the techniques of its course', async () => {
    const cases = await casesSeenBy('providerAdmin');
    const critical = cases.filter(({ severity }) => severity === 'CRITICAL');
    for (const name of struck) {
      const ofCustomer = critical.filter(({ customer }) => customer.name === name);
      expect(ofCustomer).toHaveLength(5);
      const hosts = ofCustomer.flatMap(({ assets }) => assets.map((asset) => asset.name));
      expect(hosts.filter((host) => host.includes('-SRV-FILE'))).toHaveLength(1);
      for (const { techniques } of ofCustomer) {
        expect(techniques.map(({ id }) => id)).toEqual(
          expect.arrayContaining(['T1072', 'T1685', 'T1140', 'T1574.001', 'T1490']),
        );
      }
    }
  });

  it('stood as a critical case at each of them within a minute of the first event sent', () => {
    const ofRansomware = replay.customers.filter(({ attack }) => attack === 'RMM_RANSOMWARE');
    for (const { customerId } of ofRansomware) {
      const openedAt = outcomes.of.get(customerId)?.firstCriticalAt ?? Infinity;
      expect(openedAt - replay.startedAt).toBeLessThan(60_000);
    }
  });

  it('is seen by a technician at the one customer that is granted, and by the other provider not at all', async () => {
    const spared = replay.customers.find(({ name }) => name === 'Praxis am Deich');
    await askAs('operatorAdmin')(
      'mutation ($input: RevokeGrantInput!) { revokeGrant(input: $input) { __typename } }',
      {
        input: {
          principalId: endpoints.principals['providerTechnician']?.id,
          customerId: spared?.customerId,
        },
      },
    );
    expect(customersOf(await casesSeenBy('providerTechnician'))).toEqual(['Hafenwerk Logistik']);
    expect(customersOf(await casesSeenBy('otherProviderAdmin'))).toEqual(['Sonnenhof Hotels']);
  });
});

describe('a demonstration that was cut short', () => {
  it('is sent again at the next start and makes nothing twice', async () => {
    expect(await isDemonstrationDone(dataDir)).toBe(true);
    await writeJson(join(dataDir, 'demonstration.json'), { until, doneAt: null });
    await replayDemonstration(dataDir, endpoints, askAs('operatorAdmin'), eventsPerDay);
    const again = await readOutcomes(dataDir, askAs('operatorAdmin'), replay);
    expect(again).toEqual(outcomes);
    expect(await readJson(join(dataDir, 'demonstration.json'))).toMatchObject({ until });
    expect(await isDemonstrationDone(dataDir)).toBe(true);
  });
});

describe('the account of the first run', () => {
  const surroundings = () => ({ root, dataDir, endpoints });

  it('fits a screen, names the struck customers and invents no numbers', () => {
    const account = toAccount(surroundings(), replay, outcomes);
    expect(account.split('\n').length).toBeLessThanOrEqual(25);
    expect(account.match(/\n {2}(\w.*?) {2,}.*<- struck/g)).toHaveLength(3);
    const unknown = toAccount(surroundings(), replay, null);
    expect(unknown).toContain('What came of it could not be asked for');
    expect(toAccount(surroundings(), replay, { ...outcomes, isFinal: false })).toContain(
      'these numbers may rise',
    );
  });

  it('tells commands that work when they are pasted', async () => {
    const account = toAccount(surroundings(), replay, outcomes);
    const [signIn = '', ...queries] = account
      .split('\n')
      .filter((line) => /^ {2}(TOKEN=|curl )/.test(line));
    expect(queries).toHaveLength(3);
    const answers = [];
    for (const query of queries) {
      const { stdout } = await promisify(execFile)('sh', ['-c', `${signIn}\n${query}`]);
      answers.push(JSON.parse(stdout));
    }
    // Techniques are counted over the last 30 days, and this story is older by now.
    expect(answers).toEqual([
      { data: { cases: { nodes: expect.arrayContaining([expect.anything()]) } } },
      { data: { cases: { nodes: [expect.objectContaining({ title: expect.any(String) })] } } },
      { data: { techniqueCounts: expect.any(Array) } },
    ]);
  });
});
