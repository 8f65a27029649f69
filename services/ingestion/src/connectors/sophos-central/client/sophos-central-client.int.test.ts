import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSophosSimulator } from '../../../testing/sophos-simulator.ts';
import type { SophosSimulator } from '../../../testing/sophos-simulator.ts';
import { createSophosCentralClients } from './sophos-central-client.ts';
import type { SophosCentralClients } from './sophos-central-client.ts';

let simulator: SophosSimulator;
let clients: SophosCentralClients;

beforeAll(async () => {
  simulator = await startSophosSimulator({ 'calls-per-minute': '1000' });
  clients = createSophosCentralClients({ allowSimulators: true });
});

afterAll(() => simulator.stop());

const credentialsOf = (clientId: string) => ({ clientId, clientSecret: `secret-of-${clientId}` });
const partner = credentialsOf('simulated-partner');
const idOf = (name: string): string => simulator.tenants.get(name)?.id ?? '';
const settingsOf = (tenantId?: string) => ({
  ...{ loginUrl: simulator.loginUrl, apiUrl: simulator.apiUrl },
  ...(tenantId === undefined ? {} : { tenantId }),
});

describe('a client of Sophos Central', () => {
  it("reads a partner's tenant at that tenant's own address", async () => {
    for (const name of ['Harbour Mills', 'Kestrel Freight']) {
      const client = await clients.of(partner, settingsOf(idOf(name)));
      expect(await client.get('/siem/v1/alerts')).toMatchObject({ has_more: false });
    }
  });

  it("reads an organization's tenant as well", async () => {
    const client = await clients.of(
      credentialsOf('simulated-organization'),
      settingsOf(idOf('Bramble Hotels')),
    );
    expect(await client.get('/endpoint/v1/settings/tamper-protection')).toEqual({ enabled: true });
  });

  it("reads the tenant of a tenant's own credentials", async () => {
    const own = credentialsOf('simulated-jd');
    const client = await clients.of(own, settingsOf());
    const { items } = await client.get('/endpoint/v1/endpoints', { view: 'basic' });
    expect(items).toHaveLength(12);
    expect(items).toContainEqual(
      expect.objectContaining({ tenant: { id: idOf('Juniper Dental') } }),
    );
    await expect(clients.of(own, settingsOf(idOf('Harbour Mills')))).rejects.toMatchObject({
      code: 'TENANT_UNKNOWN',
    });
  });

  it('signs in once for all tenants of a credential, and once more for a token that was withdrawn', async () => {
    const client = await clients.of(partner, settingsOf(idOf('Harbour Mills')));
    const before = (await simulator.answers())['token 200'] ?? 0;
    await Promise.all([client.get('/siem/v1/events'), client.get('/siem/v1/alerts')]);
    expect((await simulator.answers())['token 200']).toBe(before);
    await simulator.addFault({ kind: 'UNAUTHORIZED' });
    await client.get('/siem/v1/events');
    expect((await simulator.answers())['token 200']).toBe(before + 1);
  });

  it('gives up on a token that is refused twice', async () => {
    const client = await clients.of(partner, settingsOf(idOf('Harbour Mills')));
    await simulator.addFault({ kind: 'UNAUTHORIZED', times: 2 });
    await expect(client.get('/siem/v1/events')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await client.get('/siem/v1/events');
  });

  it.each([
    [
      'the wrong secret',
      () => ({ ...partner, clientSecret: 'wrong' }),
      'Harbour Mills',
      'client id',
    ],
    ['a tenant that is not set up', () => partner, 'Quarry Lane Foods', 'no address'],
    ['no tenant, where there are many', () => partner, null, 'tenantId has to say'],
    [
      'a term customer that has not let its partner in',
      () => partner,
      'Tidewater Legal',
      'assistance',
    ],
  ])('says what is wrong: %s', async (_, credentials, name, said) => {
    const work = async () => {
      const settings = settingsOf(name === null ? undefined : idOf(name));
      await (await clients.of(credentials(), settings)).get('/siem/v1/events');
    };
    const failure = await work().catch((error: unknown) => error);
    expect(failure).toMatchObject({ needsPeople: true });
    expect(String(failure)).toContain(said);
    expect(JSON.stringify(failure) + String(failure)).not.toContain('wrong');
  });

  it('hands on when to come again', async () => {
    const client = await clients.of(partner, settingsOf(idOf('Harbour Mills')));
    await simulator.addFault({ kind: 'SERVER_ERROR', status: 503 });
    await expect(client.get('/siem/v1/events')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await simulator.addFault({ kind: 'RATE_LIMITED', retryAfterSeconds: 120 });
    await expect(client.get('/siem/v1/events')).rejects.toMatchObject({ retryAfterSeconds: 120 });
    // Its other tenants wait as well.
    const other = await clients.of(partner, settingsOf(idOf('Kestrel Freight')));
    await expect(other.get('/siem/v1/events')).rejects.toMatchObject({ code: 'PACED' });
  });

  it('calls nothing on this machine unless the process may', async () => {
    const careful = createSophosCentralClients({ allowSimulators: false });
    await expect(careful.of(partner, settingsOf(idOf('Harbour Mills')))).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
  });
});
