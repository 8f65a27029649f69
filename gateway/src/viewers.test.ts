import { describe, expect, it } from '@jest/globals';
import { UnavailableError } from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import { UnusableAnswerError } from './subgraph-client.ts';
import type { SubgraphClient } from './subgraph-client.ts';
import { askTenancy, createViewers, gatewayViewer } from './viewers.ts';
import type { Proof } from './viewers.ts';

const providerId = '01900000-0000-7000-8000-0000000000ff';
const otherProviderId = '01900000-0000-7000-8000-0000000000fe';
const customerId = '01900000-0000-7000-8000-00000000000a';

const aPerson = (subject: string): Proof => ({
  ...{ kind: 'PERSON', issuerId: 'issuer', subject, hasMfa: false },
});

/** Viewers whose principal is called like the subject, of a provider by its first letter. */
function createCase() {
  const clock = { now: 0 };
  const asked: string[] = [];
  const viewers = createViewers(
    async (proof): Promise<Viewer> => {
      const subject = proof.kind === 'PERSON' ? proof.subject : '';
      asked.push(subject);
      return {
        principalId: subject,
        role: 'PROVIDER_ADMIN',
        providerId: subject.startsWith('a') ? providerId : otherProviderId,
        customerIds: [],
      };
    },
    () => clock.now,
  );
  const find = async (...subjects: string[]): Promise<string[]> => {
    asked.length = 0;
    for (const subject of subjects) await viewers.find(aPerson(subject));
    return [...asked];
  };
  return { clock, viewers, find };
}

describe('a viewer', () => {
  it('is asked about again after five seconds', async () => {
    const { find, clock } = createCase();
    expect(await find('anna', 'anna')).toEqual(['anna']);
    clock.now = 5_000;
    expect(await find('anna')).toEqual(['anna']);
  });

  it('is the same object meanwhile, on which its identity tokens hang, and another afterwards', async () => {
    const { viewers } = createCase();
    const first = await viewers.find(aPerson('anna'));
    expect(await viewers.find(aPerson('anna'))).toBe(first);
    viewers.forgetPrincipal('anna');
    expect(await viewers.find(aPerson('anna'))).not.toBe(first);
  });

  it('is forgotten alone, with its provider, or with all', async () => {
    const { viewers, find } = createCase();
    await find('anna', 'alf', 'bo');
    viewers.forgetPrincipal('anna');
    expect(await find('anna', 'alf', 'bo')).toEqual(['anna']);
    viewers.forgetProvider(providerId);
    expect(await find('anna', 'alf', 'bo')).toEqual(['anna', 'alf']);
    viewers.forgetAll();
    expect(await find('anna', 'alf', 'bo')).toEqual(['anna', 'alf', 'bo']);
  });
});

function tenancyThat(answer: () => Promise<unknown>) {
  const calls: unknown[][] = [];
  const client = {
    ...{ name: 'tenancy', get: answer, isReady: async () => true, close: () => undefined },
    post: (...call: unknown[]) => {
      calls.push(call);
      return answer();
    },
  } satisfies SubgraphClient;
  return { calls, ask: () => askTenancy(client, aPerson('anna')) };
}

describe('tenancy', () => {
  it('is asked by the gateway itself and answers with the whole viewer', async () => {
    const viewer: Viewer = {
      ...{ principalId: 'anna', role: 'PROVIDER_TECHNICIAN', providerId },
      ...{ customerIds: [customerId], approvesFor: [customerId], hasMfa: true, isReadOnly: true },
    };
    const { ask, calls } = tenancyThat(async () => ({ ...viewer, more: 'ignored' }));
    expect(await ask()).toEqual(viewer);
    expect(calls).toEqual([['/internal/viewer', gatewayViewer, aPerson('anna')]]);
  });

  it('says by 401 that nobody active is known by it', async () => {
    const { ask } = tenancyThat(() => Promise.reject(new UnusableAnswerError('no', 401)));
    await expect(ask()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it.each([
    ['is away', new UnavailableError('tenancy'), 'UNAVAILABLE'],
    ['breaks', new UnusableAnswerError('no', 500), undefined],
  ])('does not make anybody unknown when it %s', async (_, error, code) => {
    const { ask } = tenancyThat(() => Promise.reject(error));
    const thrown: unknown = await ask().catch((reason: unknown) => reason);
    expect(thrown).toBe(error);
    expect((thrown as { code?: unknown }).code).toBe(code);
  });

  it.each([
    ['a service', { role: 'SERVICE', customerIds: [] }],
    ['a tenant of all customers', { role: 'PROVIDER_ADMIN', customerIds: 'ALL' }],
    ['an unknown role', { role: 'ROOT', customerIds: [] }],
    ['a customer that is no id', { role: 'CUSTOMER_VIEWER', customerIds: ['*'] }],
    ['nobody', { principalId: '', role: 'CUSTOMER_VIEWER', customerIds: [] }],
  ])('is not believed when it answers with %s', async (_, answer) => {
    const { ask } = tenancyThat(async () => ({ principalId: 'anna', ...answer }));
    await expect(ask()).rejects.not.toHaveProperty('code');
  });
});
