import { Plan as ToldPlan } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import type { Plan } from '@vedette/service-kit';

/** A plan as events tell it; null for one that is unknown here. */
export function toPlan(told: ToldPlan): Plan | null {
  switch (told) {
    case ToldPlan.STANDARD:
      return 'STANDARD';
    case ToldPlan.ADVANCED:
      return 'ADVANCED';
    default:
      return null;
  }
}
