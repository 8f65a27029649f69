import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { toEcs } from '@vedette/event-model';
import type { NormalisedEvent } from '@vedette/event-model';

export type Json = Readonly<Record<string, unknown>>;

/** Where test data lies that is not part of the product. */
export const testData = resolve(
  import.meta.dirname,
  '../../../../..',
  process.env.VEDETTE_TEST_DATA ?? '../shared/data',
);

/** A record as it was delivered, and what another project reads in it. */
export interface Sample {
  readonly name: string;
  readonly record: Json;
  readonly expected: Json;
}

/** The samples of a connector's folder. */
export function samplesOf(connector: string): readonly Sample[] {
  const folder = join(testData, 'connectors', connector, 'ecs-fixtures');
  return readdirSync(folder).map((name) => {
    const file = JSON.parse(readFileSync(join(folder, name), 'utf8')) as {
      input: { message: string };
      expected: Json;
    };
    return { name, record: JSON.parse(file.input.message) as Json, expected: file.expected };
  });
}

/** The value at a dotted path. */
export function at(node: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((parent, key) => (parent as Json | undefined)?.[key], node);
}

/** Upper and lower case and the spelling of addresses do not matter; one of a list is as good as the list. */
function plain(value: unknown): string {
  if (Array.isArray(value))
    return value
      .map((item) => plain(item))
      .sort()
      .join(' ');
  const text = String(value).toLowerCase().trim();
  return /^[\da-f:]+$/.test(text) && !text.includes('::') && text.split(':').length === 8
    ? new URL(`http://[${text}]`).hostname.slice(1, -1)
    : text;
}

/**
 * Paths of facts that their reading of a sample has and ours has not, or otherwise.
 * @param facts their path, and where the fact is in ours: at the same path in ECS, or as a function finds it
 */
export function differences(
  { expected }: Sample,
  event: NormalisedEvent,
  facts: Readonly<Record<string, 'same' | ((event: NormalisedEvent) => unknown)>>,
): readonly string[] {
  const ours = toEcs(event);
  return Object.entries(facts).flatMap(([path, find]) => {
    const theirs = at(expected, path);
    if (theirs === undefined || theirs === '-' || theirs === 'null') return [];
    const own = find === 'same' ? at(ours, path) : find(event);
    const candidates: readonly unknown[] = Array.isArray(own)
      ? [own, ...(own as readonly unknown[])]
      : [own];
    const isSame = candidates.some((one) => plain(one) === plain(theirs));
    return isSame ? [] : [path];
  });
}

/** Milliseconds of their time against ours. */
export function timeOf(event: NormalisedEvent, theirs: unknown): boolean {
  return typeof theirs === 'string' && Date.parse(theirs) === event.occurredAt;
}
