import { beforeAll, describe, expect, it } from '@jest/globals';
import { createHmac, createPublicKey, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose';
import type { JWK, JWTPayload } from 'jose';
import { UnauthenticatedError } from './errors.ts';
import { createHealth } from './health.ts';
import { createHttpServer } from './http-server.ts';
import {
  createIdentitySigner,
  createIdentityVerifier,
  identityHeader,
  maxCustomersOfViewer,
} from './identity.ts';
import type { Viewer } from './viewer.ts';

const customerId = '0197bbbb-0000-7000-8000-000000000001';
const packedCustomerIds = Buffer.from(customerId.replaceAll('-', ''), 'hex').toString('base64url');
const viewer: Viewer = {
  principalId: 'u1',
  role: 'PROVIDER_TECHNICIAN',
  providerId: '0197aaaa-0000-7000-8000-000000000001',
  customerIds: [customerId],
};

interface KeyPair {
  readonly privateKey: JWK;
  readonly publicKey: JWK;
}

async function aKeyPair(kid: string): Promise<KeyPair> {
  const pair = await generateKeyPair('EdDSA', { extractable: true });
  return {
    privateKey: { ...(await exportJWK(pair.privateKey)), kid },
    publicKey: { ...(await exportJWK(pair.publicKey)), kid },
  };
}

let current: KeyPair;
let next: KeyPair;
let verify: (token: string | undefined) => Promise<Viewer>;

beforeAll(async () => {
  [current, next] = await Promise.all([aKeyPair('k1'), aKeyPair('k2')]);
  verify = createIdentityVerifier({ keys: [current.publicKey] }, 'cases');
});

const nowSeconds = (): number => Math.floor(Date.now() / 1000);

function goodClaims(): JWTPayload {
  return {
    iss: 'vedette-gateway',
    aud: 'cases',
    sub: 'u1',
    role: 'PROVIDER_TECHNICIAN',
    customer_ids: packedCustomerIds,
    iat: nowSeconds(),
    exp: nowSeconds() + 30,
  };
}

/** Signs whatever is asked for, as a gateway gone wrong could. */
async function sign(changes: JWTPayload, { privateKey } = current): Promise<string> {
  const key = await importJWK(privateKey, 'EdDSA');
  return new SignJWT({ ...goodClaims(), ...changes })
    .setProtectedHeader({ alg: 'EdDSA', kid: privateKey.kid ?? '' })
    .sign(key);
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

async function expectRefusal(token: string | undefined): Promise<void> {
  await expect(verify(token)).rejects.toThrow(UnauthenticatedError);
}

describe('an identity token', () => {
  it('carries the viewer to the subgraph it is for', async () => {
    const signFor = await createIdentitySigner(current.privateKey);
    expect(await verify(await signFor(viewer, 'cases'))).toEqual(viewer);

    const operator: Viewer = { principalId: 'u2', role: 'OPERATOR_LEAD', customerIds: 'ALL' };
    expect(await verify(await signFor(operator, 'cases'))).toEqual(operator);
  });

  it('carries all that is known of the viewer, however many customers it reaches', async () => {
    const signFor = await createIdentitySigner(current.privateKey);
    const customerIds = Array.from({ length: 5_000 }, () => randomUUID());
    const technician: Viewer = {
      ...viewer,
      ...{ customerIds, approvesFor: customerIds.slice(0, 2), scopes: ['case:read'] },
      ...{ hasMfa: true, isReadOnly: true },
    };
    const token = await signFor(technician, 'cases');
    expect(await verify(token)).toEqual(technician);
    expect(token.length).toBeLessThan(150_000);
  });

  it('says for which of its customers the viewer approves, and for no others', async () => {
    const signFor = await createIdentitySigner(current.privateKey);
    const idList = fc.uniqueArray(fc.uuid(), { maxLength: 40 });
    const choices = idList.chain((ids) => fc.tuple(fc.constant(ids), fc.subarray(ids)));
    await fc.assert(
      fc.asyncProperty(choices, async ([customerIds, approvesFor]) => {
        const technician = { ...viewer, customerIds, approvesFor };
        expect(await verify(await signFor(technician, 'cases'))).toEqual(technician);
      }),
      { numRuns: 50 },
    );
    const elsewhere = { ...viewer, approvesFor: [randomUUID()] };
    expect(await verify(await signFor(elsewhere, 'cases'))).toEqual({ ...viewer, approvesFor: [] });
  });

  it('of the largest provider, all approvals among it, fits the headers of a server', async () => {
    const signFor = await createIdentitySigner(current.privateKey);
    const largest = (count: number): Viewer => {
      const customerIds = Array.from({ length: count }, () => randomUUID());
      const scopes = Array.from({ length: 40 }, (_, n) => `something-long:permission-${n}`);
      return { ...viewer, customerIds, approvesFor: customerIds, scopes };
    };
    const server = createHttpServer({ health: createHealth() });
    server.get('/who', async (request) => {
      const { customerIds, approvesFor } = await verify(String(request.headers[identityHeader]));
      return { customers: customerIds.length, approves: approvesFor?.length };
    });
    try {
      const url = await server.listen({ host: '127.0.0.1', port: 0 });
      const token = await signFor(largest(maxCustomersOfViewer), 'cases');
      const answer = await fetch(`${url}/who`, { headers: { [identityHeader]: token } });
      expect([answer.status, await answer.json()]).toEqual([
        200,
        { customers: maxCustomersOfViewer, approves: maxCustomersOfViewer },
      ]);
    } finally {
      await server.close();
    }
    // Said in our own log, where a refused header would be a riddle.
    await expect(signFor(largest(maxCustomersOfViewer + 1), 'cases')).rejects.toThrow(
      `reaches ${maxCustomersOfViewer + 1} customers`,
    );
  });

  it('is verified once and remembered for as long as it lives', async () => {
    let now = Date.now();
    const remember = createIdentityVerifier({ keys: [current.publicKey] }, 'cases', () => now);
    const token = await (await createIdentitySigner(current.privateKey))(viewer, 'cases');
    const first = await remember(token);
    expect(await remember(token)).toBe(first);
    await expect(remember(`${token.slice(0, -3)}AAA`)).rejects.toThrow(UnauthenticatedError);
    now += 36_000;
    await expect(remember(token)).rejects.toThrow(UnauthenticatedError);
  });

  it('is refused by another subgraph', async () => {
    const signFor = await createIdentitySigner(current.privateKey);
    await expectRefusal(await signFor(viewer, 'hunting'));
    await expectRefusal(await sign({ aud: ['hunting'] }));
  });

  it('lives for thirty seconds, and five for clocks that differ', async () => {
    const age = (seconds: number) => ({ iat: nowSeconds() - seconds, exp: nowSeconds() + 600 });
    expect(await verify(await sign(age(29)))).toMatchObject({ principalId: 'u1' });
    await expectRefusal(await sign(age(40)));
    await expectRefusal(await sign({ exp: nowSeconds() - 10 }));
  });

  it('is refused when it comes from the future', async () => {
    await expectRefusal(await sign({ iat: nowSeconds() + 60, exp: nowSeconds() + 90 }));
    await expectRefusal(await sign({ nbf: nowSeconds() + 60 }));
  });

  it.each(['iss', 'aud', 'sub', 'role', 'customer_ids', 'iat'])(
    'is refused without %s',
    async (claim) => {
      await expectRefusal(await sign({ [claim]: undefined }));
    },
  );

  it("lets nobody but the operator's people reach all customers", async () => {
    await expect(verify(await sign({ customer_ids: 'ALL' }))).rejects.toThrow(UnauthenticatedError);
    const lead = await verify(await sign({ customer_ids: 'ALL', role: 'OPERATOR_LEAD' }));
    expect(lead.customerIds).toBe('ALL');
  });

  it.each([
    { iss: 'somebody' },
    { role: 'ROOT' },
    { role: ['OPERATOR_ADMIN'] },
    { customer_ids: 'all' },
    { customer_ids: customerId },
    { customer_ids: ['*'] },
    { provider_id: 'p1' },
    { approves_for: '' },
    { approves_for: 'AAAA' },
    { approves_for: '*' },
    { sub: 7 as never },
  ] as JWTPayload[])('is refused with %j', async (changes) => {
    await expectRefusal(await sign(changes));
  });
});

describe('a token that was not signed by the gateway', () => {
  it('is refused without any signature', async () => {
    for (const alg of ['none', 'None', 'NONE']) {
      await expectRefusal(`${encode({ alg })}.${encode(goodClaims())}.`);
      await expectRefusal(`${encode({ alg, kid: 'k1' })}.${encode(goodClaims())}.AAAA`);
    }
  });

  it('is refused when the public key was used as a shared secret', async () => {
    const unsigned = `${encode({ alg: 'HS256', kid: 'k1' })}.${encode(goodClaims())}`;
    const pem = createPublicKey({ key: current.publicKey as never, format: 'jwk' }).export({
      type: 'spki',
      format: 'pem',
    });
    for (const secret of [pem, Buffer.from(current.publicKey.x ?? '', 'base64url')]) {
      const signature = createHmac('sha256', secret).update(unsigned).digest('base64url');
      await expectRefusal(`${unsigned}.${signature}`);
    }
  });

  it('is refused when the key is unknown, or says it is the known one', async () => {
    await expectRefusal(await sign({}, next));
    await expectRefusal(await sign({}, { ...next, privateKey: { ...next.privateKey, kid: 'k1' } }));
  });

  it('is refused when it brings its own key', async () => {
    const key = await importJWK(next.privateKey, 'EdDSA');
    const token = await new SignJWT(goodClaims())
      .setProtectedHeader({ alg: 'EdDSA', jwk: next.publicKey, jku: 'https://keys.example.test' })
      .sign(key);
    await expectRefusal(token);
  });

  it('is refused when a claim was changed afterwards', async () => {
    const [header, , signature] = (await sign({})).split('.');
    const payload = encode({ ...goodClaims(), role: 'OPERATOR_ADMIN', customer_ids: 'ALL' });
    await expectRefusal([header, payload, signature].join('.'));
  });

  it('is refused when there is none, or only something', async () => {
    await expectRefusal(undefined);
    await expectRefusal('');
    const part = fc.oneof(
      fc.string(),
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 5 }), async (parts) => {
        await expectRefusal(parts.join('.'));
      }),
    );
  });

  it('is told nothing about why', async () => {
    const told = await verify(await sign({ aud: 'hunting' })).catch((error: unknown) => error);
    expect((told as UnauthenticatedError).message).toBe('The identity token is not valid.');
    expect((told as UnauthenticatedError).details).toEqual({});
    expect(String((told as UnauthenticatedError).cause)).toContain('aud');
  });
});

describe('a change of keys', () => {
  it('is possible while both are known', async () => {
    const both = createIdentityVerifier({ keys: [current.publicKey, next.publicKey] }, 'cases');
    for (const { privateKey } of [current, next]) {
      const signFor = await createIdentitySigner(privateKey);
      expect(await both(await signFor(viewer, 'cases'))).toEqual(viewer);
    }
  });
});
