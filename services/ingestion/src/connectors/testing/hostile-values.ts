import fc from 'fast-check';

type Json = Readonly<Record<string, unknown>>;

/** Keys that every JavaScript object has, and keys that parsers look into. */
const commonNames = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length'],
  ...['Name', 'Value', 'id', 'type', 'properties', 'items', 'data', 'time', 'severity'],
];

const scalars = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    'a\0b',
    '\ud800',
    '-',
    '',
    'n/a',
    '<null>',
    '[{"Name":1}]',
    '{"a":{"b":[]}}',
    '{',
  ),
  fc.constantFrom('2026-01-31T12:00:00Z', '192.0.2.1:80', '[::1]:1', 'True'),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
);

/**
 * Records as they arrive from JSON (`__proto__` is an own key): any at all, and given ones with some of their
 * values replaced by anything.
 */
export function aHostileRecord(shapes: readonly Json[]): fc.Arbitrary<Json> {
  const ownNames = shapes.flatMap((shape) => Object.keys(shape));
  const names = fc.oneof(
    fc.constantFrom(...commonNames, ...ownNames),
    fc.string({ unit: 'binary' }),
  );
  const { value: values, record: records } = fc.letrec<{ value: unknown; record: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 6 },
      scalars,
      fc.array(tie('value'), { maxLength: 4 }),
      tie('record'),
    ),
    record: fc.dictionary(names, tie('value'), { maxKeys: 6 }),
  }));
  const damaged = fc
    .tuple(
      fc.constantFrom(...shapes),
      fc.dictionary(fc.constantFrom(...ownNames), values, { maxKeys: 4 }),
    )
    .map(([shape, more]) => ({ ...shape, ...more }));
  return fc.oneof(records, damaged).map((record) => JSON.parse(JSON.stringify(record)) as Json);
}

/** JSON texts that nest as deep as JSON allows, and some that are as wide as a line. */
export const deepTexts: readonly string[] = [
  `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
  `${'['.repeat(5000)}1${']'.repeat(5000)}`,
  `${'{"techniques":'.repeat(5000)}1${'}'.repeat(5000)}`,
  JSON.stringify(
    Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`k${String(at)}`, { id: at }])),
  ),
  JSON.stringify(Array.from({ length: 5000 }, (_, at) => ({ Name: `n${String(at)}`, Value: at }))),
];

/** What those texts hold. */
export const deepValues: readonly unknown[] = deepTexts.map((text) => JSON.parse(text) as unknown);
