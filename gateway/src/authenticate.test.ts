import { beforeAll, describe, expect, it } from '@jest/globals';
import { UnavailableError } from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import { createAuthenticator } from './authenticate.ts';
import type { Authenticate, ClaimedViewer } from './authenticate.ts';
import { accessToken, createSigningKey, unsignedToken } from './testing/keys.ts';
import type { AccessTokenOptions, SigningKey } from './testing/keys.ts';

const customerId = '01900000-0000-7000-8000-00000000000a';
const providerId = '01900000-0000-7000-8000-0000000000ff';

let key: SigningKey;

beforeAll(async () => {
  key = await createSigningKey();
});

function createCase(resolve?: (claimed: ClaimedViewer) => Promise<Viewer>, keys = key) {
  const asked: ClaimedViewer[] = [];
  const authenticate = createAuthenticator({
    publicKeys: keys.publicKeys,
    issuer: 'vedette-local',
    audience: 'vedette',
    resolveViewer: async (claimed) => {
      asked.push(claimed);
      if (resolve) return resolve(claimed);
      return { principalId: claimed.principalId, role: claimed.role, customerIds: [customerId] };
    },
  });
  return { authenticate, asked };
}

const bearer = async (options: Partial<AccessTokenOptions> = {}): Promise<string> =>
  `Bearer ${await accessToken({ key, ...options })}`;

const refusal = async (authenticate: Authenticate, authorization: string | undefined) =>
  expect(authenticate(authorization)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });

describe("an operator's token", () => {
  it.each(['OPERATOR_ADMIN', 'OPERATOR_LEAD', 'OPERATOR_ANALYST'])(
    'of role %s reaches all customers without asking tenancy',
    async (role) => {
      const { authenticate, asked } = createCase();
      const claims = { sub: 'olga', role, customer_ids: [customerId], provider_id: providerId };
      const viewer = await authenticate(await bearer({ claims }));
      expect(viewer).toEqual({ principalId: 'olga', role, customerIds: 'ALL' });
      expect(asked).toEqual([]);
    },
  );
});

describe("a tenant's token", () => {
  it.each([
    'PROVIDER_ADMIN',
    'PROVIDER_TECHNICIAN',
    'PROVIDER_VIEWER',
    'CUSTOMER_APPROVER',
    'CUSTOMER_VIEWER',
    'INTEGRATION',
  ])('of role %s reaches what tenancy says', async (role) => {
    const { authenticate, asked } = createCase();
    const claims = { sub: 'tim', role, provider_id: providerId };
    const viewer = await authenticate(await bearer({ claims }));
    expect(viewer).toEqual({ principalId: 'tim', role, customerIds: [customerId] });
    expect(asked).toEqual([{ principalId: 'tim', role, providerId }]);
  });

  it('is asked about again when any of its claims differs', async () => {
    const { authenticate, asked } = createCase();
    const claims = { sub: 'tim', role: 'PROVIDER_VIEWER', provider_id: providerId };
    for (const change of [
      {},
      {},
      { sub: 'eva' },
      { role: 'PROVIDER_ADMIN' },
      { customer_ids: [customerId] },
    ]) {
      await authenticate(await bearer({ claims: { ...claims, ...change } }));
    }
    expect(asked).toHaveLength(4);
  });

  it('is not refused but answered as unavailable while tenancy is down', async () => {
    const { authenticate } = createCase(() => Promise.reject(new UnavailableError('tenancy')));
    const claims = { sub: 'tim', role: 'CUSTOMER_VIEWER' };
    await expect(authenticate(await bearer({ claims }))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  });
});

describe('a token', () => {
  it.each(['EdDSA', 'ES256', 'RS256'])('may be signed with %s', async (alg) => {
    const signer = await createSigningKey(alg);
    const { authenticate } = createCase(undefined, signer);
    const token = await accessToken({ key: signer, alg });
    expect(await authenticate(`bearer ${token}`)).toMatchObject({ customerIds: 'ALL' });
  });

  it('may be signed with nothing else', async () => {
    const signer = await createSigningKey('ES384');
    const { authenticate } = createCase(undefined, signer);
    await refusal(authenticate, `Bearer ${await accessToken({ key: signer, alg: 'ES384' })}`);
  });

  it('is forgiven a clock that is off by less than thirty seconds', async () => {
    const { authenticate } = createCase();
    await expect(authenticate(await bearer({ lifeSeconds: -20 }))).resolves.toBeDefined();
    await refusal(authenticate, await bearer({ lifeSeconds: -31 }));
  });

  it.each<[string, () => Promise<string | undefined>]>([
    ['is missing', async () => undefined],
    ['is empty', async () => 'Bearer '],
    ['comes by another scheme', async () => 'Basic dXNlcjpwYXNz'],
    ['is no token', async () => 'Bearer abc'],
    [
      'is not signed',
      async () =>
        `Bearer ${unsignedToken({ sub: 'x', role: 'OPERATOR_ADMIN', iss: 'vedette-local', aud: 'vedette', exp: 9e9 })}`,
    ],
    ['is signed by another key', async () => bearer({ key: await createSigningKey() })],
    ['is for another audience', () => bearer({ audience: 'tenancy' })],
    ['comes from another issuer', () => bearer({ issuer: 'vedette-gateway' })],
    ['has no subject', () => bearer({ claims: { sub: undefined } })],
    ['has an unknown role', () => bearer({ claims: { role: 'ROOT' } })],
    ['claims to be a service', () => bearer({ claims: { role: 'SERVICE' } })],
    [
      'claims all customers',
      () => bearer({ claims: { role: 'CUSTOMER_VIEWER', customer_ids: 'ALL' } }),
    ],
    [
      'names a customer that is no id',
      () => bearer({ claims: { role: 'CUSTOMER_VIEWER', customer_ids: ['*'] } }),
    ],
  ])('is refused when it %s', async (_, authorization) => {
    const { authenticate, asked } = createCase();
    await refusal(authenticate, await authorization());
    expect(asked).toEqual([]);
  });

  it('never expires later than it says, whatever is remembered of its viewer', async () => {
    const { authenticate } = createCase();
    const claims = { sub: 'tim', role: 'CUSTOMER_VIEWER' };
    await authenticate(await bearer({ claims }));
    await refusal(authenticate, await bearer({ claims, lifeSeconds: -60 }));
  });
});
