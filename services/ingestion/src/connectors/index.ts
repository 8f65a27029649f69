import type { NormalisedEvent } from '@vedette/event-model';

import { parseWindowsEvent } from './windows-events/parse-windows-event.ts';

export { unwrapSyslogJson } from './syslog-json.ts';

/** Turns one record of a connector, already parsed JSON, into an event; never throws for an object. */
export type Parser = (
  record: Readonly<Record<string, unknown>>,
  /** Epoch milliseconds; the event's time where the record tells none. */
  receivedAt: number,
) => NormalisedEvent;

const parsers = {
  'windows-events': parseWindowsEvent,
} as const satisfies Readonly<Record<string, Parser>>;

/** A kind of source that we can read. */
export type ConnectorType = keyof typeof parsers;

/** Every kind of source that we can read. */
export const connectorTypes: readonly ConnectorType[] = ['windows-events'];

/** Tells whether a text names a connector type. */
export function isConnectorType(value: unknown): value is ConnectorType {
  return connectorTypes.some((type) => type === value);
}

/** The parser of a connector type. */
export function parserFor(type: ConnectorType): Parser {
  return parsers[type];
}
