import { createHash } from 'node:crypto';
import type { SigmaCorrelation } from './correlation.ts';
import type { Group } from './group.ts';
import type { Measured } from './window-tally.ts';

export const STATE_VERSION = 1;

/** What a correlator keeps, as plain JSON. */
export interface CorrelatorState {
  readonly version: number;
  readonly undated: number;
  readonly correlations: readonly CorrelationState[];
}

export interface CorrelationState {
  readonly id: string;
  /** Of what the correlation says: state of another definition would mean something else. */
  readonly digest: string;
  readonly late: number;
  readonly evicted: number;
  readonly cut: number;
  /** From the one that was updated longest ago. */
  readonly groups: readonly GroupState[];
}

/** The events are four lists of equal length, oldest event first; `measured` is empty when nothing is. */
export interface GroupState {
  readonly values: readonly string[];
  readonly times: readonly number[];
  readonly ids: readonly string[];
  readonly marks: readonly number[];
  readonly measured: readonly Measured[];
}

/** A digest of everything that decides what a correlation keeps and when it completes. */
export function digestOf(correlation: SigmaCorrelation): string {
  const { type, rules, timespanMs, groupBy, groupFields, condition, places } = correlation;
  const definition = {
    ...{ type, rules: rules.map(({ id }) => id), timespanMs, groupBy, groupFields, condition },
    // Names matter only where an expression uses them.
    places: condition.kind === 'EXPRESSION' ? [...places] : [],
  };
  return createHash('sha256').update(JSON.stringify(definition)).digest('hex');
}

export function saveGroup(group: Group): GroupState {
  const { head } = group;
  return {
    values: group.values,
    times: group.times.slice(head),
    ids: group.ids.slice(head),
    marks: group.marks.slice(head),
    measured: group.measured.slice(head),
  };
}

/** Reads what claims to be a saved state; one of another version holds nothing for us, only something to count. */
export function readState(state: unknown): Pick<CorrelatorState, 'undated' | 'correlations'> {
  const given = asObject(state);
  const correlations = Array.isArray(given['correlations']) ? given['correlations'] : [];
  const read = correlations.map(readCorrelationState);
  const isOurs = given['version'] === STATE_VERSION;
  return {
    undated: isOurs ? countOf(given['undated']) : 0,
    correlations: isOurs ? read : read.map((each) => ({ ...each, digest: '' })),
  };
}

/** What is misshapen gets no digest, so that it fits no correlation. */
function readCorrelationState(state: unknown): CorrelationState {
  const given = asObject(state);
  const groups: unknown[] = Array.isArray(given['groups']) ? given['groups'] : [null];
  const digest = groups.every(isGroupState) ? textOf(given['digest']) : '';
  return {
    ...{ id: textOf(given['id']), digest, groups: groups.filter(isGroupState) },
    late: countOf(given['late']),
    evicted: countOf(given['evicted']),
    cut: countOf(given['cut']),
  };
}

function isGroupState(state: unknown): state is GroupState {
  const { values, times, ids, marks, measured } = asObject(state);
  return (
    isListOf(values, 'string') &&
    isListOf(times, 'number') &&
    isListOf(ids, 'string') &&
    isListOf(marks, 'number') &&
    Array.isArray(measured) &&
    times.length > 0 &&
    ids.length === times.length &&
    marks.length === times.length &&
    (measured.length === 0 || measured.length === times.length) &&
    measured.every((each) => typeof each === 'string' || typeof each === 'number')
  );
}

function isListOf(value: unknown, type: 'string' | 'number'): value is readonly unknown[] {
  return Array.isArray(value) && value.every((each) => typeof each === type);
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function countOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
