import { createHash } from 'node:crypto';
import { addToOutbox } from '@vedette/event-bus';
import type { OutboxEvent } from '@vedette/event-bus';
import { joinTransaction } from '@vedette/service-kit';
import type { OperationContext, Transaction } from '@vedette/service-kit';
import { effectivePolicyChanged } from '../authority-events.ts';
import { mandateInForce, nextMandateChange } from '../mandate/mandate.ts';
import { findGrounds } from './find-grounds.ts';
import type { Grounds } from './find-grounds.ts';
import { listDueCustomers, lockCustomers, savePolicyVersions } from './policy-version-store.ts';
import type { PolicyHolder, PolicyVersion } from './policy-version-store.ts';
import { effectivePolicy, notifyOnly } from './response-policy.ts';
import type { EffectivePolicy, PolicyTerms } from './response-policy.ts';

/** Customers whose policies are worked out and told of at once. */
const batchSize = 1_000;

const all = { kind: 'OPERATOR' } as const;

/**
 * Works out anew what we may do at these customers, and tells of each whose answer changed: its
 * version rises and EffectivePolicyChanged goes out. Safe to repeat. Call it last in a transaction
 * that changed mandates, policies or providers of customers; it sees the customers by itself,
 * whatever the transaction's scope, and locks them until its end.
 */
export async function republishPolicies(
  tx: Transaction,
  ctx: OperationContext,
  customerIds: readonly string[],
): Promise<void> {
  const sorted = [...new Set(customerIds)].toSorted();
  await joinTransaction(tx).transaction(all, async () => {
    for (let at = 0; at < sorted.length; at += batchSize) {
      await republishBatch(tx, ctx, sorted.slice(at, at + batchSize));
    }
  });
}

/**
 * Does so for customers whose mandate has begun or ended by time since they were last told of. A
 * batch is one transaction, so that a stop in between loses nothing.
 */
export async function republishDuePolicies(ctx: OperationContext): Promise<void> {
  for (;;) {
    const due = await ctx.db.transaction(all, async (tx) => {
      const customerIds = await listDueCustomers(tx, all, ctx.clock(), batchSize);
      await republishPolicies(tx, ctx, customerIds);
      return customerIds.length;
    });
    if (due < batchSize) return;
  }
}

async function republishBatch(
  tx: Transaction,
  ctx: OperationContext,
  customerIds: readonly string[],
): Promise<void> {
  const now = ctx.clock();
  const customers = await lockCustomers(tx, all, customerIds);
  const grounds = await findGrounds(tx, all, customers);
  const news = customers.map((customer) => toNews(customer, grounds, now));
  await savePolicyVersions(
    tx,
    news.map(({ told }) => told),
  );
  const events = news.flatMap(({ customer, told, policy }): OutboxEvent[] => {
    if (!policy) return [];
    const { customerId, providerId } = customer;
    const actor = ctx.viewer.principalId;
    const about = { customerId, providerId, version: told.version, at: now, actor };
    return [effectivePolicyChanged(about, policy)];
  });
  await addToOutbox(tx, events);
}

/** Whether nothing may be told of a customer any more. */
function isLeaving({ status }: PolicyHolder): boolean {
  return status === 'PURGING' || status === 'PURGED';
}

interface News {
  readonly customer: PolicyHolder;
  readonly told: PolicyVersion;
  /** What is to be told; absent when it is what was told last. */
  readonly policy?: EffectivePolicy;
}

function toNews(customer: PolicyHolder, grounds: Grounds, now: Date): News {
  const { customerId, policyVersion: version, policyDigest: digest } = customer;
  if (isLeaving(customer)) {
    return { customer, told: { customerId, version, digest, changesAt: null } };
  }
  const { mandates, ...policies } = grounds(customer);
  const policy = effectivePolicy({ mandate: mandateInForce(mandates, now), ...policies });
  const changesAt = nextMandateChange(mandates, now);
  const newDigest = digestPolicy(policy);
  if (newDigest === (digest ?? digestOfSilence)) {
    return { customer, told: { customerId, version, digest, changesAt } };
  }
  const told = { customerId, version: version + 1, digest: newDigest, changesAt };
  return { customer, told, policy };
}

/** Of all that EffectivePolicyChanged tells, in one order. */
function digestPolicy(policy: PolicyTerms & Pick<EffectivePolicy, 'mandate'>): string {
  const { mandate } = policy;
  const told = [
    mandate && [
      ...[mandate.mandateId, mandate.highestMode, mandate.mayActUnanswered],
      ...[mandate.sharesIndicators, mandate.validFrom, mandate.validUntil],
    ],
    policy.mode,
    policy.whenUnanswered,
    policy.actionModes.map(({ action, mode }) => [action, mode]),
    policy.windows.map((window) => [
      ...[window.weekdays, window.fromMinute, window.toMinute, window.timeZone, window.mode],
    ]),
  ];
  return createHash('sha256').update(JSON.stringify(told)).digest('hex');
}

/** What everybody takes for granted of a customer of which nothing was told. */
const digestOfSilence = digestPolicy({ ...notifyOnly, mandate: null });
