import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fromBinary } from '@bufbuild/protobuf';
import { IngestionEventSchema } from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import { adminOf, operator, startTestIngestion } from '../testing/ingestion-product.ts';
import type { TestCustomer, TestIngestion } from '../testing/ingestion-product.ts';
import { publishRecords, untilSettled } from '../testing/publish-records.ts';
import { aProcessStart } from '../testing/sysmon-records.ts';
import { identityId, readAccountName } from './account-name.ts';

let product: TestIngestion;

beforeAll(async () => {
  product = await startTestIngestion();
  await product.startHistory();
  await product.createDetectors();
});

afterAll(() => product.stop());

const shown = `id name domain kind aliases firstSeenAt lastSeenAt risk
  riskAssessment { source reason setBy setAt }`;

interface ShownIdentity {
  readonly id: string;
  readonly name: string;
  readonly lastSeenAt: string;
  readonly risk: string;
}

async function identitiesOf({ customerId }: TestCustomer, filter = '') {
  const { data, errors } = await product.ask<{ identities: { nodes: ShownIdentity[] } }>(
    operator,
    `query ($of: ID!) { identities(filter: { customerId: $of ${filter} }) { nodes { ${shown} } } }`,
    { of: customerId },
  );
  expect(errors).toEqual([]);
  return data?.identities.nodes ?? [];
}

async function eventsOf({ customerId }: TestCustomer) {
  const rows = await product.select<{ payload: Buffer }>(
    'select payload from outbox where subject like $1 order by position',
    [`vedette.ingestion.identity%.${customerId}`],
  );
  return rows.map(({ payload }) => fromBinary(IngestionEventSchema, payload));
}

async function see(
  customer: TestCustomer,
  ...records: readonly Readonly<Record<string, unknown>>[]
): Promise<void> {
  await publishRecords(product, customer, 'windows-events', ...records);
  await untilSettled(product, customer);
}

let recordNumber = 0;
function by(User: string, more: Readonly<Record<string, unknown>> = {}) {
  recordNumber += 1;
  return aProcessStart({ User, RecordNumber: recordNumber, ...more });
}

/** A security event, which names accounts by name, domain and security identifier. */
function aSecurityEvent(EventID: number, more: Readonly<Record<string, unknown>>) {
  recordNumber += 1;
  return {
    ...{ EventID, Channel: 'Security', SourceName: 'Microsoft-Windows-Security-Auditing' },
    ...{ Hostname: 'dc-1.corp.example', RecordNumber: recordNumber, ...more },
  };
}

function idIn({ customerId }: TestCustomer, name: string): string {
  const account = readAccountName(name);
  return account === null ? '' : identityId(customerId, account);
}

async function say(viewer: typeof operator, id: string, risk: string | null) {
  return product.ask(
    viewer,
    `mutation ($id: ID!, $risk: Level) {
       setIdentityRisk(input: { identityId: $id, risk: $risk, reason: "She approves payments." }) {
         identity { ${shown} }
       }
     }`,
    { id, risk },
  );
}

const sid = 'S-1-5-21-1000-2000-3000';

describe('an identity', () => {
  it('is discovered once, and then only seen', async () => {
    const customer = await product.onboardCustomer();
    const at = (UtcTime: string, User = 'CORP\\ann') => by(User, { UtcTime });
    await see(
      customer,
      at('2026-01-05 10:00:00.000'),
      by('NT AUTHORITY\\SYSTEM'),
      by('CORP\\ws-1$'),
    );
    await see(customer, at('2026-01-05 09:00:00.000', 'corp\\ANN'), at('2026-01-05 11:00:00.000'));
    expect(await identitiesOf(customer, 'kind: USER')).toMatchObject([
      {
        ...{ name: 'ann', domain: 'CORP', kind: 'USER', risk: 'NORMAL', riskAssessment: null },
        ...{ firstSeenAt: '2026-01-05T09:00:00.000Z', lastSeenAt: '2026-01-05T11:00:00.000Z' },
      },
    ]);
    expect(await identitiesOf(customer, 'kind: WELL_KNOWN')).toMatchObject([{ name: 'SYSTEM' }]);
    expect(await identitiesOf(customer, 'kind: MACHINE')).toMatchObject([{ name: 'ws-1$' }]);
    const events = await eventsOf(customer);
    expect(events.map(({ event }) => event.case)).toEqual(
      Array.from({ length: 3 }, () => 'identityDiscovered'),
    );
  });

  it('of the same name at another customer is another one', async () => {
    const [one, two] = [await product.onboardCustomer(), await product.onboardCustomer()];
    await see(one, by('CORP\\ann'));
    await see(two, by('CORP\\ann'));
    const ids = [...(await identitiesOf(one)), ...(await identitiesOf(two))].map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
  });

  it('is found by a part of its name', async () => {
    const customer = await product.onboardCustomer();
    await see(customer, by('CORP\\ann'), by('CORP\\bob'));
    expect(await identitiesOf(customer, 'name: "corp\\\\AN"')).toMatchObject([{ name: 'ann' }]);
  });
});

describe('two names of one account', () => {
  it('are shown as one once a record states both', async () => {
    const customer = await product.onboardCustomer();
    await see(customer, by('CORP\\ann'), by('ann@corp.example'));
    expect(await identitiesOf(customer, 'name: "ann"')).toHaveLength(2);
    const names = { TargetUserName: 'ann', TargetDomainName: 'CORP' };
    await see(customer, aSecurityEvent(4738, { ...names, UserPrincipalName: 'ann@corp.example' }));
    expect(await identitiesOf(customer, 'name: "ann"')).toMatchObject([
      { name: 'ann@corp.example', aliases: ['CORP\\ann'] },
    ]);
    const document = `query ($id: ID!) { identity(id: $id) { name } }`;
    const { data } = await product.ask(adminOf(customer), document, {
      id: idIn(customer, 'CORP\\ann'),
    });
    expect(data).toEqual({ identity: { name: 'ann@corp.example' } });
    const cases = (await eventsOf(customer)).map(({ event }) => event.case);
    expect(cases.filter((each) => each === 'identityMerged')).toHaveLength(1);
  });
});

describe('the risk of an identity', () => {
  it('is high for RID 500, whatever it is called, until a person says otherwise', async () => {
    const customer = await product.onboardCustomer();
    const signIn = {
      TargetUserName: 'chief',
      TargetDomainName: 'CORP',
      TargetUserSid: `${sid}-500`,
    };
    await see(customer, aSecurityEvent(4624, signIn));
    const byRule = { risk: 'HIGH', riskAssessment: { setBy: 'built-in-administrator' } };
    expect(await identitiesOf(customer, 'risk: HIGH')).toMatchObject([
      { name: 'chief', ...byRule },
    ]);
    const id = idIn(customer, 'CORP\\chief');
    const admin = adminOf(customer);
    const said = await say(admin, id, 'LOW');
    expect(said.data).toMatchObject({
      setIdentityRisk: { identity: { risk: 'LOW', riskAssessment: { source: 'PERSON' } } },
    });
    await see(customer, aSecurityEvent(4624, signIn));
    expect(await identitiesOf(customer, 'risk: LOW')).toHaveLength(1);
    expect((await say(admin, id, null)).data).toMatchObject({
      setIdentityRisk: { identity: byRule },
    });
    const changes = (await eventsOf(customer)).filter(
      ({ event }) => event.case === 'identityRiskChanged',
    );
    expect(changes.map(({ meta }) => meta?.actorRole)).toEqual([
      ...['SERVICE', 'PROVIDER_ADMIN', 'PROVIDER_ADMIN'],
    ]);
  });

  it('is critical for a new domain admin, also where its name is learnt later', async () => {
    const customer = await product.onboardCustomer();
    const added = {
      ...{ TargetUserName: 'Domain Admins', TargetDomainName: 'CORP', TargetSid: `${sid}-512` },
      ...{ MemberSid: `${sid}-1104`, SubjectUserName: 'root', SubjectDomainName: 'CORP' },
    };
    await see(customer, aSecurityEvent(4728, added));
    expect(await identitiesOf(customer, 'risk: CRITICAL')).toEqual([]);
    const signIn = {
      TargetUserName: 'bob',
      TargetDomainName: 'CORP',
      TargetUserSid: `${sid}-1104`,
    };
    await see(customer, aSecurityEvent(4624, signIn));
    expect(await identitiesOf(customer, 'risk: CRITICAL')).toMatchObject([{ name: 'bob' }]);
  });
});
