import { GraphQLScalarType, Kind } from 'graphql';
import { InvalidInputError } from './errors.ts';

/** RFC 3339 with a zone: without one, nobody can tell which instant is meant. */
const instantShape = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

function parseInstant(value: unknown): Date {
  const [text = '', day = ''] = typeof value === 'string' ? (instantShape.exec(value) ?? []) : [];
  const date = new Date(text);
  if (Number.isNaN(date.getTime()) || !isDay(day)) {
    throw new InvalidInputError("A DateTime looks like '2026-01-31T08:00:00Z'.");
  }
  return date;
}

/** A Date takes the 31st of any month, and means a day of the next one. */
function isDay(day: string): boolean {
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}

/** `DateTime`: a Date inside, RFC 3339 text in UTC outside. */
export const dateTimeScalar = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  serialize: (value) => (value instanceof Date ? value : new Date(String(value))).toISOString(),
  parseValue: parseInstant,
  parseLiteral: (node) => parseInstant(node.kind === Kind.STRING ? node.value : undefined),
});

/** `JSON`: passes values out as they are. */
export const jsonScalar = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  serialize: (value) => value,
});
