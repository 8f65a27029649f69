import type { Estate } from '../estate.ts';
import type { Random } from '../random.ts';
import { channelRecord, sysmonRecord } from '../windows-record.ts';
import type { WindowsRecord } from '../windows-record.ts';
import type { Machine } from './machine.ts';

/** Where something happens: one machine, a clock that the story moves on, and somewhere to write. */
export interface Stage {
  readonly estate: Estate;
  readonly machine: Machine;
  readonly random: Random;
  /** Epoch ms of what happens next. */
  now: number;
  readonly write: (at: number, record: WindowsRecord) => void;
}

/** Time passes. @returns the new moment */
export function pass(stage: Stage, fromMs: number, toMs: number): number {
  stage.now += stage.random.between(fromMs, toMs);
  return stage.now;
}

/** The same moment on another machine; from here on the two clocks are apart. */
export function elsewhere(stage: Stage, machine: Machine): Stage {
  return { ...stage, machine };
}

/** Writes an event of Sysmon, unless the machine is off by then. @param at epoch ms */
export function sysmon(stage: Stage, eventId: number, fields: WindowsRecord, at = stage.now): void {
  const { host, offAt } = stage.machine;
  if (at > offAt) return;
  stage.write(at, sysmonRecord(host, stage.estate.dnsDomain, at, eventId, fields));
}

/** Channel and provider of an event log. */
export interface EventLog {
  readonly channel: string;
  readonly provider: string;
}

/** Writes an event of any other log, unless the machine is off by then. @param at epoch ms */
export function log(
  stage: Stage,
  { channel, provider }: EventLog,
  eventId: number,
  fields: WindowsRecord,
  at = stage.now,
): void {
  const { host, offAt } = stage.machine;
  if (at > offAt) return;
  const source = { channel, provider, eventId };
  stage.write(at, channelRecord(host, stage.estate.dnsDomain, at, source, fields));
}
