import { IllegalStateError, InvalidInputError } from '@vedette/service-kit';
import { purgedContent, requireMovable } from '../customer/customer.ts';
import type { Customer } from '../customer/customer.ts';

/** Every service that holds customers' data, and so must answer. */
export const leavingServices = ['tenancy', 'ingestion', 'hunting', 'cases'] as const;

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

/** When the last service answered; null while one has not. */
export function completedAt({ receipts }: Pick<AnsweredRequest, 'receipts'>): Date | null {
  const answers = leavingServices.map((service) =>
    receipts.find((receipt) => receipt.service === service),
  );
  return answers.reduce<Date | null>((latest, answer) => {
    if (latest === null || answer === undefined) return null;
    return answer.receivedAt > latest ? answer.receivedAt : latest;
  }, new Date(0));
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

/** After this long a service that has not answered is asked again, by a new export. */
const exportPatienceMs = 60 * 60 * 1_000;

/**
 * Whether a customer is exported anew, or an export that was just asked for is waited for.
 * @throws {IllegalStateError} its data is being deleted, or is gone
 */
export function needsNewExport(
  { status }: Pick<Customer, 'status'>,
  lastExport: AnsweredRequest | null,
  now: Date,
): boolean {
  if (status === 'PURGING' || status === 'PURGED') {
    const message = "The customer's data is being deleted.";
    throw new IllegalStateError(message, { state: status, attempted: 'EXPORT' });
  }
  if (!lastExport || completedAt(lastExport)) return true;
  return now.getTime() - lastExport.requestedAt.getTime() > exportPatienceMs;
}

/**
 * Begins the purge of a customer that was off-boarded and then exported by every service.
 * @param name its name once more, exactly
 * @throws {IllegalStateError} it is still served, being purged, or its last export is not whole
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

/** The customer once every service has deleted what it held. */
export function completePurge(customer: Customer): Customer {
  return { ...customer, status: 'PURGED', version: customer.version + 1 };
}
