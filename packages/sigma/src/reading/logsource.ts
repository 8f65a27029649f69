/** Where a rule's events come from, as the rule names it. */
export interface Logsource {
  readonly category?: string;
  readonly product?: string;
  readonly service?: string;
}

/**
 * Which events a logsource means. All the parts that are given must hold.
 * `fields`: the field equals the text (ignoring case), or is there when `true`.
 */
export interface EventSelector {
  readonly channels?: readonly string[];
  readonly eventIds?: readonly number[];
  readonly fields?: Readonly<Record<string, string | true>>;
}

export interface LogsourceBinding extends Logsource {
  readonly events: EventSelector;
}

/** The binding of logsources to events. A rule whose logsource is not bound is refused. */
export type LogsourceMap = readonly LogsourceBinding[];

const KEYS = ['category', 'product', 'service'] as const;

/**
 * The selectors of which any may hold for a rule of this logsource; empty when it is not bound. A binding with the same
 * keys counts alone, else all that are more specific; else one per key at once (a category within a service).
 */
export function selectorsFor(logsource: Logsource, map: LogsourceMap): readonly EventSelector[] {
  const covered = map.filter((binding) => covers(logsource, binding));
  const exact = covered.filter((binding) => covers(binding, logsource));
  if (covered.length > 0)
    return (exact.length > 0 ? exact : covered).map((binding) => binding.events);
  const { category, service, product } = logsource;
  if (category === undefined || service === undefined) return [];
  const within = product === undefined ? {} : { product };
  const byService = selectorsFor({ ...within, service }, map);
  return selectorsFor({ ...within, category }, map).flatMap((selector) =>
    byService.flatMap((other) => intersect(selector, other)),
  );
}

/** Whether the second logsource is equal to the first or more specific. */
export function covers(general: Logsource, specific: Logsource): boolean {
  return KEYS.every(
    (key) =>
      general[key] === undefined || general[key].toLowerCase() === specific[key]?.toLowerCase(),
  );
}

function intersect(a: EventSelector, b: EventSelector): readonly EventSelector[] {
  const channels = common(a.channels, b.channels);
  const eventIds = common(a.eventIds, b.eventIds);
  if (channels?.length === 0 || eventIds?.length === 0) return [];
  return [
    {
      ...(channels === undefined ? {} : { channels }),
      ...(eventIds === undefined ? {} : { eventIds }),
      fields: { ...a.fields, ...b.fields },
    },
  ];
}

function common<T>(
  a: readonly T[] | undefined,
  b: readonly T[] | undefined,
): readonly T[] | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.filter((item) => b.includes(item));
}
