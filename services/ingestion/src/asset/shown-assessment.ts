import type { Verdict } from './assessment.ts';

/** Why a level is what it is, as the schema shows it. */
export interface ShownAssessment {
  readonly source: 'PERSON' | 'RULE';
  readonly reason: string;
  readonly setBy: string;
  readonly setAt: Date;
}

/** Null where neither a person nor a rule has said anything. */
export function toAssessment({
  source,
  reason,
  setBy,
  setAt,
}: Omit<Verdict, 'level'>): ShownAssessment | null {
  if (source === null || reason === null || setBy === null || setAt === null) return null;
  return { source, reason, setBy, setAt };
}
