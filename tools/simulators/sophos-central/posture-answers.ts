import { ok, pageByNumber, tenantOf } from './answer.ts';
import type { Answers, Call } from './answer.ts';
import { idOf } from './estate.ts';
import type { Endpoint, Tenant } from './estate.ts';
import { badRequest, notFound } from './vendor-error.ts';

const checks = ['protection', 'policy', 'exclusions', 'tamperProtection'];
const products = ['endpoint', 'networkDevice'];

export const postureAnswers: Answers = {
  healthCheck: (call) => {
    const wantedChecks = readList(call, 'checks', checks);
    const wantedProducts = readList(call, 'products', products);
    const tenant = tenantOf(call);
    const found = Object.entries(toEndpointChecks(call, tenant)).filter(([name]) =>
      wantedChecks.includes(name),
    );
    return ok({
      tenant: { id: tenant.id, name: tenant.name },
      ...(wantedProducts.includes('endpoint') ? { endpoint: Object.fromEntries(found) } : {}),
      ...(wantedProducts.includes('networkDevice') ? { networkDevice: { firewall: {} } } : {}),
    });
  },
  policies: (call) => {
    const type = call.query.get('policyType');
    const wanted = policiesOf(call).filter((policy) => type === null || policy.type === type);
    return ok(pageByNumber(call, wanted, 200));
  },
  policy: (call) => {
    const policy = policiesOf(call).find(({ id }) => id === call.params['policyId']);
    if (!policy) throw notFound('No such policy.');
    return ok(policy);
  },
  tamperProtection: () => ok({ enabled: true }),
};

function readList(call: Call, name: string, known: readonly string[]): readonly string[] {
  const wanted = call.query.get(name)?.split(',') ?? known;
  const unknown = wanted.find((each) => !known.includes(each));
  if (unknown === undefined) return wanted;
  throw badRequest(`Query parameter '${name}': '${unknown}' is not one of ${known.join(', ')}.`);
}

function toEndpointChecks(call: Call, tenant: Tenant): Readonly<Record<string, object>> {
  const ofType = (type: Endpoint['type']): readonly Endpoint[] =>
    tenant.endpoints.filter((endpoint) => endpoint.type === type);
  const [computers, servers] = [ofType('computer'), ofType('server')];
  const protection = (endpoints: readonly Endpoint[]) => ({
    total: endpoints.length,
    notFullyProtected: endpoints.filter(({ health }) => health !== 'good').length,
  });
  const tamper = (endpoints: readonly Endpoint[]) => ({
    total: endpoints.length,
    disabled: endpoints.filter(({ isTamperProtected }) => !isTamperProtected).length,
  });
  const noRisks = { total: 1, numberOfSecurityRisks: 0, exclusions: [] };
  return {
    protection: { computer: protection(computers), server: protection(servers) },
    policy: {
      computer: { 'threat-protection': toPolicyCheck(call, 'threat-protection') },
      server: { 'server-threat-protection': toPolicyCheck(call, 'server-threat-protection') },
    },
    exclusions: {
      policy: { computer: noRisks, server: noRisks },
      global: { numberOfSecurityRisks: 0, lockedByManagingAccount: false, scanningExclusions: [] },
    },
    tamperProtection: { computer: tamper(computers), server: tamper(servers), global: true },
  };
}

function toPolicyCheck(call: Call, type: string): object {
  const policies = policiesOf(call).filter((policy) => policy.type === type);
  const found = policies.map(({ id, name, lockedByManagingAccount, settings }) => ({
    ...{ id, name, lockedByManagingAccount },
    notOnRecommended: Object.values(settings).filter(
      ({ value, recommendedValue }) => value !== recommendedValue,
    ).length,
  }));
  return {
    total: policies.length,
    notOnRecommended: found.filter(({ notOnRecommended }) => notOnRecommended > 0).length,
    policies: found.filter(({ notOnRecommended }) => notOnRecommended > 0),
  };
}

function policiesOf(call: Call) {
  const tenant = tenantOf(call);
  const base = 'endpoint.threat-protection';
  return ['threat-protection', 'server-threat-protection'].map((type, n) => ({
    id: idOf(call.state.options.seed, tenant.id, 'policy', type),
    name: 'Base Policy',
    type,
    lockedByManagingAccount: false,
    priority: 0,
    tenant: { id: tenant.id },
    enabled: true,
    settings: {
      [`${base}.malware-protection.scheduled-scan.enabled`]: {
        ...{ value: n === 1, recommendedValue: true },
      },
      [`${base}.web-control.tls-decryption.enabled`]: { value: true, recommendedValue: true },
      [`${base}.network-protection.self-isolation.enabled`]: {
        ...{ value: true, recommendedValue: true },
      },
    },
  }));
}
