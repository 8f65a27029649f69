import { addToOutbox } from '@vedette/event-bus';
import { authorize, joinTransaction, NotFoundError, parseId, scopeOf } from '@vedette/service-kit';
import type { TenantScope, Transaction } from '@vedette/service-kit';
import { newCustomer, onboardingDeed, updateDeed } from '../customer/customer-operations.ts';
import {
  insertCustomers,
  listCustomerIds,
  listKeyedCustomers,
  toNameKeys,
  updateCustomers,
} from '../customer/customer-store.ts';
import type { Customer } from '../customer/customer.ts';
import type { AccountableContext } from '../deed/deed-book.ts';
import { customerChanged, customerOnboarded } from '../events.ts';
import { lockProvider } from '../provider/provider-store.ts';
import { lockCustomers } from '../response-policy/policy-version-store.ts';
import { republishPolicies } from '../response-policy/republish-policies.ts';
import { parsePolicy } from '../response-policy/response-policy-input.ts';
import type { ResponsePolicyInput } from '../response-policy/response-policy-input.ts';
import { putCustomerPolicies } from '../response-policy/response-policy-operations.ts';
import { readCustomerCsv } from './customer-csv.ts';
import type { ImportRow } from './import-row.ts';
import { planImport } from './plan-import.ts';
import type { ImportOutcome, PlannedRow } from './plan-import.ts';

export interface ImportCustomersInput {
  readonly providerId: string;
  readonly csv: string;
  readonly dryRun: boolean;
  readonly responsePolicy?: ResponsePolicyInput | null;
}

export interface ImportedCustomer {
  readonly line: number;
  readonly externalReference: string | null;
  readonly outcome: ImportOutcome;
  readonly problems: readonly string[];
  readonly customer: Customer | null;
}

export interface CustomerImport {
  readonly dryRun: boolean;
  readonly items: readonly ImportedCustomer[];
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly rejected: number;
}

/**
 * Onboards or changes a provider's customers from CSV, known by their external reference. Repeating
 * it changes nothing. A row that is wrong is reported and does not stop the others.
 * @throws {NotFoundError} no such provider among the viewer's
 * @throws {InvalidInputError} the file as a whole, or the policy, is not valid
 */
export async function importCustomers(
  ctx: AccountableContext,
  input: ImportCustomersInput,
): Promise<CustomerImport> {
  const providerId = parseId('input.providerId', input.providerId);
  authorize(ctx.viewer, 'customer:create');
  const rows = readCustomerCsv('input.csv', input.csv);
  const { dryRun, responsePolicy } = input;
  if (responsePolicy) parsePolicy('input.responsePolicy', responsePolicy);
  const scope = scopeOf(ctx.viewer);
  const items = await ctx.db.transaction(scope, async (tx) => {
    // One import of a provider at a time, and nobody gives it a customer or a name meanwhile.
    if (!(await lockProvider(tx, scope, providerId, 'CHANGE'))) {
      throw new NotFoundError('Provider', providerId);
    }
    const ofProvider = await findScope(tx, providerId);
    const within = joinTransaction(tx);
    const plan = await within.transaction(ofProvider, () => makePlan(tx, ofProvider, rows));
    const results = plan.map((row) => toResult(ctx, providerId, row));
    if (!dryRun) {
      const changed = [...idsOf(results, 'CREATED'), ...idsOf(results, 'UPDATED')];
      const ofChanged = { ...ofProvider, customerIds: changed };
      await within.transaction(ofChanged, () => carryOut(tx, ctx, results, responsePolicy));
    }
    return results.map((result) => toItem(result, dryRun));
  });
  return { dryRun, items, ...countOutcomes(items) };
}

type ProviderScope = Extract<TenantScope, { readonly kind: 'CUSTOMERS' }>;

/**
 * All customers of a provider: whoever may make customers there reaches them, also those that the
 * viewer's token does not name yet.
 */
async function findScope(tx: Transaction, providerId: string): Promise<ProviderScope> {
  const customerIds = await joinTransaction(tx).transaction({ kind: 'OPERATOR' }, () =>
    listCustomerIds(tx, providerId),
  );
  return { kind: 'CUSTOMERS', customerIds, providerId };
}

async function makePlan(
  tx: Transaction,
  scope: ProviderScope,
  rows: readonly ImportRow[],
): Promise<PlannedRow[]> {
  await lockCustomers(tx, scope, scope.customerIds);
  const known = await listKeyedCustomers(tx, scope);
  const keys = await toNameKeys(
    tx,
    rows.map(({ name }) => name),
  );
  return planImport(
    known,
    rows.map((row, index) => ({ ...row, nameKey: keys[index] ?? null })),
  );
}

/** A row's plan with the customer as it is before, and as it is to be. */
interface Result {
  readonly row: PlannedRow;
  readonly before: Customer | null;
  readonly after: Customer | null;
}

function toResult(ctx: AccountableContext, providerId: string, row: PlannedRow): Result {
  const { known: before, content, outcome } = row;
  if (!content) return { row, before, after: null };
  if (!before) return { row, before, after: newCustomer(ctx, providerId, content) };
  const version = before.version + (outcome === 'UPDATED' ? 1 : 0);
  const { nameKey: _, ...customer } = { ...before, nameKey: null };
  return { row, before, after: { ...customer, ...content, version } };
}

async function carryOut(
  tx: Transaction,
  ctx: AccountableContext,
  results: readonly Result[],
  responsePolicy: ResponsePolicyInput | null | undefined,
): Promise<void> {
  const doing = { at: ctx.clock(), actor: ctx.viewer.principalId };
  const updated = results.filter(({ row }) => row.outcome === 'UPDATED').flatMap(bothOf);
  const created = results
    .filter(({ row }) => row.outcome === 'CREATED')
    .flatMap(({ after }) => after ?? []);
  // First whoever gives up a name, then whoever is new and takes it.
  await updateCustomers(
    tx,
    updated.map(({ after }) => after),
  );
  await insertCustomers(tx, created);
  await addToOutbox(tx, [
    ...updated.map(({ after }) => customerChanged(after, doing)),
    ...created.map((customer) => customerOnboarded(customer, doing.actor)),
  ]);
  await ctx.deeds.record(tx, ctx, [
    ...updated.map(({ before, after }) => updateDeed(before, after)),
    ...created.map(onboardingDeed),
  ]);
  if (responsePolicy) await putCustomerPolicies(tx, ctx, created, responsePolicy);
  await republishPolicies(tx, ctx, idsOf(results, 'CREATED'));
}

function bothOf({ before, after }: Result): { before: Customer; after: Customer }[] {
  return before && after ? [{ before, after }] : [];
}

function idsOf(results: readonly Result[], outcome: ImportOutcome): string[] {
  return results
    .filter(({ row }) => row.outcome === outcome)
    .flatMap(({ after }) => after?.customerId ?? []);
}

function toItem({ row, before, after }: Result, dryRun: boolean): ImportedCustomer {
  const { line, externalReference, outcome, problems } = row;
  return { line, externalReference, outcome, problems, customer: dryRun ? before : after };
}

function countOutcomes(items: readonly ImportedCustomer[]) {
  const count = (wanted: ImportOutcome): number =>
    items.filter(({ outcome }) => outcome === wanted).length;
  return {
    created: count('CREATED'),
    updated: count('UPDATED'),
    unchanged: count('UNCHANGED'),
    rejected: count('REJECTED'),
  };
}
