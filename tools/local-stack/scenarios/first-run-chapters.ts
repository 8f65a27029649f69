import { backgroundOf } from '../activity/background/background.ts';
import type { Estate } from '../activity/estate.ts';
import type { WindowsRecord } from '../activity/windows-record.ts';
import { estateOf } from '../first-run/estates.ts';
import { credentialTheft } from './credential-theft.ts';
import { mergeByTime } from './merge-by-time.ts';
import { rmmRansomware } from './rmm-ransomware.ts';

/** What a customer lives through in the demonstration. */
export interface Chapter {
  /** The customer, as companies.ts names it. */
  readonly externalReference: string;
  readonly estate: Estate;
  /** What happens amid its ordinary work; null where nothing does. */
  readonly attack: 'RMM_RANSOMWARE' | 'CREDENTIAL_THEFT' | null;
  /** Epoch ms of the first and last moment. */
  readonly from: number;
  readonly until: number;
  /** In the order of time, and the same each time. */
  records(): Iterable<WindowsRecord>;
}

export interface ChapterOptions {
  /** Epoch ms: up to here everything happens. */
  readonly until: number;
  /** Of ordinary work; an attack comes on top. */
  readonly eventsPerDay: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const seed = 'first run';

/** The five customers of the first provider. Three of them are struck within an hour, and not the other two. */
export function rmmRansomwareChapters({ until, eventsPerDay }: ChapterOptions): Chapter[] {
  const chapter = (externalReference: string, startsAt: number | null): Chapter => {
    const estate = estateOf(externalReference);
    const from = until - 24 * hourMs;
    const day = { estate, from, to: until, seed, eventsPerDay };
    return {
      ...{ externalReference, estate, from, until },
      attack: startsAt === null ? null : 'RMM_RANSOMWARE',
      records: () =>
        startsAt === null
          ? backgroundOf(day)
          : mergeByTime(backgroundOf(day), rmmRansomware({ estate, startsAt, seed })),
    };
  };
  return [
    chapter('NL-1001', until - 55 * minuteMs),
    chapter('NL-1003', until - 36 * minuteMs),
    chapter('NL-1005', until - 19 * minuteMs),
    chapter('NL-1002', null),
    chapter('NL-1004', null),
  ];
}

/** A customer of the other provider, whose passwords are stolen over three days. */
export function credentialTheftChapter({ until, eventsPerDay }: ChapterOptions): Chapter {
  const externalReference = 'AB-2001';
  const estate = estateOf(externalReference);
  const from = until - 72 * hourMs;
  // So that the third night is over wherever the clock stands.
  const startsAt = until - 54 * hourMs;
  const days = { estate, from, to: until, seed, eventsPerDay };
  return {
    ...{ externalReference, estate, from, until, attack: 'CREDENTIAL_THEFT' },
    records: () => mergeByTime(backgroundOf(days), credentialTheft({ estate, startsAt, seed })),
  };
}
