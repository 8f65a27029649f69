import { foldCase, type EventView, type FieldTable } from './event-view.ts';
import type { EventSelector } from './logsource.ts';
import { allOf, anyOf, fieldTest, type Predicate } from './predicate.ts';
import { compilePattern, type TextTest } from './pattern.ts';
import type { SigmaRule } from './rule.ts';

/** A compiled rule and the events it looks at. */
export interface CompiledRule {
  readonly rule: SigmaRule;
  readonly predicate: Predicate;
  readonly selectors: readonly EventSelector[];
}

type Candidates = readonly CompiledRule[];

interface Channel {
  /** Rules for every event of the channel. */
  readonly always: CompiledRule[];
  /** Rules by event id, those for every event of the channel among them. */
  readonly byEventId: Map<string, CompiledRule[]>;
}

interface Guarded {
  readonly guard: Predicate;
  readonly rules: CompiledRule[];
}

/**
 * Finds the rules whose logsource an event fits. Rules bound to channels and event ids are looked up; the others are
 * grouped by what they ask of an event, which is tested once per group.
 */
export class RuleBuckets {
  readonly #channels = new Map<string, Channel>();
  readonly #guarded: readonly Guarded[];
  readonly #channelSlot: number;
  readonly #eventIdSlot: number;

  constructor(rules: Candidates, fields: FieldTable) {
    this.#channelSlot = fields.slot('Channel');
    this.#eventIdSlot = fields.slot('EventID');
    const guarded = new Map<string, Guarded>();
    for (const rule of rules) {
      if (rule.selectors.every(isChannelSelector)) {
        this.#addToChannels(rule, rule.selectors);
        continue;
      }
      const key = JSON.stringify(rule.selectors);
      const group = guarded.get(key) ?? {
        guard: compileSelectors(rule.selectors, fields),
        rules: [],
      };
      group.rules.push(rule);
      guarded.set(key, group);
    }
    this.#guarded = [...guarded.values()];
  }

  candidates(view: EventView): readonly Candidates[] {
    const found: Candidates[] = [];
    const name = view.text(this.#channelSlot, 'FOLDED');
    const channel = typeof name === 'string' ? this.#channels.get(name) : undefined;
    if (channel !== undefined) {
      const eventId = view.text(this.#eventIdSlot, 'EXACT');
      found.push(
        (typeof eventId === 'string' ? channel.byEventId.get(eventId) : undefined) ??
          channel.always,
      );
    }
    for (const { guard, rules } of this.#guarded) if (guard.test(view)) found.push(rules);
    return found;
  }

  #addToChannels(rule: CompiledRule, selectors: readonly EventSelector[]): void {
    for (const { channels = [], eventIds } of selectors) {
      for (const name of channels) {
        const channel = this.#channel(foldCase(name));
        if (eventIds === undefined) {
          addOnce(channel.always, rule);
          for (const bucket of channel.byEventId.values()) addOnce(bucket, rule);
        }
        for (const eventId of eventIds ?? []) addOnce(eventBucket(channel, String(eventId)), rule);
      }
    }
  }

  #channel(name: string): Channel {
    const channel = this.#channels.get(name) ?? {
      always: [],
      byEventId: new Map<string, CompiledRule[]>(),
    };
    this.#channels.set(name, channel);
    return channel;
  }
}

function eventBucket(channel: Channel, eventId: string): CompiledRule[] {
  const bucket = channel.byEventId.get(eventId) ?? [...channel.always];
  channel.byEventId.set(eventId, bucket);
  return bucket;
}

/** A rule is added to all its buckets before the next rule comes, so a repeat is at the end. */
function addOnce(bucket: CompiledRule[], rule: CompiledRule): void {
  if (bucket.at(-1) !== rule) bucket.push(rule);
}

function isChannelSelector(selector: EventSelector): boolean {
  return selector.channels !== undefined && Object.keys(selector.fields ?? {}).length === 0;
}

function compileSelectors(selectors: readonly EventSelector[], fields: FieldTable): Predicate {
  return anyOf(
    selectors.map(({ channels, eventIds, fields: wanted = {} }) => {
      const parts = Object.entries(wanted).map(([field, text]) =>
        fieldIs(field, text === true ? [PRESENT] : [equalTo(text)], fields),
      );
      if (channels !== undefined) parts.push(fieldIs('Channel', channels.map(equalTo), fields));
      if (eventIds !== undefined)
        parts.push(fieldIs('EventID', eventIds.map(String).map(equalTo), fields));
      return allOf(parts);
    }),
  );
}

const PRESENT: TextTest = { cost: 0, test: () => true };

function equalTo(text: string): TextTest {
  return compilePattern([text], { fold: true });
}

function fieldIs(field: string, tests: readonly TextTest[], fields: FieldTable): Predicate {
  return fieldTest({ field, slot: fields.slot(field) }, 'FOLDED', tests);
}
