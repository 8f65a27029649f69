import type { Fields, FieldValue } from '@vedette/event-model';

/** What a line means: OCSF class, activity and severity, and what the firewall did (OCSF `disposition_id`). */
export interface Verdict {
  readonly classUid: number;
  readonly activityId: number;
  readonly severityId: number;
  readonly dispositionId?: number;
  readonly outcome?: 'success' | 'failure';
}

export interface Line {
  readonly fields: Fields;
  readonly component: string;
  readonly subtype: string;
  /** What the device thinks of it: 1 to 4. */
  readonly severityId: number;
  readonly dispositionId: number | undefined;
}

/** OCSF classes. */
export const network = 4001;
export const web = 4002;
export const ftp = 4008;
export const dhcp = 4004;
export const email = 4009;
export const tunnel = 4014;
export const finding = 2004;
export const authentication = 3002;
export const deviceState = 5019;

/** OCSF `disposition_id`. */
export const allowed = 1;
export const blocked = 2;
export const quarantined = 3;
export const detected = 15;
export const alerted = 19;

export const info = 1;
export const low = 2;
export const medium = 3;
export const high = 4;

/** A word in lower case; longer text is none. */
export function lower(value: FieldValue | undefined): string {
  return typeof value === 'string' && value.length <= 128 ? value.toLowerCase() : '';
}

/** OCSF's activities of HTTP. */
const methods: Readonly<Record<string, number>> = {
  connect: 1,
  delete: 2,
  get: 3,
  head: 4,
  options: 5,
  post: 6,
  put: 7,
};

/** OCSF's activity of a request; 0 where no method is told. */
export function methodOf({ method, http_method: other }: Fields): number {
  const word = lower(method ?? other);
  if (word === '') return 0;
  return Object.hasOwn(methods, word) ? (methods[word] ?? 99) : 99;
}
