import type { Fields } from '@vedette/event-model';

import { eventSources } from './event-classes.ts';
import type { ClassRow, EventSource } from './event-classes.ts';
import { readSysmonMessage } from './sysmon-message.ts';

const sources = new Map<string, EventSource>();
for (const source of eventSources) {
  for (const name of source.names) sources.set(name, source).set(name.toLowerCase(), source);
}

const unmapped: ClassRow = [0, 0, 0];
const handleClass = 201003;
const findingClass = 2004;
const registryKeyClass = 201001;

/** What a handle audit (4656, 4663 …) is about, by the kind of object that it names. */
const classOfObject: Readonly<Record<string, number>> = {
  File: 1001,
  Key: registryKeyClass,
  Process: 1007,
};

/** Reading asks for least, so an audit without more detail is a read (file, key) or an open (process). */
const activityOfObject: Readonly<Record<string, number>> = { File: 2, Key: 2, Process: 3 };

/** Sysmon 12 says in words which of its three kinds it is. */
const registryActivities: Readonly<Record<string, number>> = {
  CreateKey: 1,
  DeleteKey: 4,
  DeleteValue: 3,
};

/** OCSF severity by Defender's own (1 low, 2 moderate, 4 high, 5 severe). */
const defenderSeverities: Readonly<Record<string, number>> = { 1: 2, 2: 3, 4: 4, 5: 5 };

/**
 * Class, activity and severity of a Windows event, by its provider, else its channel, and its event id.
 * Event ids are the provider's, so only channels with one provider stand in for it: in System, 7045 of another
 * provider than the service control manager is no new service.
 */
export function classify(fields: Fields): Required<ClassRow> {
  const source = findSource(fields.Provider_Name) ?? findSource(fields.Channel);
  const eventId = fields.EventID;
  const row =
    (typeof eventId === 'number' ? source?.events[eventId] : undefined) ??
    source?.otherwise ??
    unmapped;
  const [classUid, activityId, severityId = 1] = row;
  if (classUid === handleClass) return refineHandle(fields, activityId, severityId);
  if (classUid === registryKeyClass) {
    const activity =
      lookUp(registryActivities, fields.EventType) ??
      lookUp(registryActivities, readSysmonMessage(fields, 'EventType'));
    return [classUid, activity ?? activityId, severityId];
  }
  if (classUid === findingClass) {
    return [classUid, activityId, lookUp(defenderSeverities, fields.SeverityID) ?? severityId];
  }
  return [classUid, activityId, severityId];
}

function findSource(name: unknown): EventSource | undefined {
  return typeof name === 'string'
    ? (sources.get(name) ?? sources.get(name.toLowerCase()))
    : undefined;
}

function lookUp(table: Readonly<Record<string, number>>, key: unknown): number | undefined {
  const isKey = typeof key === 'string' || typeof key === 'number';
  return isKey && Object.hasOwn(table, key) ? table[key] : undefined;
}

function refineHandle(fields: Fields, activityId: number, severityId: number): Required<ClassRow> {
  const classUid = lookUp(classOfObject, fields.ObjectType);
  if (classUid === undefined) return [handleClass, activityId, severityId];
  const activity = activityId === 1 ? lookUp(activityOfObject, fields.ObjectType) : undefined;
  return [classUid, activity ?? activityId, severityId];
}
