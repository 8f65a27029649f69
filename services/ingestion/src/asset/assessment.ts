/** How much depends on something, or how much harm it could do, from little to most. */
export const levels = ['LOW', 'NORMAL', 'HIGH', 'CRITICAL'] as const;
export type Level = (typeof levels)[number];

/** What stands in an opinion's `basis` when a person holds it; a rule's is the rule's id. */
export const person = 'PERSON';

/** What a person or a rule thinks of an asset or an identity. */
export interface Opinion {
  readonly basis: string;
  /** Null once a person has taken back what was said. */
  readonly level: Level | null;
  /** Why, in words for people. */
  readonly reason: string;
  /** The principal's or the rule's id. */
  readonly setBy: string;
  readonly setAt: Date;
}

/** The opinion that holds, and who has it. */
export interface Verdict {
  readonly level: Level;
  /** Null where nobody has one. */
  readonly source: 'PERSON' | 'RULE' | null;
  readonly reason: string | null;
  readonly setBy: string | null;
  readonly setAt: Date | null;
}

const none: Verdict = { level: 'NORMAL', source: null, reason: null, setBy: null, setAt: null };

/**
 * Which of several opinions holds: what a person said last, until it is taken back; else the gravest that a rule
 * found, the earliest of equals; else NORMAL. The order of the opinions does not matter.
 */
export function weighOpinions(opinions: readonly Opinion[]): Verdict {
  const [latest] = opinions.filter(({ basis }) => basis === person).toSorted(latestFirst);
  if (latest?.level) return toVerdict('PERSON', latest.level, latest);
  const [gravest] = opinions.filter(({ basis }) => basis !== person).toSorted(gravestFirst);
  return gravest?.level ? toVerdict('RULE', gravest.level, gravest) : none;
}

function toVerdict(
  source: 'PERSON' | 'RULE',
  level: Level,
  { reason, setBy, setAt }: Opinion,
): Verdict {
  return { level, source, reason, setBy, setAt };
}

function latestFirst(a: Opinion, b: Opinion): number {
  return b.setAt.getTime() - a.setAt.getTime() || (a.setBy < b.setBy ? -1 : 1);
}

function gravestFirst(a: Opinion, b: Opinion): number {
  return (
    gravity(b) - gravity(a) || a.setAt.getTime() - b.setAt.getTime() || (a.basis < b.basis ? -1 : 1)
  );
}

function gravity({ level }: Opinion): number {
  return level === null ? -1 : levels.indexOf(level);
}
