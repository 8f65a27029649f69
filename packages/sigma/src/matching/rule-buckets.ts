import { Bucket, type CompiledRule } from './bucket.ts';
import type { FieldTable } from '../compiling/field-table.ts';
import type { EventView, FieldText } from './event-view.ts';
import { foldCase } from './fold-case.ts';
import type { EventSelector } from '../reading/logsource.ts';

/** Which events a bucket is for. */
type Guard = (view: EventView) => boolean;

interface Channel {
  readonly byEventId: ReadonlyMap<string, Bucket>;
  /** The rules for any id; absent where every rule names ids. */
  readonly always: Bucket | undefined;
  /** Whether the buckets of ids hold those rules too, so that an event is searched once. */
  readonly isMerged: boolean;
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

  constructor(channels: ReadonlyMap<string, Channel>, groups: readonly Group[], fields: Slots) {
    this.#channelSlot = fields.slot('Channel');
    this.#eventIdSlot = fields.slot('EventID');
    this.#channels = channels;
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
      const { byEventId, always, isMerged } = channel;
      const bucket = typeof eventId === 'string' ? byEventId.get(eventId) : undefined;
      if (bucket !== undefined) found.push(bucket);
      if (always !== undefined && !(isMerged && bucket !== undefined)) found.push(always);
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

/** Puts the rules of a set into buckets. A bucket is a step. */
export function* buildBuckets(
  rules: readonly CompiledRule[],
  fields: FieldTable,
): Generator<void, RuleBuckets> {
  const inChannels: CompiledRule[] = [];
  const rest = new Map<string, CompiledRule[]>();
  for (const rule of rules) {
    if (rule.selectors.every(isChannelSelector)) inChannels.push(rule);
    else addTo(rest, JSON.stringify(rule.selectors), rule);
  }
  const build = bucketBuilder();
  const channels = yield* buildChannels(listChannels(inChannels), build);
  const groups: Group[] = [];
  for (const group of rest.values()) {
    groups.push({ selectors: group[0]?.selectors ?? [], bucket: build(new Set(group)) });
    yield;
  }
  return new RuleBuckets(channels, groups, fields);
}

/** Gives one bucket to all who ask with the same rules: channels of the same kind, ids of the same category. */
function bucketBuilder(): (rules: ReadonlySet<CompiledRule>) => Bucket {
  const known = new Map<string, Bucket>();
  return (rules) => {
    const ordered = [...rules].sort((a, b) => a.index - b.index);
    const key = ordered.map(({ index }) => index).join();
    const bucket = known.get(key) ?? new Bucket(ordered);
    known.set(key, bucket);
    return bucket;
  };
}

interface ChannelLists {
  /** Rules for any id. */
  readonly always: Set<CompiledRule>;
  readonly byId: Map<string, Set<CompiledRule>>;
}

function listChannels(rules: readonly CompiledRule[]): ReadonlyMap<string, ChannelLists> {
  const lists = new Map<string, ChannelLists>();
  for (const rule of rules) {
    for (const { channels = [], eventIds } of rule.selectors) {
      for (const channel of channels) {
        const name = foldCase(channel);
        const known: ChannelLists = lists.get(name) ?? { always: new Set(), byId: new Map() };
        lists.set(name, known);
        if (eventIds === undefined) known.always.add(rule);
        for (const id of (eventIds ?? []).map(String))
          known.byId.set(id, (known.byId.get(id) ?? new Set()).add(rule));
      }
    }
  }
  return lists;
}

/** More rules than this are not repeated for each id: their literals would be held that often. */
const MAX_MERGED = 256;

function* buildChannels(
  lists: ReadonlyMap<string, ChannelLists>,
  build: (rules: ReadonlySet<CompiledRule>) => Bucket,
): Generator<void, ReadonlyMap<string, Channel>> {
  const channels = new Map<string, Channel>();
  for (const [name, { always, byId }] of lists) {
    const isMerged = always.size <= MAX_MERGED;
    const byEventId = new Map<string, Bucket>();
    for (const [id, ofId] of byId) {
      byEventId.set(id, build(isMerged ? always.union(ofId) : ofId));
      yield;
    }
    channels.set(name, {
      ...{ byEventId, isMerged },
      always: always.size > 0 ? build(always) : undefined,
    });
    yield;
  }
  return channels;
}

function addTo<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

type Slots = Pick<FieldTable, 'slot'>;

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

function toSwitches(groups: readonly Group[], fields: Slots): readonly Switch[] {
  const byField = new Map<string, Map<string, Bucket>>();
  for (const { selectors, bucket } of groups) {
    const place = switchOf(selectors);
    if (place === null) continue;
    const buckets = byField.get(place.field) ?? new Map<string, Bucket>();
    byField.set(place.field, buckets.set(place.text, bucket));
  }
  return [...byField].map(([field, buckets]) => ({ slot: fields.slot(field), buckets }));
}

function compileGuard(selectors: readonly EventSelector[], fields: Slots): Guard {
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
