import { parseTime } from '@vedette/event-model';
import type { Fields } from '@vedette/event-model';

/** Hours east of UTC by abbreviation; where several zones share one, the likeliest for these firewalls is first. */
const zones: Readonly<Record<string, readonly number[]>> = {
  UTC: [0],
  GMT: [0],
  WET: [0],
  WEST: [1],
  CET: [1],
  MET: [1],
  MEZ: [1],
  CEST: [2],
  MEST: [2],
  MESZ: [2],
  EET: [2],
  EEST: [3],
  MSK: [3],
  TRT: [3],
  SAST: [2],
  CAT: [2],
  EAT: [3],
  WAT: [1],
  NST: [-3.5],
  NDT: [-2.5],
  EDT: [-4],
  CDT: [-5, -4],
  MDT: [-6],
  PDT: [-7],
  AKST: [-9],
  AKDT: [-8],
  HST: [-10],
  MST: [-7, 8, 6.5],
  BRT: [-3],
  ART: [-3],
  PKT: [5],
  NPT: [5.75],
  WIB: [7],
  ICT: [7],
  HKT: [8],
  SGT: [8],
  MYT: [8],
  PHT: [8],
  AWST: [8],
  JST: [9],
  KST: [9],
  ACST: [9.5],
  ACDT: [10.5],
  AEST: [10],
  AEDT: [11],
  NZST: [12],
  NZDT: [13],
  IST: [5.5, 1, 2],
  BST: [1, 6, 11],
  CST: [-6, 8, -5],
  EST: [-5, 10],
  PST: [-8, 8],
  AST: [-4, 3],
  ADT: [-3, 4],
  GST: [4, -2],
  SST: [8, -11],
};

const hourMs = 3_600_000;
/** A clock further ahead than this is wrong. */
const maxAheadMs = 366 * 24 * hourMs;
/** How near a time is to its receipt if it is right and the line was not held up. */
const nearMs = 15 * 60_000;

/**
 * When a line says that it happened, epoch milliseconds; null where it does not, or says a time far in the future.
 * The newer format tells its offset. The older one names its zone by an abbreviation that may mean several: then the
 * customer's zone decides, else the one zone by which the line was just received, else the likeliest.
 * @param timeZone IANA name; must be one
 */
export function readDeviceTime(
  fields: Fields,
  receivedAt: number,
  timeZone: string | undefined,
): number | null {
  const time = readTime(fields, receivedAt, timeZone);
  return time !== null && time >= 0 && time <= receivedAt + maxAheadMs ? time : null;
}

function readTime(
  { timestamp, date, time, timezone }: Fields,
  receivedAt: number,
  timeZone: string | undefined,
): number | null {
  if (typeof timestamp === 'string') {
    const local = parseTime(timestamp);
    const hasZone = /(?:Z|[+-]\d\d:?\d?\d?)$/i.test(timestamp.slice(19));
    return local === null || hasZone ? local : inZone(local, timeZone);
  }
  if (typeof date !== 'string' || typeof time !== 'string') return null;
  const local = parseTime(`${date} ${time}`);
  if (local === null || typeof timezone !== 'string') return local && inZone(local, timeZone);
  const hours = hoursOf(timezone);
  const only = hours.length === 1 ? hours[0] : undefined;
  if (only !== undefined) return local - only * hourMs;
  if (hours.length === 0 || timeZone !== undefined) return inZone(local, timeZone);
  const times = hours.map((each) => local - each * hourMs);
  return times.find((each) => Math.abs(each - receivedAt) <= nearMs) ?? times[0] ?? local;
}

/** The offsets that a zone's text may mean; empty where it is unknown. */
function hoursOf(zone: string): readonly number[] {
  const known = zones[zone];
  if (known !== undefined && Object.hasOwn(zones, zone)) return known;
  const offset = /^(?:UTC|GMT)?([+-])(\d{1,2}):?(\d\d)?$/.exec(zone);
  if (offset === null) return [];
  const hours = Number(offset[2]) + Number(offset[3] ?? 0) / 60;
  return hours > 14 ? [] : [offset[1] === '-' ? -hours : hours];
}

/** Offsets by zone and hour; cleared when there are many, since lines come in the order of time. */
const offsets = new Map<string, number>();
const maxOffsets = 1_000;

/** Epoch milliseconds of a wall-clock time (given as if it were UTC) in a zone; UTC where none is set. */
function inZone(local: number, timeZone: string | undefined): number {
  if (timeZone === undefined) return local;
  const key = `${timeZone} ${Math.floor(local / hourMs)}`;
  let offset = offsets.get(key);
  if (offset === undefined) {
    // Twice: the first guess may lie on the other side of a change of the clocks.
    const guess = local - offsetAt(local, timeZone);
    offset = offsetAt(guess, timeZone);
    if (offsets.size >= maxOffsets) offsets.clear();
    offsets.set(key, offset);
  }
  return local - offset;
}

function offsetAt(time: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  }).formatToParts(time);
  const part = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((each) => each.type === type)?.value ?? 0);
  const wall = Date.UTC(
    ...([part('year'), part('month') - 1, part('day')] as const),
    ...([part('hour'), part('minute'), part('second')] as const),
  );
  return wall - Math.floor(time / 1000) * 1000;
}
