import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import { createLogger } from '@vedette/service-kit';
import { startTestNats, waitFor } from '@vedette/testkit';
import type { TestNats } from '@vedette/testkit';
import { connectBus } from './bus.ts';
import type { Bus } from './bus.ts';
import { ensureDurable } from './durable.ts';
import { followStream } from './follow.ts';
import { durablesOf, natsUsers } from './nats-permissions.ts';
import type { NatsUser } from './nats-permissions.ts';
import { ensureStream, streams } from './streams.ts';
import type { StreamName } from './streams.ts';

const logger = createLogger({ service: 'permissions', level: 'silent' });
const streamNames = Object.keys(streams) as StreamName[];
const owners = {
  TENANCY: 'tenancy',
  INGESTION: 'ingestion',
  TELEMETRY: 'ingestion',
  HUNTING: 'hunting',
  CASES: 'cases',
} as const satisfies Record<StreamName, NatsUser>;

let nats: TestNats;
let administrator: Bus;
let buses: Readonly<Record<NatsUser, Bus>>;

beforeAll(async () => {
  nats = await startTestNats();
  const connectAs = (user: string): Promise<Bus> =>
    connectBus({ url: nats.urlOf(user), name: user, logger });
  administrator = await connectAs('administrator');
  for (const stream of streamNames) await ensureStream(administrator.manager, stream);
  const entries = natsUsers.map(async (user) => [user, await connectAs(user)] as const);
  buses = Object.fromEntries(await Promise.all(entries)) as typeof buses;
});

afterAll(async () => {
  await Promise.all([administrator, ...Object.values(buses)].map((bus) => bus.close()));
  await nats.stop();
});

const subjectOf = (stream: StreamName): string => `vedette.${stream.toLowerCase()}.0.0.0`;

/** What nobody may do to a stream but its owner, and what not even the owner may. */
function onStream(stream: StreamName, isOwner: boolean): string[] {
  const forOwner = ['UPDATE', 'MSG.GET', 'MSG.DELETE'].map((verb) => `STREAM.${verb}.${stream}`);
  const forNobody = ['DELETE', 'PURGE', 'SNAPSHOT', 'RESTORE'].map(
    (verb) => `STREAM.${verb}.${stream}`,
  );
  return [
    ...(isOwner ? [] : [subjectOf(stream), ...forOwner.map((end) => `$JS.API.${end}`)]),
    ...forNobody.map((end) => `$JS.API.${end}`),
    `$JS.API.DIRECT.GET.${stream}`,
    `$JS.API.CONSUMER.NAMES.${stream}`,
    `$JS.API.CONSUMER.CREATE.${stream}.of-nobody`,
    `$JS.API.CONSUMER.CREATE.${stream}.of-nobody.vedette.>`,
    `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.of-nobody`,
  ];
}

function onForeignDurable(stream: StreamName, durable: string): string[] {
  const verbs = ['CREATE', 'DURABLE.CREATE', 'INFO', 'DELETE', 'MSG.NEXT', 'LEADER.STEPDOWN'];
  return [
    ...verbs.map((verb) => `$JS.API.CONSUMER.${verb}.${stream}.${durable}`),
    `$JS.API.CONSUMER.CREATE.${stream}.${durable}.vedette.>`,
    `$JS.ACK.${stream}.${durable}.1.1.1.1.1`,
  ];
}

function lookingAt(stream: StreamName): string {
  return `$JS.API.CONSUMER.INFO.${stream}.`;
}

function forbiddenTo(user: NatsUser): string[] {
  const others = natsUsers.filter((other) => other !== user);
  return [
    ...streamNames.flatMap((stream) => onStream(stream, owners[stream] === user)),
    ...others.flatMap((other) =>
      durablesOf(other).flatMap(([stream, names]) =>
        names
          .flatMap((durable) => onForeignDurable(stream, durable))
          // A stream's owner may look whether those are there that must have each message.
          .filter((subject) => owners[stream] !== user || !subject.startsWith(lookingAt(stream))),
      ),
    ),
    ...others.map((other) => `_INBOX_${other}.answer`),
    ...['STREAM.CREATE.OTHER', 'STREAM.LIST', 'STREAM.NAMES', 'ACCOUNT.PURGE.A', 'META.LEADER'].map(
      (end) => `$JS.API.${end}`,
    ),
    ...['vedette', 'vedette.other.0.0.0', '$SYS.REQ.SERVER.PING', '$KV.a.b', '_INBOX.answer', 'a'],
  ];
}

/** Sends a message to each subject and answers those that the server refused. */
async function refusedOf({ connection }: Bus, subjects: readonly string[]): Promise<string[]> {
  const refused: string[] = [];
  const listen = async (): Promise<void> => {
    for await (const status of connection.status()) {
      const subject = status.type === 'error' && / to "(\S+)"/.exec(status.error.message)?.[1];
      if (subject) refused.push(subject);
    }
  };
  void listen();
  for (const subject of subjects) connection.publish(subject, '{}');
  // The server's answer to a flush comes after its refusals.
  await connection.flush();
  await setImmediate();
  return refused;
}

describe.each(natsUsers)('the NATS user %s', (user) => {
  it('is refused on every subject that is not for it', async () => {
    const subjects = forbiddenTo(user);
    expect(subjects.length).toBeGreaterThan(150);
    expect(await refusedOf(buses[user], subjects)).toEqual(subjects);
  });

  it('hears its own answers and nothing else', async () => {
    const { connection } = buses[user];
    const inboxes = natsUsers.filter((other) => other !== user).map((other) => `_INBOX_${other}.>`);
    const patterns = ['>', '*.>', 'vedette.>', `vedette.${user}.>`, '_INBOX.>', '$JS.>', '$SYS.>'];
    for (const pattern of [...patterns, ...inboxes]) {
      const heard = (async () => {
        for await (const message of connection.subscribe(pattern, { timeout: 2_000 }))
          return message.subject;
        return null;
      })();
      await expect(heard).rejects.toThrow(`Permissions Violation for Subscription to "${pattern}"`);
    }
  });

  it('looks after its own streams and publishes to them', async () => {
    const { manager, client } = buses[user];
    const own = streamNames.filter((stream) => owners[stream] === user);
    for (const stream of own) {
      await ensureStream(manager, stream);
      const options = { expect: { streamName: stream } };
      const { seq } = await client.publish(subjectOf(stream), 'a', options);
      // Telemetry that nobody waits for is not kept.
      const isKept = streams[stream].requiredDurables.length === 0;
      expect((await manager.streams.getMessage(stream, { seq }))?.string()).toBe(
        isKept ? 'a' : undefined,
      );
      if (isKept) expect(await manager.streams.deleteMessage(stream, seq)).toBe(true);
    }
    const consumed = durablesOf(user).map(([stream]) => stream);
    for (const stream of consumed) await ensureStream(manager, stream);
  });

  it('reads through each of its durables, and makes it anew', async () => {
    const { client, manager } = buses[user];
    for (const [stream, names] of durablesOf(user)) {
      for (const name of names) {
        const definition = { name, stream, subject: `vedette.${stream.toLowerCase()}.>` };
        await ensureDurable(definition, { bus: buses[user], logger });
        await administrator.client.publish(subjectOf(stream), name);
        const consumer = await client.consumers.get(stream, name);
        const messages = await consumer.consume({ max_messages: 10, expires: 5_000 });
        for await (const message of messages) {
          message.working();
          message.ack();
          if (message.string() === name) break;
        }
        await waitFor(async () => {
          const { num_ack_pending: left } = await administrator.manager.consumers.info(
            stream,
            name,
          );
          return left === 0;
        });
        await manager.consumers.delete(stream, name);
      }
    }
  });
});

describe('a refusal', () => {
  it('is an error for whoever publishes', async () => {
    const publishing = buses.cases.client.publish(subjectOf('HUNTING'), 'a');
    await expect(publishing).rejects.toThrow(
      'Permissions Violation for Publish to "vedette.hunting',
    );
  });

  it('is an error for whoever runs a consumer without a line in the table', async () => {
    const definition = {
      name: 'cases-of-nobody',
      stream: 'HUNTING',
      subject: 'vedette.hunting.>',
    } as const;
    const dependencies = { bus: buses.cases, logger };
    await expect(ensureDurable(definition, dependencies)).rejects.toThrow(
      'Permissions Violation for Publish to "$JS.API.CONSUMER.CREATE.HUNTING.cases-of-nobody',
    );
  });

  it('keeps a reader from changing the stream that an older version of its owner has made', async () => {
    const hour = 3_600 * 1e9;
    await administrator.manager.streams.update('TENANCY', { max_age: hour });
    await ensureStream(buses.cases.manager, 'TENANCY');
    const limit = async (): Promise<number> =>
      (await administrator.manager.streams.info('TENANCY')).config.max_age;
    expect(await limit()).toBe(hour);
    await ensureStream(buses.tenancy.manager, 'TENANCY');
    expect(await limit()).toBe(90 * 24 * hour);
  });
});

describe('the gateway', () => {
  it('follows tenancy', async () => {
    const heard: string[] = [];
    const follower = followStream({
      ...{ bus: buses.gateway, stream: 'TENANCY', logger },
      onReset: () => heard.push('RESET'),
      onMessage: (bytes) => heard.push(Buffer.from(bytes).toString()),
    });
    await waitFor(() => heard.includes('RESET'));
    await buses.tenancy.client.publish(subjectOf('TENANCY'), 'told');
    await waitFor(() => heard.includes('told'));
    await follower.stop();
  });

  it('cannot change a durable by naming it in the body', async () => {
    const name = 'cases-record-customer-on-customer-moved';
    const definition = { name, stream: 'TENANCY', subject: 'vedette.tenancy.>' } as const;
    await ensureDurable(definition, { bus: buses.cases, logger });
    const before = await administrator.manager.consumers.info('TENANCY', name);
    for (const names of [{ durable_name: name }, { name }, { name, durable_name: name }]) {
      const config = { ...before.config, ...names, max_ack_pending: 9_999 };
      await buses.gateway.connection.request(
        '$JS.API.CONSUMER.CREATE.TENANCY',
        JSON.stringify({ stream_name: 'TENANCY', config }),
      );
    }
    expect((await administrator.manager.consumers.info('TENANCY', name)).config).toEqual(
      before.config,
    );
  });
});
