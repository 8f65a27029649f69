/** An ATT&CK technique or sub-technique. */
export interface Technique {
  /** Such as `T1003.002`. */
  readonly id: string;
  /** Null for an id that the table does not know: it is shown, never dropped. */
  readonly name: string | null;
  /** Short names of its tactics. */
  readonly tactics: readonly string[];
}

const techniqueTag = /^attack\.(t\d{4}(?:\.\d{3})?)$/;

/** The techniques among a rule's Sigma tags, such as `attack.t1003.002`. */
export function techniqueIdsOf(tags: readonly string[]): string[] {
  return tags.flatMap((tag) => techniqueTag.exec(tag.toLowerCase())?.[1]?.toUpperCase() ?? []);
}
