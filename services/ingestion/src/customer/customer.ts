import { hasFeature, IllegalStateError, PlanRequiredError } from '@vedette/service-kit';
import type { Plan, PlanFeature, Viewer } from '@vedette/service-kit';

/** What is known here of a customer: who looks after it now, and whether its sensors are listened to. */
export interface KnownCustomer {
  readonly customerId: string;
  readonly providerId: string;
  /** Version of the customer in tenancy. */
  readonly version: bigint;
  /** False once the service for the customer has ended. */
  readonly isServed: boolean;
  /** What it has booked, as far as has been heard. */
  readonly plan: Plan;
}

/** @throws {PlanRequiredError} the customer's plan does not hold the feature */
export function requireFeature({ plan }: Pick<KnownCustomer, 'plan'>, feature: PlanFeature): void {
  if (!hasFeature(plan, feature)) throw new PlanRequiredError(feature);
}

/**
 * Whether the viewer is of the provider that looks after the customer now, or of none. A token names
 * for some seconds more which customers its viewer reached before a move.
 */
export function isOfItsProvider(
  { providerId }: Pick<Viewer, 'providerId'>,
  customer: Pick<KnownCustomer, 'providerId'>,
): boolean {
  return providerId === undefined || providerId === customer.providerId;
}

/**
 * Nothing new sends for a customer whose service has ended.
 * @throws {IllegalStateError} it has
 */
export function requireServed({ isServed }: Pick<KnownCustomer, 'isServed'>, attempted: string) {
  if (isServed) return;
  throw new IllegalStateError('The customer is no longer served.', {
    ...{ state: 'OFFBOARDED', attempted },
  });
}
