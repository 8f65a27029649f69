import { cutMark, fieldNamesOf, isHotName } from '@vedette/event-model';
import { AppError } from '@vedette/service-kit';
import type { Position, Transaction } from '@vedette/service-kit';
import { QueryFailedError } from 'typeorm';
import { createParameters, toConditions } from './telemetry-conditions.ts';
import { onlyAssetOf } from './telemetry-filter.ts';
import type { FieldOperator, TelemetryQuestion } from './telemetry-filter.ts';

/** An event's place in the list and its weight, which PostgreSQL knows without reading the text. */
export interface Place {
  readonly occurredAt: Date;
  readonly eventId: string;
  readonly rawBytes: number;
}

/** A place after which a list goes on. */
export type After = Position<['TIME', 'ID']> | undefined;

const searchTimeoutMs = 10_000;

/** A search looked through more than ten seconds allow. */
class SearchTooLongError extends AppError {
  override readonly code = 'OPERATION_TOO_EXPENSIVE';

  constructor(cause: unknown) {
    super(
      'The search took longer than ten seconds. Ask for a shorter period, an asset, a class or a rarer text.',
      { details: { maxSeconds: searchTimeoutMs / 1_000 }, cause },
    );
  }
}

/**
 * Runs a search that ends after ten seconds, however many statements it has: each says `limitTime` before.
 * @throws {SearchTooLongError} it took longer
 */
export async function withinSearchTime<Found>(
  tx: Transaction,
  search: (limitTime: () => Promise<void>) => Promise<Found>,
): Promise<Found> {
  const endsAt = performance.now() + searchTimeoutMs;
  const limitTime = async (): Promise<void> => {
    // Zero would mean no limit.
    const left = Math.max(1, Math.ceil(endsAt - performance.now()));
    await tx.query(
      `select set_config('statement_timeout', $1, true), set_config('jit', 'off', true)`,
      [String(left)],
    );
  };
  await limitTime();
  try {
    return await search(limitTime);
  } catch (error) {
    if (isTimeout(error)) throw new SearchTooLongError(error);
    throw error;
  }
}

/** PostgreSQL's `query_canceled`, which is what a statement timeout ends in. */
function isTimeout(error: unknown): boolean {
  return (
    error instanceof QueryFailedError &&
    (error.driverError as { readonly code?: string }).code === '57014'
  );
}

/**
 * Where events are that answer a question, latest first and up to `limit`.
 * @param eventId only this event
 */
export function findPlaces(
  tx: Transaction,
  question: TelemetryQuestion,
  after: After,
  limit: number,
  limitTime: () => Promise<void>,
  eventId?: string,
): Promise<readonly Place[]> {
  const text = eventId === undefined ? toWantedText(question) : null;
  return text === null
    ? findByDay(tx, question, after, limit, limitTime, eventId)
    : findByText(tx, { question, text }, after, limit, limitTime);
}

interface WantedText {
  readonly text: string;
  /** Texts that lack something are wanted as well, since their events may have it. */
  readonly orMark: string | null;
}

/** A shorter one stands in so many events that an index helps little. */
const minHintLength = 4;

/**
 * What must stand in the texts of the wanted events: what is asked for, or a value that a hot field must hold, which
 * then is looked up first. On one host the events themselves are few enough.
 */
function toWantedText({ text, assetId, fields = [] }: TelemetryQuestion): WantedText | null {
  if (text !== undefined) return { text, orMark: null };
  if (assetId !== undefined) return null;
  const [longest = ''] = fields
    .filter(({ field, op }) => textOperators.has(op) && isTextField(field))
    .flatMap(({ values: [value = '', ...more] }) =>
      more.length === 0 && isTextOnly(value) ? [value.toLowerCase()] : [],
    )
    .toSorted((a, b) => b.length - a.length);
  return longest.length < minHintLength ? null : { text: longest, orMark: cutMark };
}

const textOperators: ReadonlySet<FieldOperator> = new Set(['EQ', 'IN', 'PREFIX', 'CONTAINS']);

/** Texts hold no numbers and booleans, which a field may have as such. */
function isTextOnly(value: string): boolean {
  return Number.isNaN(Number(value)) && !/^(true|false)$/i.test(value);
}

function isTextField(field: string): boolean {
  return fieldNamesOf(field).every(isHotName);
}

/**
 * A day after the other, latest first: a page that is full early needs no older partition, while one statement over
 * all would look for the first event of each.
 */
async function findByDay(
  tx: Transaction,
  question: TelemetryQuestion,
  after: After,
  limit: number,
  limitTime: () => Promise<void>,
  eventId: string | undefined,
): Promise<readonly Place[]> {
  const found: Place[] = [];
  const to = after
    ? new Date(Math.min(question.to.getTime(), after[0].getTime() + 1))
    : question.to;
  for (const period of toDays(question.from, to)) {
    const { values, add } = createParameters();
    const conditions = toConditions({ ...question, ...period }, { values, add });
    if (after) {
      conditions.push(
        `(e.occurred_at, e.event_id) < (${add(after[0])}::timestamptz, ${add(after[1])}::uuid)`,
      );
    }
    if (eventId !== undefined) conditions.push(`e.event_id = ${add(eventId)}`);
    const sql = `${selectPlaces} where ${conditions.join(' and ')} ${latestFirst} limit ${add(limit - found.length)}`;
    found.push(...(await tx.query<Place[]>(sql, values)));
    if (found.length >= limit) break;
    await limitTime();
  }
  return found;
}

const selectPlaces = `
  select e.occurred_at as "occurredAt", e.event_id as "eventId", octet_length(e.raw) as "rawBytes"
  from telemetry_events e`;
const latestFirst = 'order by e.occurred_at desc, e.event_id desc';

const dayMs = 86_400_000;
/** Periods are 31 days at most; whoever asks for more has what lies before in one. */
const maxDays = 33;

/** The UTC days of a period, latest first, the first and the last as far as they belong to it. */
function* toDays(from: Date, to: Date): Generator<{ readonly from: Date; readonly to: Date }> {
  let end = to.getTime();
  for (let day = 1; end > from.getTime(); day += 1) {
    const midnight = Math.floor((end - 1) / dayMs) * dayMs;
    const start = day < maxDays ? Math.max(midnight, from.getTime()) : from.getTime();
    yield { from: new Date(start), to: new Date(end) };
    end = start;
  }
}

/** Places of texts that are looked up at a time where other conditions may turn most of them down. */
const textsAtOnce = 1_000;

interface TextQuestion {
  readonly question: TelemetryQuestion;
  readonly text: WantedText;
}

/** First the texts, which have an index for that, then what else is asked of their events. */
async function findByText(
  tx: Transaction,
  { question, text }: TextQuestion,
  after: After,
  limit: number,
  limitTime: () => Promise<void>,
): Promise<readonly Place[]> {
  const found: Place[] = [];
  const atOnce = asksMoreThanText(question) ? textsAtOnce : limit;
  let last = after;
  while (found.length < limit) {
    const texts = await searchTexts(tx, { question, text }, last, atOnce);
    const end = texts.at(-1);
    if (!end) break;
    await limitTime();
    found.push(...(await keepMatching(tx, question, texts, limit - found.length)));
    if (texts.length < atOnce) break;
    last = [end.occurredAt, end.eventId];
    await limitTime();
  }
  return found;
}

function asksMoreThanText(question: TelemetryQuestion): boolean {
  const { classUids, connectorId, severityAtLeast, userName, fields = [] } = question;
  const others = [classUids, connectorId, severityAtLeast, userName];
  return fields.length > 0 || others.some((each) => each !== undefined);
}

type TextPlace = Pick<Place, 'occurredAt' | 'eventId'>;

/** Places of the latest texts that hold the wanted one. */
async function searchTexts(
  tx: Transaction,
  { question, text: { text, orMark } }: TextQuestion,
  after: After,
  limit: number,
): Promise<readonly TextPlace[]> {
  const { customerId, from, to } = question;
  const assetId = onlyAssetOf(question);
  const place = after ?? [null, null];
  return tx.query(
    `select occurred_at as "occurredAt", event_id as "eventId"
     from search_telemetry_texts($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [customerId, text, orMark, assetId ?? null, from, to, ...place, limit],
  );
}

async function keepMatching(
  tx: Transaction,
  question: TelemetryQuestion,
  texts: readonly TextPlace[],
  limit: number,
): Promise<readonly Place[]> {
  const times = texts.map(({ occurredAt }) => occurredAt);
  const [latest = question.to] = times;
  const narrow = { from: times.at(-1) ?? question.from, to: new Date(latest.getTime() + 1) };
  const { values, add } = createParameters();
  const conditions = toConditions({ ...question, ...narrow }, { values, add });
  const ids = add(texts.map(({ eventId }) => eventId));
  const sql = `${selectPlaces}
    join unnest(${add(times)}::timestamptz[], ${ids}::uuid[]) as text (occurred_at, event_id)
      on e.occurred_at = text.occurred_at and e.event_id = text.event_id
    where ${conditions.join(' and ')} ${latestFirst} limit ${add(limit)}`;
  return tx.query(sql, values);
}
