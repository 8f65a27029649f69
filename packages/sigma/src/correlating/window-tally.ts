/** A measured value: a number, or the text of a distinct value. */
export type Measured = string | number;

/** Follows the values of a sliding window, so that it need not be read again for every event. */
export interface WindowTally {
  add(value: Measured): void;
  remove(value: Measured): void;
}

/** Up to here a list is searched faster than a map, and a hundred thousand groups need no maps. */
const MAX_LISTED = 16;

/** Counts how many different values a sliding window holds. */
export class DistinctValues implements WindowTally {
  #values: Measured[] = [];
  #counts: number[] = [];
  #map: Map<Measured, number> | null = null;

  get size(): number {
    return this.#map?.size ?? this.#values.length;
  }

  add(value: Measured): void {
    if (this.#map !== null) {
      this.#map.set(value, (this.#map.get(value) ?? 0) + 1);
      return;
    }
    const at = this.#values.indexOf(value);
    if (at !== -1) {
      this.#counts[at] = (this.#counts[at] ?? 0) + 1;
      return;
    }
    if (this.#values.length === 0) {
      // Made with its first element a list takes no more room than that.
      this.#values = [value];
      this.#counts = [1];
      return;
    }
    this.#values.push(value);
    this.#counts.push(1);
    if (this.#values.length > MAX_LISTED) this.#toMap();
  }

  remove(value: Measured): void {
    if (this.#map !== null) {
      const left = (this.#map.get(value) ?? 0) - 1;
      if (left > 0) this.#map.set(value, left);
      else this.#map.delete(value);
      return;
    }
    const at = this.#values.indexOf(value);
    if (at === -1) return;
    const left = (this.#counts[at] ?? 0) - 1;
    this.#counts[at] = left;
    if (left > 0) return;
    this.#values.splice(at, 1);
    this.#counts.splice(at, 1);
  }

  #toMap(): void {
    this.#map = new Map(this.#values.map((value, index) => [value, this.#counts[index] ?? 0]));
    this.#values = [];
    this.#counts = [];
  }
}

/** Keeps the numbers of a sliding window in order. */
export class SortedValues implements WindowTally {
  readonly #values: number[] = [];

  at(index: number): number {
    return this.#values[index] ?? Number.NaN;
  }

  add(value: Measured): void {
    this.#values.splice(this.#placeOf(Number(value)), 0, Number(value));
  }

  remove(value: Measured): void {
    this.#values.splice(this.#placeOf(Number(value)), 1);
  }

  /** Where the first number stands that is not smaller. */
  #placeOf(value: number): number {
    let [from, to] = [0, this.#values.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#values[middle] ?? 0) < value) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
