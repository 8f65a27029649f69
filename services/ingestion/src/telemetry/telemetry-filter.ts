import { isIP } from 'node:net';
import { InvalidInputError, parseId } from '@vedette/service-kit';

/** How a field's value is compared, always as text; all but CIDR without regard to case. */
export type FieldOperator = 'EQ' | 'IN' | 'PREFIX' | 'CONTAINS' | 'CIDR' | 'EXISTS';

/** What is wanted of one field; `values` has one value at least, and none for `EXISTS`. */
export interface FieldCondition {
  /** A name of Sigma's (the source's own), an OCSF path or an ECS name. */
  readonly field: string;
  readonly op: FieldOperator;
  readonly values: readonly string[];
}

/** Which of one customer's telemetry is wanted; `to` is exclusive. */
export interface TelemetryQuestion {
  readonly customerId: string;
  readonly from: Date;
  readonly to: Date;
  readonly assetId?: string;
  /** Every id under which the asset stands in events; absent: `assetId` alone. */
  readonly assetIds?: readonly string[];
  readonly classUids?: readonly number[];
  readonly connectorId?: string;
  readonly severityAtLeast?: number;
  readonly userName?: string;
  readonly fields?: readonly FieldCondition[];
  /** What the event's search text holds, in lower case. */
  readonly text?: string;
}

/** The asset of a question where events know it by one id; undefined where by several, or where none is wanted. */
export function onlyAssetOf({ assetId, assetIds = [] }: TelemetryQuestion): string | undefined {
  return assetIds.length > 1 ? undefined : assetId;
}

/** A filter as the API takes it; see `TelemetryFilter` in schema.graphql. */
export interface TelemetryFilterInput {
  readonly customerId: string;
  readonly from?: Date | null;
  readonly to?: Date | null;
  readonly assetId?: string | null;
  readonly classUid?: number | null;
  readonly classUids?: readonly number[] | null;
  readonly connectorId?: string | null;
  readonly severityAtLeast?: number | null;
  readonly userName?: string | null;
  readonly fields?: readonly FieldConditionInput[] | null;
  readonly text?: string | null;
}

export interface FieldConditionInput {
  readonly field: string;
  readonly op: FieldOperator;
  readonly value?: string | null;
  readonly values?: readonly string[] | null;
}

const dayMs = 86_400_000;
const maxDays = 31;
const maxConditions = 20;
const maxValues = 200;
const maxClasses = 50;
const maxNameLength = 200;
const maxValueLength = 1_000;
const textLength = { min: 3, max: 200 } as const;

/**
 * Checks a filter.
 * @throws {InvalidInputError} it asks for more than a search may, or for nothing that can be
 */
export function toQuestion(filter: TelemetryFilterInput, now: Date): TelemetryQuestion {
  const { assetId, connectorId, severityAtLeast, userName, fields, text } = filter;
  const classUids = toClassUids(filter);
  return {
    customerId: parseId('filter.customerId', filter.customerId),
    ...toPeriod(filter, now),
    ...(isGiven(assetId) && { assetId: parseId('filter.assetId', assetId) }),
    ...(isGiven(connectorId) && { connectorId: parseId('filter.connectorId', connectorId) }),
    ...(classUids && { classUids }),
    ...(isGiven(severityAtLeast) && { severityAtLeast: toSeverity(severityAtLeast) }),
    ...(isGiven(userName) && { userName: toText('filter.userName', userName, 1, 512) }),
    ...(isGiven(fields) && { fields: toConditions(fields) }),
    ...(isGiven(text) && { text: toSearchText(text) }),
  };
}

/** The period that a filter means; see `TelemetryFilter` in schema.graphql. */
export function toPeriod(
  filter: { readonly from?: Date | null; readonly to?: Date | null },
  now: Date,
): { readonly from: Date; readonly to: Date } {
  const to = filter.to ?? now;
  const from = filter.from ?? new Date(to.getTime() - dayMs);
  const spanMs = to.getTime() - from.getTime();
  if (spanMs <= 0 || spanMs > maxDays * dayMs) {
    throw new InvalidInputError(`'from' must be before 'to', by ${maxDays} days at most.`, [
      { path: 'filter.from', problem: 'empty or too long a period' },
    ]);
  }
  return { from, to };
}

function isGiven<Value>(value: Value | null | undefined): value is Value {
  return value !== null && value !== undefined;
}

function refuse(path: string, problem: string): InvalidInputError {
  return new InvalidInputError(`'${path}' ${problem}.`, [{ path, problem }]);
}

function toClassUids({ classUid, classUids }: TelemetryFilterInput): readonly number[] | null {
  if (isGiven(classUid) && isGiven(classUids)) {
    throw refuse('filter.classUids', "cannot be given beside 'classUid'");
  }
  if (isGiven(classUid)) return [classUid];
  if (!isGiven(classUids)) return null;
  if (classUids.length < 1 || classUids.length > maxClasses) {
    throw refuse('filter.classUids', `must name 1 to ${maxClasses} classes`);
  }
  return classUids;
}

function toSeverity(severity: number): number {
  if (severity < 0 || severity > 6) {
    throw refuse('filter.severityAtLeast', 'must be an OCSF severity id, 0 to 6');
  }
  return severity;
}

function toText(path: string, text: string, min: number, max: number): string {
  if (text.length < min || text.length > max || text.includes('\0') || !text.isWellFormed()) {
    throw refuse(path, `must be a text of ${min} to ${max} characters, without NUL`);
  }
  return text;
}

/** As the search text was made: in lower case. */
function toSearchText(text: string): string {
  const { min, max } = textLength;
  const lower = toText('filter.text', text, min, max).toLowerCase();
  if (lower.trim().length < min) throw refuse('filter.text', `must have ${min} characters`);
  return lower;
}

function toConditions(inputs: readonly FieldConditionInput[]): readonly FieldCondition[] {
  if (inputs.length > maxConditions) {
    throw refuse('filter.fields', `must have ${maxConditions} conditions at most`);
  }
  const conditions = inputs.map((input, n) => toCondition(`filter.fields[${n}]`, input));
  const count = conditions.reduce((sum, { values }) => sum + values.length, 0);
  if (count > maxValues) {
    throw refuse('filter.fields', `must have ${maxValues} values at most, all together`);
  }
  return conditions;
}

function toCondition(path: string, input: FieldConditionInput): FieldCondition {
  const field = toText(`${path}.field`, input.field, 1, maxNameLength);
  const values = toValues(path, input).map((value) =>
    toText(`${path}.values`, value, 0, maxValueLength),
  );
  if (input.op === 'CIDR' && !values.every(isNetwork)) {
    throw refuse(`${path}.values`, 'must be networks, such as 192.0.2.0/24 or 2001:db8::/32');
  }
  return { field, op: input.op, values };
}

function toValues(path: string, { op, value, values }: FieldConditionInput): readonly string[] {
  if (isGiven(value) && isGiven(values)) {
    throw refuse(`${path}.values`, "cannot be given beside 'value'");
  }
  const given = isGiven(value) ? [value] : (values ?? []);
  if (op === 'EXISTS') {
    if (given.length > 0) throw refuse(`${path}.values`, 'means nothing with EXISTS');
    return [];
  }
  if (given.length === 0) throw refuse(`${path}.value`, `is needed with ${op}`);
  if ((op === 'PREFIX' || op === 'CONTAINS') && given.includes('')) {
    throw refuse(`${path}.value`, `must not be empty with ${op}`);
  }
  return given;
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || address.includes('%') || more.length > 0) return false;
  if (bits === undefined) return true;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}
