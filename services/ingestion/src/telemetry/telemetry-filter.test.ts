import { describe, expect, it } from '@jest/globals';
import { InvalidInputError } from '@vedette/service-kit';
import { toPeriod, toQuestion } from './telemetry-filter.ts';
import type { FieldConditionInput, TelemetryFilterInput } from './telemetry-filter.ts';

const now = new Date('2026-03-31T12:00:00Z');

describe('the period of a telemetry search', () => {
  it('is the last 24 hours unless something else is said', () => {
    expect(toPeriod({}, now)).toEqual({ from: new Date('2026-03-30T12:00:00Z'), to: now });
    expect(toPeriod({ to: new Date('2026-03-02T00:00:00Z') }, now).from).toEqual(
      new Date('2026-03-01T00:00:00Z'),
    );
  });

  it('has 31 days at most and is not empty', () => {
    const from = new Date('2026-03-01T00:00:00Z');
    expect(() => toPeriod({ from, to: new Date('2026-04-01T00:00:00Z') }, now)).not.toThrow();
    expect(() => toPeriod({ from, to: new Date('2026-04-01T00:00:01Z') }, now)).toThrow(
      InvalidInputError,
    );
    expect(() => toPeriod({ from, to: from }, now)).toThrow(InvalidInputError);
  });
});

describe('a filter of telemetry', () => {
  const customerId = '0197c000-0000-7000-8000-000000000001';
  const question = (filter: Partial<TelemetryFilterInput>) =>
    toQuestion({ customerId, ...filter }, now);
  const refusal = (filter: Partial<TelemetryFilterInput>): string => {
    try {
      question(filter);
    } catch (error) {
      if (error instanceof InvalidInputError) return error.message;
      throw error;
    }
    return 'taken';
  };
  const field = (input: Partial<FieldConditionInput>) => ({
    fields: [{ field: 'Image', op: 'EQ' as const, ...input }],
  });

  it('asks for what it says and nothing else', () => {
    expect(question({})).toEqual({
      customerId,
      from: new Date('2026-03-30T12:00:00Z'),
      to: now,
    });
    expect(
      question({
        ...field({ op: 'IN', values: ['a', 'b'] }),
        classUid: 1007,
        severityAtLeast: 3,
        text: 'Cmd.EXE',
      }),
    ).toMatchObject({
      fields: [{ field: 'Image', op: 'IN', values: ['a', 'b'] }],
      classUids: [1007],
      severityAtLeast: 3,
      text: 'cmd.exe',
    });
  });

  it.each<[string, Partial<TelemetryFilterInput>]>([
    ["'filter.text'", { text: 'ab' }],
    ["'filter.text'", { text: 'x'.repeat(201) }],
    ["'filter.text'", { text: '  a  ' }],
    ["'filter.text'", { text: 'a\0bc' }],
    ["'filter.fields[0].value' is needed", field({})],
    ["'filter.fields[0].values'", field({ value: 'a', values: ['b'] })],
    ["'filter.fields[0].values' means nothing", field({ op: 'EXISTS', value: 'a' })],
    ["'filter.fields[0].value' must not be empty", field({ op: 'PREFIX', value: '' })],
    ["'filter.fields[0].field'", field({ field: '', value: 'a' })],
    ["'filter.fields[0].values'", field({ value: 'x'.repeat(1_001) })],
    ["'filter.fields' must have 200 values", field({ op: 'IN', values: Array(201).fill('a') })],
    [
      "'filter.fields' must have 20 conditions",
      { fields: Array.from({ length: 21 }, () => ({ field: 'a', op: 'EXISTS' as const })) },
    ],
    ["'filter.classUids'", { classUid: 1, classUids: [2] }],
    ["'filter.classUids'", { classUids: [] }],
    ["'filter.severityAtLeast'", { severityAtLeast: 7 }],
    ["'filter.userName'", { userName: '' }],
  ])('is refused with the place that is wrong: %s', (message, filter) => {
    expect(refusal(filter)).toContain(message);
  });

  it.each(['192.0.2.0/24', '192.0.2.1', '2001:db8::/32', '::/0', '0.0.0.0/0'])(
    'takes the network %s',
    (network) => {
      expect(refusal(field({ op: 'CIDR', value: network }))).toBe('taken');
    },
  );

  it.each([
    '192.0.2.0/33',
    '192.0.2/24',
    'x',
    '',
    '192.0.2.0/',
    '1.2.3.4/8/8',
    'fe80::1%eth0',
    '::/129',
  ])('refuses %j for a network', (network) => {
    expect(refusal(field({ op: 'CIDR', value: network }))).toContain('must be networks');
  });
});
