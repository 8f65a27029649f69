/** What a customer has booked. */
export type Plan = 'STANDARD' | 'ADVANCED';

/** What a plan decides about; everything else is for all. */
export type PlanFeature =
  'LEADLESS_HUNTING' | 'ENHANCED_TELEMETRY' | 'POSTURE_IMPROVEMENT' | 'NAMED_CONTACT';

/** What each plan allows: the one table, enforced by the service that does the work. */
export const planFeatures: Readonly<Record<Plan, readonly PlanFeature[]>> = {
  STANDARD: [],
  ADVANCED: ['LEADLESS_HUNTING', 'ENHANCED_TELEMETRY', 'POSTURE_IMPROVEMENT', 'NAMED_CONTACT'],
};

export function hasFeature(plan: Plan, feature: PlanFeature): boolean {
  return planFeatures[plan].includes(feature);
}
