import { join, relative } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Replay, ReplayedCustomer } from '../demonstration.ts';
import type { Endpoints } from '../endpoints.ts';
import { listAll, type Ask } from '../gateway-client.ts';
import { readStatus } from '../status.ts';

/** Where the account of the first run can be read later. */
export const accountFile = (dataDir: string): string => join(dataDir, 'account.txt');

/** What came of the replay at one customer. */
interface Outcome {
  readonly detections: number;
  readonly cases: number;
  readonly criticalCases: number;
  /** Epoch ms of the opening of the first of them; null without one. */
  readonly firstCriticalAt: number | null;
}

export interface Outcomes {
  /** By id of the customer. */
  readonly of: ReadonlyMap<string, Outcome>;
  /** False when some of what was sent is still being worked through: the numbers may rise. */
  readonly isFinal: boolean;
}

interface FoundCase {
  readonly severity: string;
  readonly openedAt: string;
}

const drainTimeoutMs = 60_000;

/** Waits until all that was sent is worked through, then counts. It waits for a minute at most. */
export async function readOutcomes(
  dataDir: string,
  ask: Ask,
  { customers }: Replay,
): Promise<Outcomes> {
  const isFinal = await waitUntilDrained(dataDir);
  const of = new Map<string, Outcome>();
  for (const { customerId } of customers) {
    const filter = `{ customerId: "${customerId}" }`;
    const detections = await listAll(ask, 'detections', 'id', filter);
    const cases = await listAll<FoundCase>(ask, 'cases', 'severity openedAt', filter);
    const critical = cases.filter(({ severity }) => severity === 'CRITICAL');
    const openedAt = critical.map((each) => Date.parse(each.openedAt));
    of.set(customerId, {
      ...{ detections: detections.length, cases: cases.length, criticalCases: critical.length },
      firstCriticalAt: openedAt.length > 0 ? Math.min(...openedAt) : null,
    });
  }
  return { of, isFinal };
}

/** Nothing pending and nothing unpublished, twice in a row: between two services there is a moment of neither. */
async function waitUntilDrained(dataDir: string): Promise<boolean> {
  const deadline = Date.now() + drainTimeoutMs;
  let quiet = 0;
  while (quiet < 2 && Date.now() < deadline) {
    await sleep(500);
    const { consumers, outbox } = await readStatus(dataDir);
    const isQuiet =
      consumers.every(({ pending }) => pending === 0) && outbox.every(({ rows }) => rows === 0);
    quiet = isQuiet ? quiet + 1 : 0;
  }
  return quiet >= 2;
}

/** Where the user is and how they call us, so that commands can be pasted. */
export interface Surroundings {
  /** The checkout. */
  readonly root: string;
  readonly dataDir: string;
  readonly endpoints: Endpoints;
}

/**
 * What the first run tells: what runs, what was replayed, what came of it, and what to do next.
 * @param outcomes null where they could not be asked for
 */
export function toAccount(
  surroundings: Surroundings,
  replay: Replay,
  outcomes: Outcomes | null,
): string {
  return [
    ...describeServices(surroundings.endpoints),
    '',
    ...describeReplay(replay),
    '',
    ...describeOutcomes(replay, outcomes),
    '',
    ...describeQueries(surroundings),
    describeWayOut(surroundings),
  ].join('\n');
}

/** What every start but the first tells. */
export function toReminder({ endpoints, ...surroundings }: Surroundings): readonly string[] {
  const command = toCommand(surroundings);
  return [
    `GraphQL at ${endpoints.gateway.http}, in a browser at ${toGraphiqlUrl(endpoints)}`,
    `a token: ${command('token operatorAnalyst')}; to stop: ${command('down')}`,
  ];
}

function describeServices(endpoints: Endpoints): string[] {
  const names = endpoints.services.map(({ name }) => name).join(', ');
  return [
    `Vedette runs: ${names}, with PostgreSQL, NATS and an OpenID provider.`,
    `  API         ${endpoints.gateway.http}`,
    `  In browsers ${toGraphiqlUrl(endpoints)}  (GraphiQL; its tabs hold operations to try)`,
  ];
}

function describeReplay({ customers }: Replay): string[] {
  const events = customers.reduce((sum, { accepted }) => sum + accepted, 0);
  const namesOf = (attack: ReplayedCustomer['attack']) =>
    customers.filter((each) => each.attack === attack).map(({ name }) => name);
  const quiet = customers.find(({ attack }) => attack === 'CREDENTIAL_THEFT');
  const day = customers.find(({ attack }) => attack !== 'CREDENTIAL_THEFT');
  return [
    `Replayed through the door that sensors use: ${count(events)} events of ${customers.length} customers, invented.`,
    `  Ordinary work from ${toMinute(day?.from)} to ${toMinute(day?.until)} UTC, and amid it, within an hour, ransomware`,
    `  through the provider's own remote-management tool at ${toList(namesOf('RMM_RANSOMWARE'))};`,
    `  since ${toMinute(quiet?.from)} a quiet theft of passwords at ${toList(namesOf('CREDENTIAL_THEFT'))}.`,
  ];
}

function describeOutcomes({ startedAt, customers }: Replay, outcomes: Outcomes | null): string[] {
  if (!outcomes) return ['What came of it could not be asked for; the first query below shows it.'];
  const rows = customers.map(({ customerId, name, accepted, attack }) => {
    const { detections = 0, cases = 0, criticalCases = 0 } = outcomes.of.get(customerId) ?? {};
    const numbers = [accepted, detections, cases, criticalCases].map((number) => count(number));
    return toRow([name, ...numbers], attack === 'RMM_RANSOMWARE' ? '  <- struck' : '');
  });
  const head = toRow(['Customer', 'events', 'detections', 'cases', 'critical'], '');
  return [head, ...rows, describeSpeed(startedAt, customers, outcomes)];
}

function toRow([name = '', ...cells]: readonly string[], remark: string): string {
  return `  ${name.padEnd(26)}${cells.map((cell) => cell.padStart(12)).join('')}${remark}`;
}

function describeSpeed(startedAt: number, customers: Replay['customers'], outcomes: Outcomes) {
  if (!outcomes.isFinal)
    return '  Some of it is still being worked through: these numbers may rise.';
  const struck = customers.filter(({ attack }) => attack === 'RMM_RANSOMWARE');
  const found = struck.map(({ customerId }) => outcomes.of.get(customerId)?.firstCriticalAt ?? 0);
  const seconds = (Math.max(...found) - startedAt) / 1_000;
  // A case from before this replay belongs to one that was cut short, and tells nothing about its speed.
  if (Math.min(...found) < startedAt) return '  All of it is worked through.';
  return `  A critical case stood at each of the ${struck.length} struck customers ${seconds.toFixed(1)} s after the first event was sent.`;
}

const queries = [
  '{ cases(first: 20) { nodes { severity title customer { name } assets { name } } } }',
  '{ cases(first: 1) { nodes { title detections(first: 20) { occurredAt ruleTitle rule { firstSteps } } } } }',
  '{ techniqueCounts { detectionCount technique { id name tactics { name } } } }',
];

function describeQueries({ endpoints, ...surroundings }: Surroundings): string[] {
  const command = toCommand(surroundings);
  const curl = (query: string) =>
    `  curl -s ${endpoints.gateway.http} -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{"query":"${query}"}'`;
  return [
    'Cases, the story of the latest, the techniques seen (paste these; a token lasts an hour):',
    `  TOKEN=$(${command('token operatorAnalyst')})`,
    ...queries.map(curl),
  ];
}

function describeWayOut({ root, dataDir }: Surroundings): string {
  const command = toCommand({ root, dataDir });
  return `Tokens of other people: ${command('token --help')}. To stop: ${command('down')}; the data stays in ${toPath(dataDir)}.`;
}

/** Makes a command line that works in the user's present folder. */
function toCommand({ root, dataDir }: Omit<Surroundings, 'endpoints'>) {
  const program = toPath(join(root, 'vedette'));
  const where = dataDir === join(root, '.vedette') ? '' : ` --data-dir ${toPath(dataDir)}`;
  return (args: string): string => `${program} ${args}${where}`;
}

/** From the present folder where it lies below it. */
function toPath(path: string): string {
  const below = relative(process.cwd(), path);
  return below.startsWith('..') ? path : `./${below}`;
}

function toGraphiqlUrl({ gateway }: Endpoints): string {
  return gateway.http.replace(/\/graphql$/, '/graphiql');
}

function toMinute(at = 0): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ');
}

function toList(names: readonly string[]): string {
  return new Intl.ListFormat('en').format(names);
}

function count(number: number): string {
  return number.toLocaleString('en');
}
