import { Bucket, type CompiledRule } from './bucket.ts';
import type { FieldTable } from '../compiling/field-table.ts';
import type { EventView, FieldText } from './event-view.ts';
import { foldCase } from './fold-case.ts';
import type { EventSelector } from '../reading/logsource.ts';

/** Which events a bucket is for. */
type Guard = (view: EventView) => boolean;

interface Channel {
  readonly byEventId: ReadonlyMap<string, Bucket>;
  /** For events with other ids; absent where every rule names ids. */
  readonly others: Bucket | undefined;
}

/** A field whose text tells which buckets an event belongs to, such as Zeek's `_path`. */
interface Switch {
  readonly slot: number;
  readonly buckets: ReadonlyMap<string, Bucket>;
}

/**
 * Finds the rules whose logsource an event fits. Rules bound to channels and event ids, or to one text of one field, are
 * looked up; the others are grouped by what they ask of an event, which is tested once per group.
 */
export class RuleBuckets {
  readonly #channels: ReadonlyMap<string, Channel>;
  readonly #spellings = new Map<string, Channel | null>();
  readonly #switches: readonly Switch[];
  readonly #guarded: readonly { readonly guard: Guard; readonly bucket: Bucket }[];
  readonly #channelSlot: number;
  readonly #eventIdSlot: number;

  constructor(rules: readonly CompiledRule[], fields: FieldTable) {
    this.#channelSlot = fields.slot('Channel');
    this.#eventIdSlot = fields.slot('EventID');
    const inChannels = rules.filter(({ selectors }) => selectors.every(isChannelSelector));
    this.#channels = toChannels(inChannels);
    const rest = new Map<string, CompiledRule[]>();
    for (const rule of rules) {
      if (rule.selectors.every(isChannelSelector)) continue;
      const key = JSON.stringify(rule.selectors);
      rest.set(key, [...(rest.get(key) ?? []), rule]);
    }
    const groups = [...rest.values()].map((group) => {
      return { selectors: group[0]?.selectors ?? [], bucket: new Bucket(group) };
    });
    this.#switches = toSwitches(groups, fields);
    this.#guarded = groups
      .filter(({ selectors }) => switchOf(selectors) === null)
      .map(({ selectors, bucket }) => ({ guard: compileGuard(selectors, fields), bucket }));
  }

  /** The buckets that the event belongs to. */
  bucketsOf(view: EventView): readonly Bucket[] {
    const found: Bucket[] = [];
    const channel = this.#channelOf(view.text(this.#channelSlot, 'EXACT'));
    if (channel !== undefined) {
      const eventId = view.text(this.#eventIdSlot, 'EXACT');
      const bucket =
        (typeof eventId === 'string' ? channel.byEventId.get(eventId) : undefined) ??
        channel.others;
      if (bucket !== undefined) found.push(bucket);
    }
    for (const { slot, buckets } of this.#switches) {
      const text = textOf(view, slot);
      const bucket = text === undefined ? undefined : buckets.get(text);
      if (bucket !== undefined) found.push(bucket);
    }
    for (const { guard, bucket } of this.#guarded) if (guard(view)) found.push(bucket);
    return found;
  }

  /** Channels come in the same few spellings, so each is folded once. */
  #channelOf(name: FieldText): Channel | undefined {
    if (typeof name !== 'string') return undefined;
    const known = this.#spellings.get(name);
    if (known !== undefined) return known ?? undefined;
    const channel = this.#channels.get(foldCase(name));
    if (this.#spellings.size < MAX_SPELLINGS) this.#spellings.set(name, channel ?? null);
    return channel;
  }
}

const MAX_SPELLINGS = 1_000;

function textOf(view: EventView, slot: number): string | undefined {
  const text = view.text(slot, 'FOLDED');
  return typeof text === 'string' ? text : undefined;
}

function isChannelSelector(selector: EventSelector): boolean {
  return selector.channels !== undefined && Object.keys(selector.fields ?? {}).length === 0;
}

/** Rules of a channel without ids stand in the list of each id too. */
function toChannels(rules: readonly CompiledRule[]): ReadonlyMap<string, Channel> {
  const lists = new Map<
    string,
    { always: Set<CompiledRule>; byId: Map<string, Set<CompiledRule>> }
  >();
  const listsOf = (name: string) => {
    const known = lists.get(name) ?? {
      always: new Set(),
      byId: new Map<string, Set<CompiledRule>>(),
    };
    lists.set(name, known);
    return known;
  };
  for (const rule of rules) {
    for (const { channels = [], eventIds } of rule.selectors) {
      for (const name of channels) {
        const { always, byId } = listsOf(foldCase(name));
        if (eventIds === undefined) always.add(rule);
        for (const id of eventIds ?? [])
          byId.set(String(id), (byId.get(String(id)) ?? new Set()).add(rule));
      }
    }
  }
  return new Map(
    [...lists].map(([name, { always, byId }]) => {
      const buckets = [...byId].map(([id, ofId]): [string, Bucket] => {
        return [id, new Bucket(inOrder(new Set([...always, ...ofId])))];
      });
      const others = always.size > 0 ? new Bucket(inOrder(always)) : undefined;
      return [name, { byEventId: new Map(buckets), others }];
    }),
  );
}

function inOrder(rules: ReadonlySet<CompiledRule>): readonly CompiledRule[] {
  return [...rules].sort((a, b) => a.index - b.index);
}

interface Group {
  readonly selectors: readonly EventSelector[];
  readonly bucket: Bucket;
}

/** The field and text that selectors come down to; null when they ask for more than one text of one field. */
function switchOf(selectors: readonly EventSelector[]): { field: string; text: string } | null {
  const [selector, ...others] = selectors;
  if (!selector || others.length > 0 || selector.channels || selector.eventIds) return null;
  const [entry, ...more] = Object.entries(selector.fields ?? {});
  if (!entry || more.length > 0 || entry[1] === true) return null;
  return { field: entry[0], text: foldCase(entry[1]) };
}

function toSwitches(groups: readonly Group[], fields: FieldTable): readonly Switch[] {
  const byField = new Map<string, Map<string, Bucket>>();
  for (const { selectors, bucket } of groups) {
    const place = switchOf(selectors);
    if (place === null) continue;
    const buckets = byField.get(place.field) ?? new Map<string, Bucket>();
    byField.set(place.field, buckets.set(place.text, bucket));
  }
  return [...byField].map(([field, buckets]) => ({ slot: fields.slot(field), buckets }));
}

function compileGuard(selectors: readonly EventSelector[], fields: FieldTable): Guard {
  const alternatives = selectors.map(({ channels, eventIds, fields: wanted = {} }): Guard => {
    const parts = Object.entries(wanted).map(([field, text]) =>
      fieldIs(fields.slot(field), text === true ? null : [text]),
    );
    if (channels !== undefined) parts.push(fieldIs(fields.slot('Channel'), channels));
    if (eventIds !== undefined) parts.push(fieldIs(fields.slot('EventID'), eventIds.map(String)));
    return (view) => parts.every((part) => part(view));
  });
  return (view) => alternatives.some((alternative) => alternative(view));
}

/** Whether a field is one of the texts, ignoring case; null takes any text. An array needs one such element. */
function fieldIs(slot: number, texts: readonly string[] | null): Guard {
  const wanted = texts === null ? null : new Set(texts.map(foldCase));
  return (view) => {
    const text = view.text(slot, 'FOLDED');
    if (text === undefined) return false;
    if (wanted === null) return typeof text === 'string' || text.length > 0;
    return typeof text === 'string' ? wanted.has(text) : text.some((each) => wanted.has(each));
  };
}
