import { newId } from '@vedette/service-kit';
import { waitFor } from '@vedette/testkit';
import type { TestIssuers } from './test-issuers.ts';
import { anAttack, sendRecords } from './vedette-stack.ts';
import type { VedetteStack } from './vedette-stack.ts';

export interface CustomerPlan {
  /** Whether it has an OpenID provider of its own. */
  readonly hasOwnIssuer: boolean;
  /** Who of the provider was granted it. */
  readonly isGranted: {
    readonly technician: boolean;
    readonly viewer: boolean;
    readonly key: boolean;
  };
}

/** Which tenants there are; fast-check makes it up. */
export interface WorldPlan {
  readonly providers: readonly { readonly customers: readonly CustomerPlan[] }[];
}

/** Something that a tenant's rows hold and nobody else's may show: a name, or an object's id. */
export interface Mark {
  readonly text: string;
  /** Type of the object that has this id; null for a name. */
  readonly idOf: string | null;
  readonly providerId: string;
  /** Null for what belongs to the provider itself. */
  readonly customerId: string | null;
}

export interface WorldUser {
  /** Such as `technician of provider 0`. */
  readonly name: string;
  readonly token: string;
  readonly providerId: string;
  /** Customers that the model says it reaches. */
  readonly reach: ReadonlySet<string>;
}

export interface World {
  readonly marks: readonly Mark[];
  readonly users: readonly WorldUser[];
}

/** The issuers that a plan needs, by name. */
export function issuersOf({ providers }: WorldPlan): string[] {
  return providers.flatMap(({ customers }, p) => [
    `p${p}`,
    ...customers.flatMap(({ hasOwnIssuer }, c) => (hasOwnIssuer ? [`p${p}c${c}`] : [])),
  ]);
}

/** Makes the tenants of a plan through the public API, with something of every kind in each. */
export async function makeWorld(
  stack: VedetteStack,
  issuers: TestIssuers,
  { providers }: WorldPlan,
): Promise<World> {
  const builder = createBuilder(stack, issuers);
  for (const [index, { customers }] of providers.entries()) {
    await makeProvider(builder, `p${index}`, customers);
  }
  await waitFor(() => builder.hasEveryCase(), { timeoutMs: 60_000 });
  await builder.markCases();
  // The gateway hears of new issuers by event.
  for (const { token } of builder.users) {
    await waitFor(async () => {
      const { errors } = await stack.askWith(token, '{ viewer { role } }');
      return errors === undefined;
    });
  }
  return { marks: builder.marks, users: builder.users };
}

type Builder = ReturnType<typeof createBuilder>;

interface Owner {
  readonly providerId: string;
  readonly customerId: string | null;
}

async function makeProvider(
  builder: Builder,
  name: string,
  customers: readonly CustomerPlan[],
): Promise<void> {
  const { mutate, mark, markId, registerIssuer, invite } = builder;
  const providerName = mark('Provider');
  const { provider } = await mutate<{ provider: { id: string; ownEstate: { id: string } } }>(
    'onboardProvider',
    { name: providerName.text },
    'provider { id ownEstate { id } }',
  );
  const owner: Owner = { providerId: provider.id, customerId: null };
  providerName.of(owner);
  markId('Provider', provider.id, owner);
  markId('Customer', provider.ownEstate.id, { ...owner, customerId: provider.ownEstate.id });
  const issuerId = await registerIssuer(name, owner);
  const contact = mark('Contact');
  const added = await mutate<{ contact: { id: string } }>(
    'addContact',
    { providerId: provider.id, contact: { name: contact.text, email: 'desk@msp.example' } },
    'contact { id }',
  );
  contact.of(owner);
  markId('Contact', added.contact.id, owner);
  const made: { readonly plan: CustomerPlan; readonly id: string }[] = [];
  for (const [index, plan] of customers.entries()) {
    const id = await makeCustomer(builder, { name: `${name}c${index}`, plan, owner, issuerId });
    made.push({ plan, id });
  }
  const all = new Set([provider.ownEstate.id, ...made.map(({ id }) => id)]);
  const grantedTo = (who: keyof CustomerPlan['isGranted']) =>
    new Set(made.filter(({ plan }) => plan.isGranted[who]).map(({ id }) => id));
  const people = { issuer: name, issuerId, owner };
  await invite({ ...people, role: 'PROVIDER_ADMIN', reach: all, grants: new Set() });
  for (const [role, who] of [
    ['PROVIDER_TECHNICIAN', 'technician'],
    ['PROVIDER_VIEWER', 'viewer'],
  ] as const) {
    await invite({ ...people, role, reach: grantedTo(who), grants: grantedTo(who) });
  }
  await builder.makeKey(owner, grantedTo('key'));
}

async function makeCustomer(
  builder: Builder,
  given: {
    readonly name: string;
    readonly plan: CustomerPlan;
    readonly owner: Owner;
    readonly issuerId: string;
  },
): Promise<string> {
  const { mutate, mark, markId, registerIssuer, invite } = builder;
  const { providerId } = given.owner;
  const [name, reference, signatory, contact] = [
    mark('Customer'),
    mark('Reference'),
    mark('Signatory'),
    mark('Contact'),
  ];
  const { customer } = await mutate<{
    customer: {
      id: string;
      mandate: { id: string };
      contactLadder: { rungs: { contact: { id: string } }[] };
    };
  }>(
    'onboardCustomer',
    {
      providerId,
      ...{ name: name.text, externalReference: reference.text, plan: 'ADVANCED' },
      profile: { sector: 'RETAIL', size: 'SMALL', region: 'DE', technologies: [], exposure: [] },
      mandate: {
        signatory: { name: signatory.text },
        documentSha256: 'ab'.repeat(32),
        highestMode: 'COLLABORATE',
      },
      ladder: [{ contact: { name: contact.text, email: 'a@b.example' }, channel: 'EMAIL' }],
    },
    'customer { id mandate { id } contactLadder { rungs { contact { id } } } }',
  );
  const owner: Owner = { providerId, customerId: customer.id };
  for (const each of [name, reference, signatory, contact]) each.of(owner);
  markId('Customer', customer.id, owner);
  markId('Mandate', customer.mandate.id, owner);
  markId('Contact', customer.contactLadder.rungs[0]?.contact.id ?? '', owner);
  const issuer = given.plan.hasOwnIssuer
    ? { issuer: given.name, issuerId: await registerIssuer(given.name, owner) }
    : { issuer: given.name.replace(/c\d+$/, ''), issuerId: given.issuerId };
  for (const role of ['CUSTOMER_APPROVER', 'CUSTOMER_VIEWER']) {
    const reach = new Set([customer.id]);
    await invite({ ...issuer, owner, role, reach, grants: new Set() });
  }
  await builder.attack(owner);
  return customer.id;
}

/** Keeps what was made, and has the small steps that tenants are made of. */
function createBuilder(stack: VedetteStack, issuers: TestIssuers) {
  const marks: Mark[] = [];
  const users: WorldUser[] = [];
  const operator = stack.endpoints.principals['operatorAdmin']?.token ?? '';

  const ask = async <Data>(query: string, variables: object = {}): Promise<Data> => {
    const { data, errors } = await stack.askWith<Data>(operator, query, variables);
    if (errors || !data) throw new Error(`${query}: ${JSON.stringify(errors)}`);
    return data;
  };
  const mutate = async <Payload>(
    name: string,
    input: object,
    selection: string,
  ): Promise<Payload> => {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
    const document = `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} } }`;
    const data = await ask<Record<string, Payload>>(document, { input });
    const payload = data[name];
    if (payload === undefined) throw new Error(`${name} gave nothing`);
    return payload;
  };
  const markId = (type: string, id: string, owner: Owner): void =>
    void marks.push({ ...owner, text: id, idOf: type });
  const mark = (what: string) => {
    const text = `${what} ${newId()}`;
    return { text, of: (owner: Owner) => void marks.push({ ...owner, text, idOf: null }) };
  };
  const cases = () =>
    ask<{
      cases: {
        nodes: {
          id: string;
          customer: { id: string };
          assets: { id: string }[];
          detections: { id: string }[];
        }[];
      };
    }>('{ cases(first: 100) { nodes { id customer { id } assets { id } detections { id } } } }');
  const attacked: Owner[] = [];

  return {
    ...{ marks, users, mutate, mark, markId },
    registerIssuer: async (name: string, owner: Owner): Promise<string> => {
      const whose = owner.customerId
        ? { customerId: owner.customerId }
        : { providerId: owner.providerId };
      const { issuer } = await mutate<{ issuer: { id: string } }>(
        'registerIssuer',
        { ...whose, ...issuers.describe(name), algorithms: ['EdDSA'] },
        'issuer { id }',
      );
      markId('Issuer', issuer.id, owner);
      return issuer.id;
    },
    invite: async (given: {
      readonly issuer: string;
      readonly issuerId: string;
      readonly owner: Owner;
      readonly role: string;
      readonly reach: ReadonlySet<string>;
      readonly grants: ReadonlySet<string>;
    }): Promise<void> => {
      const { issuerId, role, owner } = given;
      const name = mark('User');
      const whose = owner.customerId
        ? { customerId: owner.customerId }
        : { providerId: owner.providerId };
      const { user } = await mutate<{ user: { id: string } }>(
        'inviteUser',
        { ...whose, ...{ issuerId, role, subject: name.text, name: name.text } },
        'user { id }',
      );
      name.of(owner);
      markId('User', user.id, owner);
      for (const customerId of given.grants) {
        await mutate('grantCustomer', { principalId: user.id, customerId }, 'grant { customerId }');
      }
      users.push({
        name: `${role} by ${given.issuer}`,
        token: await issuers.token(given.issuer, name.text),
        providerId: owner.providerId,
        reach: given.reach,
      });
    },
    makeKey: async (owner: Owner, reach: ReadonlySet<string>): Promise<void> => {
      const name = mark('Key');
      const { providerId } = owner;
      const { apiKey, secret } = await mutate<{ apiKey: { id: string }; secret: string }>(
        'createApiKey',
        { providerId, name: name.text, customerIds: [...reach] },
        'apiKey { id } secret',
      );
      name.of(owner);
      markId('ApiKey', apiKey.id, owner);
      users.push({ name: `key of ${providerId}`, token: secret, providerId, reach });
    },
    /** A connector, and an attack that its sensor sends: events, an asset, a detection, a case. */
    attack: async (owner: Owner): Promise<void> => {
      const [name, host] = [mark('Connector'), `H-${newId()}`];
      const { connector, key } = await createConnector(mutate, owner.customerId ?? '', name.text);
      name.of(owner);
      markId('Connector', connector.id, owner);
      marks.push({ ...owner, text: host, idOf: null });
      const answer = await sendRecords(stack.endpoints, key, [anAttack(host)]);
      if (!answer.ok) throw new Error(`ingestion answered ${answer.status}`);
      attacked.push(owner);
    },
    hasEveryCase: async (): Promise<boolean> => {
      const seen = new Set((await cases()).cases.nodes.map(({ customer }) => customer.id));
      return attacked.every(({ customerId }) => seen.has(customerId ?? ''));
    },
    markCases: async (): Promise<void> => {
      const byCustomer = new Map(attacked.map((owner) => [owner.customerId, owner]));
      for (const { id, customer, assets, detections } of (await cases()).cases.nodes) {
        const owner = byCustomer.get(customer.id);
        if (!owner) continue;
        markId('Case', id, owner);
        for (const asset of assets) markId('Asset', asset.id, owner);
        for (const detection of detections) markId('Detection', detection.id, owner);
      }
    },
  };
}

/** Ingestion hears of a new customer by event, so it may not know one of a moment ago. */
async function createConnector(
  mutate: <Payload>(name: string, input: object, selection: string) => Promise<Payload>,
  customerId: string,
  name: string,
): Promise<{ connector: { id: string }; key: string }> {
  const input = { customerId, name, type: 'windows-events' };
  let made: { connector: { id: string }; key: string } | null = null;
  await waitFor(async () => {
    made = await mutate<{ connector: { id: string }; key: string }>(
      'createConnector',
      input,
      'connector { id } key',
    ).catch((error: unknown) => {
      if (String(error).includes('NOT_FOUND')) return null;
      throw error;
    });
    return made !== null;
  });
  if (made === null) throw new Error('the connector was not made');
  return made;
}
