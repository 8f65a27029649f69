/** Why a rule cannot be run. The loader turns it into a `RefusedRule`; it never leaves the package. */
export class RuleRefusal extends Error {
  override readonly name = 'RuleRefusal';
  readonly line: number | undefined;

  constructor(reason: string, line?: number) {
    super(reason);
    this.line = line;
  }
}
