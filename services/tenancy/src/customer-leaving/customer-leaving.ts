import { IllegalStateError, InvalidInputError } from '@vedette/service-kit';
import { purgedContent, requireMovable } from '../customer/customer.ts';
import type { Customer } from '../customer/customer.ts';

/**
 * Every service that holds customers' data, and so must answer, in the order in which data reaches them:
 * telemetry is detected, detections become cases, and tenancy hears of all. They export in this order,
 * so that what one has told is in the export of the next.
 */
export const leavingServices = ['ingestion', 'hunting', 'cases', 'tenancy'] as const;

export type LeavingService = (typeof leavingServices)[number];

/** What tenancy has asked all services to do about a customer. */
export interface CustomerRequest {
  /** The export's id, or the purge's. */
  readonly requestId: string;
  readonly customerId: string;
  readonly requestedAt: Date;
  readonly requestedBy: string;
}

/** What a service has answered. */
export interface Receipt {
  readonly service: LeavingService;
  readonly receivedAt: Date;
  readonly rows: number;
  /** Of an export's file, in hexadecimal. */
  readonly sha256: string | null;
  /** Size of an export's file. */
  readonly bytes: number | null;
  /** Messages that a purge has deleted. */
  readonly messages: number | null;
}

/** A request, and what came back so far. */
export interface AnsweredRequest extends CustomerRequest {
  readonly receipts: readonly Receipt[];
}

/** The first service that has not answered; null when all have. */
export function nextToAnswer({ receipts }: Pick<AnsweredRequest, 'receipts'>) {
  const isMissing = (service: LeavingService): boolean =>
    !receipts.some((receipt) => receipt.service === service);
  return leavingServices.find(isMissing) ?? null;
}

/** Whether a service is done. Tenancy answers for its rows first, and then has messages to delete. */
export function isWhole({ sha256, messages }: Receipt): boolean {
  return sha256 !== null || messages !== null;
}

/** When the last service was done; null while one is not. */
export function completedAt({ receipts }: Pick<AnsweredRequest, 'receipts'>): Date | null {
  const whole = receipts.filter(isWhole);
  if (nextToAnswer({ receipts: whole })) return null;
  return new Date(Math.max(...whole.map(({ receivedAt }) => receivedAt.getTime())));
}

/**
 * Ends the service for a customer.
 * @throws {IllegalStateError} it is an own estate, or was off-boarded before
 */
export function offboard(customer: Customer, at: Date): Customer {
  requireMovable(customer, 'OFFBOARD');
  const version = customer.version + 1;
  return { ...customer, status: 'OFFBOARDED', offboardedAt: at, version };
}

/**
 * Whether a customer is exported anew, or an export is under way.
 * @throws {IllegalStateError} its data is being deleted, or is gone
 */
export function needsNewExport(
  { status }: Pick<Customer, 'status'>,
  lastExport: AnsweredRequest | null,
): boolean {
  if (status === 'PURGING' || status === 'PURGED') {
    const message = "The customer's data is being deleted.";
    throw new IllegalStateError(message, { state: status, attempted: 'EXPORT' });
  }
  return !lastExport || completedAt(lastExport) !== null;
}

/**
 * Begins the purge of a customer that was off-boarded and then exported by every service.
 * @param name its name once more, exactly
 * @throws {IllegalStateError} it is still served, being purged, purged, or its last export is not whole
 * @throws {InvalidInputError} the name is another
 */
export function beginPurge(
  customer: Customer,
  lastExport: AnsweredRequest | null,
  name: string,
): Customer {
  const { status, offboardedAt } = customer;
  const refuse = (message: string, state: string): never => {
    throw new IllegalStateError(message, { state, attempted: 'PURGE' });
  };
  if (status === 'ACTIVE') refuse('Only a customer that was off-boarded is purged.', status);
  if (status !== 'OFFBOARDED' || !offboardedAt) refuse('The customer was purged before.', status);
  else if (!lastExport || lastExport.requestedAt < offboardedAt) {
    refuse('The customer has not been exported since it was off-boarded.', 'NOT_EXPORTED');
  } else if (completedAt(lastExport) === null) {
    refuse('The last export of the customer is not complete yet.', 'EXPORTING');
  }
  if (name !== customer.name) {
    throw new InvalidInputError("'input.name' is not the customer's name.", [
      { path: 'input.name', problem: "is not the customer's name" },
    ]);
  }
  return { ...customer, status: 'PURGING', version: customer.version + 1 };
}

/** The customer once tenancy has deleted what it knew of it: a tombstone under its id. */
export function bury(customer: Customer): Customer {
  return { ...customer, ...purgedContent };
}

/** The customer once nothing of it is left. */
export function completePurge(customer: Customer): Customer {
  return { ...customer, status: 'PURGED', version: customer.version + 1 };
}
