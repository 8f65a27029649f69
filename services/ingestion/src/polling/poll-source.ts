import type { ConnectorSettings, JsonRecord } from '../connectors/index.ts';
import type { ReadPage } from './poll-page.ts';

export interface OpenedFeed {
  readonly feed: string;
  readonly settings: ConnectorSettings;
  readonly credentials: JsonRecord;
}

/** A product that is polled. */
export interface PollSource {
  /** Signs in where need be, and answers how to read a feed. */
  open(feed: OpenedFeed): Promise<ReadPage>;
  /** What a failure of the source means to people, and how long not to try again; null for any other failure. */
  explain(error: unknown): { readonly message: string; readonly notBeforeSeconds: number } | null;
}
