import { isUuid, newId, parseMachineKey } from '@vedette/service-kit';
import { z } from 'zod';
import { cleanText, isRecord } from '../connectors/record-fields.ts';
import { connectorOf } from '../connectors/index.ts';
import type { Sensor } from '../connector/sensor-key-store.ts';
import { acceptRecords } from '../intake/accept-records.ts';
import type { DeliveredRecord, RejectedRecord } from '../intake/accept-records.ts';
import type { Intake } from '../intake/intake-parts.ts';
import { takeApart } from '../intake/record-lines.ts';
import { Refusal } from '../intake/refusal.ts';
import type { AuthenticateSensor } from '../intake/sensor-authenticator.ts';
import { createNodeKey } from './node-authenticator.ts';
import type { AuthenticateNode } from './node-authenticator.ts';
import { enrolNode } from './osquery-node-store.ts';
import type { OsqueryNode } from './osquery-node-store.ts';
import { keepOsqueryAnswers, sendOsqueryQueries } from './osquery-query-store.ts';
import type { OsqueryAnswer } from './osquery-query-store.ts';
import { toAgentConfig } from './osquery-settings.ts';

export interface OsqueryDependencies {
  readonly intake: Intake;
  readonly authenticate: AuthenticateSensor;
  readonly authenticateNode: AuthenticateNode;
}

/** What a call of a known host is worked on with. */
export interface NodeCall extends OsqueryDependencies {
  /** @throws {Refusal} 401: the host is known no more */
  readonly requireAllowed: () => Promise<void>;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** An agent that is not known: it forgets its key and enrols again. */
export const unknownNode = { node_invalid: true } as const;
const known = { node_invalid: false } as const;

const enrolRequest = z.object({
  enroll_secret: z.string().max(200),
  host_identifier: z.string().min(1).max(255).transform(cleanText),
  platform_type: z.union([z.string().max(50), z.number()]).optional(),
  host_details: z
    .object({ os_version: z.object({ platform: z.string().max(50) }).optional() })
    .optional(),
});

/** Takes a host in whose agent shows a sensor key of an osquery connector, and gives it a key of its own. */
export async function enrol(
  body: JsonObject,
  { intake, authenticate }: OsqueryDependencies,
): Promise<object> {
  const request = parse(enrolRequest, body);
  const key = parseMachineKey('vsk', request.enroll_secret);
  const sensor = key && (await findSensor(key.text, authenticate));
  if (!sensor) return unknownNode;
  const nodeKey = createNodeKey();
  const now = intake.clock();
  const platform = request.host_details?.os_version?.platform ?? request.platform_type ?? '';
  const scope = { kind: 'CUSTOMERS', customerIds: [sensor.customerId] } as const;
  const isEnrolled = await intake.database.transaction(scope, (tx) =>
    enrolNode(tx, sensor, {
      nodeId: newId(now.getTime()),
      nodeKeySha256: nodeKey.sha256,
      sensorKeyPublicId: key.publicId,
      hostIdentifier: request.host_identifier,
      platform: cleanText(String(platform)),
      at: now,
    }),
  );
  if (!isEnrolled) return { ...unknownNode, error: 'This connector has too many hosts.' };
  return { ...known, node_key: nodeKey.text };
}

async function findSensor(key: string, authenticate: AuthenticateSensor): Promise<Sensor | null> {
  try {
    const sensor = await authenticate(key);
    return connectorOf(sensor.connectorType).deliveries.includes('OSQUERY') ? sensor : null;
  } catch (error) {
    if (error instanceof Refusal && (error.status === 401 || error.status === 403)) return null;
    throw error;
  }
}

/** What the agent should ask its host, and how often. */
export async function readConfig(_: JsonObject, node: OsqueryNode): Promise<object> {
  return { ...toAgentConfig(node.sensor.settings), ...known };
}

const logRequest = z.object({
  log_type: z.enum(['result', 'status']),
  data: z.array(z.unknown()).max(10_000),
});

/** Takes what the agent has logged. @throws {UnavailableError} it is not stored: the agent sends it again */
export async function takeLog(
  body: JsonObject,
  { sensor }: OsqueryNode,
  { intake, requireAllowed }: NodeCall,
): Promise<object> {
  const { data } = parse(logRequest, body);
  intake.rates.admit(sensor);
  await acceptRecords(sensor, recordsOf(data, sensor), {
    publisher: intake.publisher,
    quarantine: intake.quarantine,
    receivedAt: intake.clock().getTime(),
    requireAllowed,
  });
  intake.rates.charge(sensor, data.length);
  return known;
}

const maxRecordBytes = 1024 * 1024;

function* recordsOf(
  data: readonly unknown[],
  { connectorType }: Sensor,
): Generator<DeliveredRecord | RejectedRecord> {
  const connector = connectorOf(connectorType);
  for (const [index, item] of data.entries()) {
    const line = index + 1;
    // Agents before 2.0 sent each record as text.
    const value = typeof item === 'string' ? readJson(item) : item;
    const raw = typeof item === 'string' ? cleanText(item) : JSON.stringify(item);
    if (raw.length > maxRecordBytes) {
      const message = `A record has at most ${maxRecordBytes} bytes.`;
      yield { line, raw, code: 'LINE_TOO_LONG', message };
      continue;
    }
    for (const found of takeApart(value, raw, connector)) {
      if ('code' in found) yield { ...found, line, raw };
      else yield { raw: found.raw, record: found.record, line };
    }
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Hands out the queries that wait for this host. */
export async function readQueries(
  _: JsonObject,
  node: OsqueryNode,
  { intake }: OsqueryDependencies,
): Promise<object> {
  const scope = { kind: 'CUSTOMERS', customerIds: [node.sensor.customerId] } as const;
  const queries = await intake.database.transaction(scope, (tx) =>
    sendOsqueryQueries(tx, node, intake.clock()),
  );
  return { ...known, queries };
}

const writeRequest = z.object({
  queries: z.record(z.string(), z.unknown()).default({}),
  statuses: z.record(z.string(), z.coerce.number()).default({}),
  messages: z.record(z.string(), z.string()).default({}),
});
const maxAnswers = 100;
const maxAnswerBytes = 2 * 1024 * 1024;

/** Keeps what the host has answered. */
export async function writeAnswers(
  body: JsonObject,
  node: OsqueryNode,
  { intake }: OsqueryDependencies,
): Promise<object> {
  const { queries, statuses, messages } = parse(writeRequest, body);
  const ids = [...new Set([...Object.keys(queries), ...Object.keys(statuses)])];
  const answers = ids
    .filter(isUuid)
    .slice(0, maxAnswers)
    .map((id) => toAnswer(id, queries[id], statuses[id] ?? 0, messages[id]));
  const scope = { kind: 'CUSTOMERS', customerIds: [node.sensor.customerId] } as const;
  await intake.database.transaction(scope, (tx) =>
    keepOsqueryAnswers(tx, node, answers, intake.clock()),
  );
  return known;
}

/** No rows, or none and a status other than 0, is a failure: it must not look like an empty answer. */
function toAnswer(
  queryId: string,
  answer: unknown,
  status: number,
  said: string | undefined,
): OsqueryAnswer {
  const message = said === undefined ? null : cleanText(said).slice(0, 1_000);
  const failed = (why: string): OsqueryAnswer => ({ queryId, rows: null, message: message ?? why });
  if (status !== 0) return failed(`The query failed with status ${status}.`);
  if (!Array.isArray(answer)) return failed('The host has sent no rows.');
  const rows: readonly unknown[] = answer;
  if (JSON.stringify(rows).length > maxAnswerBytes) {
    return failed(`The answer has more than ${maxAnswerBytes} bytes.`);
  }
  return { queryId, rows: rows.filter(isRecord).map(cleanRow), message };
}

/** Rows are text by text; what PostgreSQL cannot keep of it is replaced. */
function cleanRow(row: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      cleanText(name),
      typeof value === 'string' ? cleanText(value) : value,
    ]),
  );
}

/** Files of hosts are not collected yet; an agent takes any `error` for a call that has failed. */
export const carvingRefused = {
  ...known,
  error: 'This server does not take files of hosts.',
} as const;

/** @throws {Refusal} 400: the body is not what the call takes */
function parse<T>(schema: z.ZodType<T>, body: JsonObject): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const where = result.error.issues.map(({ path }) => path.join('.')).slice(0, 5);
  throw new Refusal(400, 'BAD_USER_INPUT', `The body is not in order at: ${where.join(', ')}.`);
}
