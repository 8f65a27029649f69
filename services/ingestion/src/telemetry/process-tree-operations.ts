import { fieldNamesOf, findFieldByName } from '@vedette/event-model';
import { NotFoundError, parseId } from '@vedette/service-kit';
import type { OperationContext, Transaction } from '@vedette/service-kit';
import { buildProcessTree } from './process-tree.ts';
import type { ProcessFacts, ProcessTree } from './process-tree.ts';
import { readTelemetry, toLookUp } from './telemetry-operations.ts';
import type { EventReference } from './telemetry-operations.ts';
import { withinSearchTime } from './telemetry-search.ts';
import { findTelemetryEvent } from './telemetry-store.ts';
import type { TelemetryRow } from './telemetry-store.ts';

/** How far before and after the event starts of processes are looked for. */
const reachMs = 86_400_000;
/** Starts that are looked at, nearest in time first. */
const maxLaunches = 20_000;

/** OCSF's Process Activity, and its activity of a start. */
const processClass = 1007;
const launchActivity = 1;

/**
 * The processes around an event of one: those above it and those below it on its host, as far as they started
 * within a day of it.
 * @throws {NotFoundError} there is no such event, or the viewer does not reach its customer
 * @throws {SearchTooLongError} it took longer than ten seconds
 */
export function getProcessTree(
  ctx: OperationContext,
  reference: EventReference,
): Promise<ProcessTree> {
  const customerId = parseId('customerId', reference.customerId);
  const eventId = parseId('eventId', reference.id);
  return readTelemetry(ctx, customerId, async (tx) => {
    const period = toLookUp(reference.occurredAt ?? null, ctx.clock());
    const row = await findTelemetryEvent(tx, { customerId, eventId }, period);
    if (!row) throw new NotFoundError('TelemetryEvent', eventId);
    const launches = await listLaunches(tx, row);
    const source = launches.find((each) => each.eventId === row.eventId)?.source;
    const { nodes, isComplete } = buildProcessTree(
      toFacts({ ...row, source: source ?? (await findSource(tx, row)) }),
      launches.map(toFacts),
    );
    return { nodes, isComplete: isComplete && launches.length < maxLaunches };
  });
}

type Launch = Pick<TelemetryRow, 'eventId' | 'occurredAt' | 'userName' | 'classUid'> & {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly source: string | null;
};

const paths = {
  uid: ['process.uid', 'actor.process.uid'],
  pid: ['process.pid', 'actor.process.pid'],
  image: ['process.file.path', 'actor.process.file.path', 'process.name'],
  commandLine: ['process.cmd_line', 'actor.process.cmd_line'],
  parentUid: ['process.parent_process.uid'],
  parentPid: ['process.parent_process.pid'],
  parentImage: ['process.parent_process.file.path'],
  parentCommandLine: ['process.parent_process.cmd_line'],
} as const;

/** All names that any source has for these, so that no more than these leaves PostgreSQL. */
const names = [...new Set(['EventID', ...Object.values(paths).flat().flatMap(fieldNamesOf)])];

async function listLaunches(tx: Transaction, row: TelemetryRow): Promise<readonly Launch[]> {
  if (row.assetId === null) return [];
  const at = row.occurredAt.getTime();
  return withinSearchTime(tx, () =>
    tx.query(
      `select e.event_id as "eventId", e.occurred_at as "occurredAt", e.user_name as "userName",
              e.class_uid as "classUid", c.type as source,
              coalesce((select jsonb_object_agg(f.key, f.value) from jsonb_each(e.fields) as f
                        where f.key = any ($5::text[])), '{}') as fields
       from telemetry_events e
       left join connectors c on c.customer_id = e.customer_id and c.connector_id = e.connector_id
       where e.customer_id = $1 and e.asset_id = $2 and e.occurred_at >= $3 and e.occurred_at < $4
         and e.class_uid = ${processClass} and e.activity_id = ${launchActivity}
       order by abs(extract(epoch from e.occurred_at - $6::timestamptz)) limit ${maxLaunches}`,
      [
        row.customerId,
        row.assetId,
        new Date(at - reachMs),
        new Date(at + reachMs),
        names,
        row.occurredAt,
      ],
    ),
  );
}

/** The connector type that read an event; null where its connector is no more. */
async function findSource(
  tx: Transaction,
  { customerId, connectorId }: TelemetryRow,
): Promise<string | null> {
  const rows: { source: string }[] = await tx.query(
    'select type as source from connectors where customer_id = $1 and connector_id = $2',
    [customerId, connectorId],
  );
  return rows[0]?.source ?? null;
}

function toFacts(event: Omit<Launch, 'fields'> & { readonly fields: unknown }): ProcessFacts {
  const { eventId, occurredAt, userName, classUid, source } = event;
  const fields = event.fields as Readonly<Record<string, unknown>>;
  const kind = { classUid, eventId: fields['EventID'], ...(source === null ? {} : { source }) };
  const read = (wanted: readonly string[]): string | null => {
    for (const path of wanted) {
      const entry = findFieldByName('ocsf', kind, path);
      const value = entry ? fields[entry.sigma] : fields[path];
      if (typeof value === 'string' && value !== '') return value;
      if (typeof value === 'number') return String(value);
    }
    return null;
  };
  const readPid = (wanted: readonly string[]): string | null => {
    const text = read(wanted);
    // Windows' audit writes numbers of processes in hexadecimal, Sysmon in decimal.
    return text !== null && /^(0x[0-9a-f]+|\d+)$/i.test(text) ? String(Number(text)) : text;
  };
  return {
    ...{ eventId, occurredAt, userName },
    uid: read(paths.uid),
    pid: readPid(paths.pid),
    image: read(paths.image),
    commandLine: read(paths.commandLine),
    parent: {
      uid: read(paths.parentUid),
      pid: readPid(paths.parentPid),
      image: read(paths.parentImage),
      commandLine: read(paths.parentCommandLine),
    },
  };
}
