import { addToOutbox } from '@vedette/event-bus';
import type { ExportFile, Transaction } from '@vedette/service-kit';
import { lockCustomer, updateCustomer } from '../customer/customer-store.ts';
import type { AccountableContext } from '../deed/deed-book.ts';
import {
  customerExported,
  customerExportRequested,
  customerPurgeAnswered,
  customerPurgeCompleted,
  customerPurged,
} from '../events.ts';
import { dropGrants } from '../grant/grant-operations.ts';
import { dropPrincipalsOf, holdPrincipalsOf } from '../principal/customer-principals.ts';
import { forgetPolicy } from '../response-policy/policy-version-store.ts';
import { bury, completePurge, nextToAnswer } from './customer-leaving.ts';
import type { LeavingService, Receipt } from './customer-leaving.ts';
import {
  countCustomerData,
  deleteCustomerData,
  findExport,
  findPurges,
  saveDeletedMessages,
  saveReceipt,
} from './customer-leaving-store.ts';

interface Tenant {
  readonly providerId: string;
  readonly customerId: string;
}

type Outcome = 'HANDLED' | 'IGNORED';

/** What is done by tenancy itself, when a message asks for it. */
const actor = 'system:tenancy';

/** What a service says that it has exported. */
export interface ExportAnswer extends ExportFile {
  readonly exportId: string;
  readonly service: LeavingService;
}

/**
 * Keeps a service's receipt of an export, and asks the next service. One that nobody asked for is
 * ignored, and so is one that repeats itself.
 */
export async function recordExport(
  tx: Transaction,
  { customerId }: Tenant,
  { exportId, service, rows, sha256, bytes }: ExportAnswer,
  receivedAt: Date,
): Promise<Outcome> {
  const scope = { kind: 'CUSTOMERS', customerIds: [customerId] } as const;
  // The lock lets the receipts of several services come one after the other.
  const customer = await lockCustomer(tx, scope, customerId);
  if (!customer || !(await findExport(tx, customerId, exportId))) return 'IGNORED';
  const receipt: Receipt = { service, receivedAt, rows, sha256, bytes, messages: null };
  if (!(await saveReceipt(tx, { customerId, requestId: exportId }, receipt))) return 'IGNORED';
  const answered = await findExport(tx, customerId, exportId);
  const next = answered && nextToAnswer(answered);
  if (next) {
    const asked = { exportId, service: next };
    await addToOutbox(tx, [customerExportRequested(customer, asked, { at: receivedAt, actor })]);
  }
  return 'HANDLED';
}

/** Keeps tenancy's own receipt of an export, and tells of it as every service does. */
export async function recordOwnExport(
  tx: Transaction,
  tenant: Tenant,
  exportId: string,
  file: ExportFile,
  at: Date,
): Promise<Outcome> {
  const answer = { exportId, service: 'tenancy', ...file } as const;
  const outcome = await recordExport(tx, tenant, answer, at);
  if (outcome === 'HANDLED') {
    await addToOutbox(tx, [customerExported(tenant, exportId, file, { at, actor })]);
  }
  return outcome;
}

/** What a service says that it has deleted. */
export interface PurgeAnswer {
  readonly purgeId: string;
  readonly service: LeavingService;
  readonly rows: number;
  /** Null for tenancy, whose messages go last. */
  readonly messages: number | null;
}

/**
 * Keeps a service's receipt of a purge; with the last one, what tenancy has told of the customer may go.
 * One that nobody asked for is ignored, and so is one that comes after that.
 */
export async function recordPurge(
  tx: Transaction,
  { customerId }: Tenant,
  { purgeId, service, rows, messages }: PurgeAnswer,
  receivedAt: Date,
): Promise<Outcome> {
  const scope = { kind: 'CUSTOMERS', customerIds: [customerId] } as const;
  const findPurge = async () => (await findPurges(tx, scope, [customerId])).get(customerId);
  // The lock lets the receipts of several services come one after the other.
  const customer = await lockCustomer(tx, scope, customerId);
  if (customer?.status !== 'PURGING') return 'IGNORED';
  if ((await findPurge())?.requestId !== purgeId) return 'IGNORED';
  const receipt: Receipt = { service, receivedAt, rows, messages, sha256: null, bytes: null };
  await saveReceipt(tx, { customerId, requestId: purgeId }, receipt);
  const answered = await findPurge();
  if (answered && !nextToAnswer(answered)) {
    await addToOutbox(tx, [customerPurgeAnswered(customer, purgeId, { at: receivedAt, actor })]);
  }
  return 'HANDLED';
}

/** Completes a purge, once tenancy has deleted what it told of the customer: nothing is left. */
export async function finishPurge(
  tx: Transaction,
  { customerId }: Tenant,
  { purgeId, messages }: { readonly purgeId: string; readonly messages: number },
  at: Date,
): Promise<Outcome> {
  const scope = { kind: 'CUSTOMERS', customerIds: [customerId] } as const;
  const customer = await lockCustomer(tx, scope, customerId);
  const purge = (await findPurges(tx, scope, [customerId])).get(customerId);
  if (customer?.status !== 'PURGING' || purge?.requestId !== purgeId) return 'IGNORED';
  await saveDeletedMessages(tx, { customerId, requestId: purgeId }, { messages, at });
  const after = completePurge(customer);
  await updateCustomer(tx, after);
  await addToOutbox(tx, [customerPurgeCompleted(after, purgeId, { at, actor })]);
  return 'HANDLED';
}

/**
 * Deletes what tenancy itself holds of a customer, in one transaction: who could sign in because of
 * it, what it decided, whom to ask, and the key to what its ledger tells. What stays is a tombstone
 * with its id, and hashes. The messages about it go when every service has answered.
 */
export async function purgeOwnData(
  tx: Transaction,
  ctx: AccountableContext,
  { customerId }: Tenant,
  purgeId: string,
): Promise<Outcome> {
  const scope = { kind: 'CUSTOMERS', customerIds: [customerId] } as const;
  const customer = await lockCustomer(tx, scope, customerId);
  const purge = (await findPurges(tx, scope, [customerId])).get(customerId);
  if (customer?.status !== 'PURGING' || purge?.requestId !== purgeId) return 'IGNORED';
  const { providerId } = customer;
  const tenant = { customerId, providerId };
  const rows = await countCustomerData(tx, customerId);
  await holdPrincipalsOf(tx, customerId);
  // These tell of each principal that is gone, so that nobody is remembered as one anywhere.
  await dropGrants(tx, ctx, tenant);
  await dropPrincipalsOf(tx, ctx, tenant, 'ANYBODY');
  await deleteCustomerData(tx, customerId);
  await forgetPolicy(tx, customerId);
  await updateCustomer(tx, bury(customer));
  const at = ctx.clock();
  await addToOutbox(tx, [customerPurged(tenant, purgeId, rows, { at, actor })]);
  return recordPurge(tx, tenant, { purgeId, service: 'tenancy', rows, messages: null }, at);
}
