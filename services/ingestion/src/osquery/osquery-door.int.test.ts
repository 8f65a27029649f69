import { request as httpsRequest } from 'node:https';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createMachineKey, newId } from '@vedette/service-kit';
import { waitFor } from '@vedette/testkit';
import { createCertificateAuthority, findFreePort } from '@vedette/testkit/servers';
import { startTestIntake } from '../testing/test-intake.ts';
import type { TestConnector, TestIntake } from '../testing/test-intake.ts';
import { startOsqueryDoor } from './osquery-door.ts';
import type { OsqueryDoor } from './osquery-door.ts';
import { queueOsqueryQuery } from './osquery-query-store.ts';

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

let base: TestIntake;
let door: OsqueryDoor;
let port: number;
let connector: TestConnector;
const authority = createCertificateAuthority('Test');

beforeAll(async () => {
  base = await startTestIntake();
  port = await findFreePort();
  const { cert, key } = authority.issue(['localhost', '127.0.0.1']);
  const certificate = { cert: Buffer.from(cert), key: Buffer.from(key) };
  door = await startOsqueryDoor(
    { host: '127.0.0.1', port, certificate },
    base.intake,
    base.authenticate,
  );
  connector = await base.addConnector('osquery', {
    schedule: {
      users: null,
      own_query: { query: 'select 1', interval: 60, platform: 'linux' },
    },
  });
});

afterAll(async () => {
  await door.close();
  await base.stop();
});

beforeEach(() => {
  base.published.length = 0;
  base.quarantined.length = 0;
});

/** A call as an agent makes it, over TLS 1.2. */
function call(
  path: string,
  body: object | string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const request = httpsRequest(
    {
      ...{
        host: '127.0.0.1',
        port,
        path: `/v1/osquery/${path}`,
        method: 'POST',
        ca: authority.cert,
      },
      ...{ maxVersion: 'TLSv1.2', agent: false },
      headers: { 'content-type': 'application/json', 'user-agent': 'osquery/5.12.1', ...headers },
    },
    (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const answer = JSON.parse(Buffer.concat(chunks).toString()) as Answer['body'];
        resolve({ status: response.statusCode ?? 0, body: answer });
      });
    },
  );
  request.on('error', reject);
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
  request.end(isRaw ? body : JSON.stringify(body));
  return promise;
}

async function enrol(hostIdentifier: string, secret = connector.key): Promise<string> {
  const { body } = await call('enroll', {
    enroll_secret: secret,
    host_identifier: hostIdentifier,
    platform_type: '9',
    host_details: { os_version: { platform: 'ubuntu', name: 'Ubuntu' }, system_info: {} },
  });
  return typeof body['node_key'] === 'string' ? body['node_key'] : '';
}

function aResult(pid: number): object {
  return {
    name: 'process_events',
    hostIdentifier: 'host-1.example',
    calendarTime: 'Sun Mar  1 10:00:00 2026 UTC',
    unixTime: 1_772_359_200,
    epoch: 0,
    counter: 1,
    numerics: false,
    action: 'added',
    columns: { pid: String(pid), path: '/usr/bin/id', cmdline: 'id -u', time: '1772359199' },
  };
}

describe('an agent', () => {
  it('enrols with the sensor key of an osquery connector, and gets a key of its own', async () => {
    const nodeKey = await enrol('host-1');
    expect(nodeKey).toMatch(/^[\w-]{43}$/);
    const rows = await base.intake.database.transaction({ kind: 'OPERATOR' }, (tx) =>
      tx.query<{ platform: string; host_identifier: string; node_key_sha256: Buffer }[]>(
        'select platform, host_identifier, node_key_sha256 from osquery_nodes',
      ),
    );
    expect(rows).toMatchObject([{ platform: 'ubuntu', host_identifier: 'host-1' }]);
    expect(JSON.stringify(rows)).not.toContain(nodeKey);
  });

  it.each([
    ['no key', () => ''],
    ['a key that was never given out', () => createMachineKey('vsk').text],
  ])('does not enrol with %s', async (_, secret) => {
    expect(await enrol('host-x', secret())).toBe('');
    const { status, body } = await call('enroll', {
      enroll_secret: secret(),
      host_identifier: 'host-x',
    });
    expect([status, body]).toEqual([200, { node_invalid: true }]);
  });

  it('does not enrol with the key of another kind of connector', async () => {
    const other = await base.addConnector('ecs-json');
    expect(await enrol('host-x', other.key)).toBe('');
  });

  it('that enrols again gets another key, and the one before is unknown after a while', async () => {
    const [first, second] = [await enrol('host-2'), await enrol('host-2')];
    expect(first).not.toBe(second);
    const unknown = await call('config', { node_key: first });
    expect(unknown).toEqual({ status: 200, body: { node_invalid: true } });
    expect((await call('config', { node_key: second })).body['node_invalid']).toBe(false);
  });

  it('gets the queries that it should run: the usual ones, as changed by the settings', async () => {
    const nodeKey = await enrol('host-1');
    const { status, body } = await call('config', { node_key: nodeKey });
    expect([status, body['node_invalid']]).toEqual([200, false]);
    expect(body['schedule']).toMatchObject({
      process_events: { interval: 60, platform: 'linux' },
      own_query: { query: 'select 1', interval: 60 },
    });
    expect(body['schedule']).not.toHaveProperty('users');
  });
});

describe('what an agent logs', () => {
  it('is answered once it is stored, plain or by gzip, known by head or body', async () => {
    const nodeKey = await enrol('host-1');
    const log = { node_key: nodeKey, log_type: 'result', data: [aResult(1), aResult(2)] };
    const answer = await call('log', log);
    expect(answer).toEqual({ status: 200, body: { node_invalid: false } });
    const zipped = gzipSync(JSON.stringify({ log_type: 'result', data: [aResult(3)] }));
    const headers = { 'content-encoding': 'gzip', authorization: `NodeKey ${nodeKey}` };
    expect((await call('log', zipped, headers)).status).toBe(200);
    const own = base.published.filter(({ customerId }) => customerId === connector.customerId);
    expect(
      own.map(({ raw }) => (JSON.parse(raw) as { columns: { pid: string } }).columns.pid),
    ).toEqual(['1', '2', '3']);
  });

  it('is taken when it is about the agent itself, and kept in quarantine when it is no record', async () => {
    const nodeKey = await enrol('host-1');
    const status = {
      hostIdentifier: 'host-1',
      unixTime: 1_772_359_200,
      ...{ severity: 1, filename: 'scheduler.cpp', line: 10, message: 'slow', version: '5.12.1' },
    };
    const data = [status, 'no json', JSON.stringify(aResult(9)), 7];
    const answer = await call('log', { node_key: nodeKey, log_type: 'status', data });
    expect(answer.status).toBe(200);
    expect(base.published).toHaveLength(2);
    expect(base.quarantined.map(({ line, code }) => [line, code])).toEqual([
      [2, 'NOT_AN_OBJECT'],
      [4, 'NOT_AN_OBJECT'],
    ]);
  });

  it('is refused while it cannot be stored, and makes no event twice when it is sent again', async () => {
    const nodeKey = await enrol('host-1');
    const log = { node_key: nodeKey, log_type: 'result', data: [aResult(77)] };
    await base.setStreamAway(true);
    expect((await call('log', log)).status).toBe(503);
    await base.setStreamAway(false);
    await waitFor(async () => (await call('log', log)).status === 200);
    await call('log', log);
    expect(new Set(base.published.map(({ eventId }) => eventId)).size).toBe(1);
  }, 30_000);

  it('is not taken from a host that has not enrolled', async () => {
    const answer = await call('log', { node_key: 'x', log_type: 'result', data: [aResult(1)] });
    expect(answer).toEqual({ status: 200, body: { node_invalid: true } });
    const headers = { authorization: 'NodeKey x' };
    expect((await call('log', 'not read at all', headers)).body).toEqual({ node_invalid: true });
    expect(base.published).toEqual([]);
  });

  it.each([
    ['no JSON', 'nothing', 400],
    ['a list', [1], 400],
    ['no data', { log_type: 'result' }, 400],
    ['a bomb', gzipSync(Buffer.alloc(30 * 1024 * 1024)), 413],
  ])('is refused as %s', async (_, body, status) => {
    const nodeKey = await enrol('host-1');
    const encoding: Record<string, string> = Buffer.isBuffer(body)
      ? { 'content-encoding': 'gzip' }
      : {};
    const answer = await call('log', body, { authorization: `NodeKey ${nodeKey}`, ...encoding });
    expect(answer.status).toBe(status);
    expect(answer.body).toHaveProperty('error');
  });
});

describe('a question to a host', () => {
  const scope = () => ({ kind: 'CUSTOMERS', customerIds: [connector.customerId] }) as const;

  async function ask(hostIdentifier: string, sql: string): Promise<string> {
    const queryId = newId();
    await base.intake.database.transaction(scope(), async (tx) => {
      const [node] = await tx.query<[{ node_id: string }]>(
        'select node_id from osquery_nodes where host_identifier = $1',
        [hostIdentifier],
      );
      const queuedAt = new Date();
      const expiresAt = new Date(queuedAt.getTime() + 60_000);
      const query = { queryId, nodeId: node.node_id, sql, queuedAt, expiresAt };
      expect(await queueOsqueryQuery(tx, connector.customerId, query)).toBe(true);
    });
    return queryId;
  }

  const stateOf = (queryId: string): Promise<unknown> =>
    base.intake.database.transaction(scope(), (tx) =>
      tx.query('select status, answer_rows, message from osquery_queries where query_id = $1', [
        queryId,
      ]),
    );

  it('is handed to that host alone, once, and its answer is kept', async () => {
    const [asked, other] = [await enrol('host-5'), await enrol('host-6')];
    const queryId = await ask('host-5', 'select * from uptime');
    const nothing = { queries: {}, node_invalid: false };
    expect((await call('distributed/read', { node_key: other })).body).toEqual(nothing);
    expect((await call('distributed/read', { node_key: asked })).body).toEqual({
      queries: { [queryId]: 'select * from uptime' },
      node_invalid: false,
    });
    expect((await call('distributed/read', { node_key: asked })).body).toEqual(nothing);
    const answer = { queries: { [queryId]: [{ days: '3\0' }] }, statuses: { [queryId]: '0' } };
    await call('distributed/write', { node_key: other, ...answer });
    expect(await stateOf(queryId)).toMatchObject([{ status: 'SENT' }]);
    await call('distributed/write', { node_key: asked, ...answer });
    expect(await stateOf(queryId)).toEqual([
      { status: 'ANSWERED', answer_rows: [{ days: '3\ufffd' }], message: null },
    ]);
  });

  it('that fails is told from one that finds nothing', async () => {
    const nodeKey = await enrol('host-5');
    const [failing, empty] = [await ask('host-5', 'select x'), await ask('host-5', 'select 1')];
    await call('distributed/read', { node_key: nodeKey });
    await call('distributed/write', {
      node_key: nodeKey,
      queries: { [failing]: [], [empty]: [] },
      statuses: { [failing]: 1, [empty]: 0 },
      messages: { [failing]: 'no such column: x' },
    });
    expect(await stateOf(failing)).toEqual([
      { status: 'FAILED', answer_rows: null, message: 'no such column: x' },
    ]);
    expect(await stateOf(empty)).toEqual([{ status: 'ANSWERED', answer_rows: [], message: null }]);
  });
});

describe('other calls', () => {
  it('to carve files are refused in words that the agent takes for a failure', async () => {
    const { status, body } = await call('carve/start', {});
    expect(status).toBe(200);
    expect(body).toHaveProperty('error');
  });

  it('are not there', async () => {
    expect((await call('nothing', {})).status).toBe(404);
  });
});
