import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { assertGivenServersAnswer } from './given-servers.ts';

let closedPort = 0;
let silent: Server;
const sockets: Socket[] = [];
beforeAll(async () => {
  const listen = async () => {
    const server = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return server;
  };
  const closed = await listen();
  closedPort = (closed.address() as AddressInfo).port;
  await new Promise((resolve) => closed.close(resolve));
  silent = await listen();
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  silent.close();
});

async function complaint(settings: Parameters<typeof assertGivenServersAnswer>[0]) {
  return await assertGivenServersAnswer(settings).then(
    () => 'none',
    (error: unknown) => (error as Error).message,
  );
}

describe('servers named by the environment', () => {
  it('are named with variable and example when the URL is malformed', async () => {
    expect(await complaint({ natsUrl: 'secret@nowhere' })).toBe(
      'VEDETTE_NATS_URL must be a URL such as nats://user:password@host:4222',
    );
    expect(await complaint({ postgresAdminUrl: 'http://u:secret@h' })).toMatch(
      /^VEDETTE_POSTGRES_ADMIN_URL must be a URL/,
    );
  });

  it('are named with host and port, without password, when nobody listens', async () => {
    const place = `127.0.0.1:${String(closedPort)}`;
    const nats = await complaint({ natsUrl: `nats://me:s3cret@${place}` });
    const postgres = await complaint({ postgresAdminUrl: `postgres://me:s3cret@${place}` });
    expect(nats).toContain(`VEDETTE_NATS_URL: ${place} cannot be used`);
    expect(postgres).toContain(`VEDETTE_POSTGRES_ADMIN_URL: ${place} cannot be used`);
    expect(nats + postgres).not.toContain('s3cret');
  });

  it('have 5 seconds to answer', async () => {
    const place = `127.0.0.1:${String((silent.address() as AddressInfo).port)}`;
    const startedAt = performance.now();
    const [nats, postgres] = await Promise.all([
      complaint({ natsUrl: `nats://${place}` }),
      complaint({ postgresAdminUrl: `postgres://me@${place}` }),
    ]);
    expect(nats).toContain(place);
    expect(postgres).toContain(place);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  }, 10_000);
});
