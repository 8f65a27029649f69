import { fieldNamesOf } from '@vedette/event-model';
import { InvalidInputError } from '@vedette/service-kit';
import type { OperationContext, Transaction } from '@vedette/service-kit';
import { columnOf, createParameters, toConditions } from './telemetry-conditions.ts';
import type { Parameters } from './telemetry-conditions.ts';
import { onlyAssetOf, toQuestion } from './telemetry-filter.ts';
import type { TelemetryFilterInput, TelemetryQuestion } from './telemetry-filter.ts';
import { readTelemetry, withAssetIds } from './telemetry-operations.ts';
import { withinSearchTime } from './telemetry-search.ts';

/** What events are counted by: hours or days (UTC) in which there are any, or values of a field. */
export type TelemetryGrouping = 'HOUR' | 'DAY' | 'FIELD';

export interface CountTelemetryArguments {
  readonly filter: TelemetryFilterInput;
  readonly by: TelemetryGrouping;
  readonly field?: string | null;
  readonly first?: number | null;
}

export interface TelemetryCount {
  /** The time as RFC 3339 text, or the value. */
  readonly key: string;
  readonly count: number;
}

export interface TelemetryCounts {
  readonly counts: readonly TelemetryCount[];
  /** False where a text matched more events than are counted: then these are the latest. */
  readonly isComplete: boolean;
}

/** 31 days have so many hours, and one more where they do not begin with one. */
const maxTimes = 745;
const maxValues = 100;
const usualValues = 10;
const maxKeyLength = 1_000;
/** Events with a text that are counted at most. */
const maxTexts = 50_000;

/**
 * How many events a filter means, by time or by a field's values (most frequent first).
 * @throws {NotFoundError} the viewer does not reach the customer
 * @throws {InvalidInputError} the filter is not one that can be searched for, or there is no field to count by
 * @throws {SearchTooLongError} counting took longer than ten seconds
 */
export async function countTelemetry(
  ctx: OperationContext,
  args: CountTelemetryArguments,
): Promise<TelemetryCounts> {
  const question = toQuestion(args.filter, ctx.clock());
  const group = toGroup(args);
  return readTelemetry(ctx, question.customerId, async (tx) =>
    countRows(tx, await withAssetIds(tx, question), group),
  );
}

type Group =
  | { readonly by: 'HOUR' | 'DAY' }
  | { readonly by: 'FIELD'; readonly field: string; readonly first: number };

function toGroup({ by, field, first }: CountTelemetryArguments): Group {
  const limit = first ?? usualValues;
  if (limit < 1 || limit > maxValues) throw refuse('first', `must be from 1 to ${maxValues}`);
  if (by !== 'FIELD') {
    if (field !== null && field !== undefined) throw refuse('field', 'is for counts by FIELD');
    return { by };
  }
  if (!field || field.length > 200 || field.includes('\0') || !field.isWellFormed()) {
    throw refuse('field', 'must name a field, for counts by FIELD');
  }
  return { by, field, first: limit };
}

function refuse(path: string, problem: string): InvalidInputError {
  return new InvalidInputError(`'${path}' ${problem}.`, [{ path, problem }]);
}

async function countRows(
  tx: Transaction,
  question: TelemetryQuestion,
  group: Group,
): Promise<TelemetryCounts> {
  return withinSearchTime(tx, async () => {
    const parameters = createParameters();
    const conditions = toConditions(question, parameters);
    const key = toKey(group, parameters);
    const sql = `
      with texts as materialized (${selectTexts(question, parameters)}),
      counted as (
        select ${key} as key, count(*)::int as count
        from telemetry_events e ${question.text === undefined ? '' : joinTexts}
        where ${conditions.join(' and ')} group by 1)
      select key, count, (select count(*)::int from texts) as texts from counted where key is not null
      order by ${group.by === 'FIELD' ? 'count desc, key' : 'key'}
      limit ${parameters.add(group.by === 'FIELD' ? group.first : maxTimes)}`;
    const rows = await tx.query<(TelemetryCount & { readonly texts: number })[]>(
      sql,
      parameters.values,
    );
    return {
      counts: rows.map(({ key: each, count }) => ({ key: each, count })),
      isComplete: (rows[0]?.texts ?? 0) < maxTexts,
    };
  });
}

const joinTexts = 'join texts on e.occurred_at = texts.occurred_at and e.event_id = texts.event_id';

function selectTexts(question: TelemetryQuestion, { add }: Parameters): string {
  const { customerId, from, to, text } = question;
  const assetId = onlyAssetOf(question);
  if (text === undefined) return 'select where false';
  const places = [customerId, text, null, assetId ?? null, from, to].map((value) => add(value));
  return `select * from search_telemetry_texts(${places.join(', ')}, null, null, ${maxTexts})`;
}

/** What an event is counted under; null: it is not counted. */
function toKey(group: Group, { add }: Parameters): string {
  if (group.by !== 'FIELD') {
    return `to_char(date_trunc('${group.by}', e.occurred_at, 'UTC') at time zone 'UTC',
                    'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
  }
  const column = columnOf(group.field);
  const names = fieldNamesOf(group.field).map((name) => `nullif(e.fields ->> ${add(name)}, '')`);
  const values = column === undefined ? names : [column, ...names];
  return `left(coalesce(${values.join(', ')}), ${maxKeyLength})`;
}
