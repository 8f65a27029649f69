import { randomUUID } from 'node:crypto';
import { ok, pageByNumber, tenantOf } from './answer.ts';
import type { Answer, Answers, Call } from './answer.ts';
import type { Firewall } from './estate.ts';
import { notFound } from './vendor-error.ts';

interface Indicator {
  readonly value: string;
  readonly type: string;
}

export const firewallAnswers: Answers = {
  firewalls: (call) => {
    const { id, firewalls } = tenantOf(call);
    return ok(
      pageByNumber(
        call,
        firewalls.map((each) => toShown(id, each)),
        1_000,
      ),
    );
  },
  addIndicators: (call) =>
    accept(call, (known) => {
      for (const { value, type } of indicatorsOf(call)) known.set(value, type);
      return {};
    }),
  deleteIndicators: (call) =>
    accept(call, (known) => {
      for (const { value } of indicatorsOf(call)) known.delete(value);
      return {};
    }),
  searchIndicators: (call) =>
    accept(call, (known) => {
      const { indicatorValues } = call.body as { readonly indicatorValues: readonly string[] };
      const found = indicatorValues.filter((value) => known.has(value));
      return { indicators: found.map((value) => ({ value, type: known.get(value) })) };
    }),
  transaction: (call) => {
    const transaction = call.state.transactions.get(call.params['transactionId'] ?? '');
    if (transaction?.firewallId !== firewallOf(call).id) throw notFound('No such transaction.');
    const createdAt = new Date(transaction.createdAt).toISOString();
    if (transaction.finishedAt > call.now) {
      return ok({ id: transaction.id, status: 'pending', result: 'notAvailable', createdAt });
    }
    return ok({
      ...{ id: transaction.id, status: 'finished', result: 'success', createdAt },
      finishedAt: new Date(transaction.finishedAt).toISOString(),
      response: transaction.response,
    });
  },
};

function indicatorsOf(call: Call): readonly Indicator[] {
  return (call.body as { readonly indicators: readonly Indicator[] }).indicators;
}

function firewallOf(call: Call): Firewall {
  const firewall = tenantOf(call).firewalls.find(({ id }) => id === call.params['firewallId']);
  if (!firewall) throw notFound('No such firewall.');
  return firewall;
}

/** A firewall does what it is told a while after it was accepted; the transaction tells. */
function accept(call: Call, change: (known: Map<string, string>) => object): Answer {
  const { id: firewallId } = firewallOf(call);
  const known = call.state.indicators.get(firewallId) ?? new Map<string, string>();
  call.state.indicators.set(firewallId, known);
  const id = randomUUID();
  call.state.transactions.set(id, {
    ...{ id, firewallId, createdAt: call.now, finishedAt: call.now + call.state.options.delayMs },
    response: change(known),
  });
  return { status: 202, body: { transactionId: id } };
}

function toShown(tenantId: string, { id, serialNumber, hostname }: Firewall): object {
  return {
    ...{ id, serialNumber, hostname, name: hostname, tenant: { id: tenantId } },
    ...{
      model: 'XGS-SIM',
      firmwareVersion: 'SFOS 20.0.0 SIM',
      externalIpv4Addresses: ['203.0.113.9'],
    },
    status: { managing: 'approved', reporting: 'approved', connected: true, suspended: false },
  };
}
