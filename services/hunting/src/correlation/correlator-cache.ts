import type { Match, RuleSet } from '@vedette/sigma';
import { CustomerCorrelator } from './customer-correlator.ts';

/** Customers whose correlations a process keeps at hand; those of others are read when they are needed. */
const maxCustomers = 500;

export interface CachedCorrelator {
  /** Of the row that the correlator agrees with; null for none. */
  readonly version: string | null;
  readonly correlator: CustomerCorrelator;
}

/** The correlators of a process, by customer. All shards share it, since a customer has one shard. */
export class CorrelatorCache {
  readonly #rules: RuleSet;
  readonly #feeding: ReadonlySet<string>;
  readonly #byCustomer = new Map<string, CachedCorrelator>();

  constructor(rules: RuleSet) {
    this.#rules = rules;
    this.#feeding = new Set(rules.correlations.flatMap((each) => each.rules.map(({ id }) => id)));
  }

  /** Whether a correlation refers to one of the rules. */
  isFedBy(matches: readonly Match[]): boolean {
    return matches.some(({ rule }) => this.#feeding.has(rule.id));
  }

  /**
   * Hands a customer's correlator out, or a new one. It is put back with `keep` once all went well: until then
   * it may have observed what no transaction commits.
   */
  take(customerId: string): CachedCorrelator {
    const cached = this.#byCustomer.get(customerId);
    this.#byCustomer.delete(customerId);
    return cached ?? { version: null, correlator: new CustomerCorrelator(this.#rules) };
  }

  keep(customerId: string, cached: CachedCorrelator): void {
    this.#byCustomer.set(customerId, cached);
    // A map remembers the order of its keys: the first is the one that was kept longest ago.
    for (const oldest of this.#byCustomer.keys()) {
      if (this.#byCustomer.size <= maxCustomers) return;
      this.#byCustomer.delete(oldest);
    }
  }
}
