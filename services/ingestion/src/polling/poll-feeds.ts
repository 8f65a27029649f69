/** Something that is fetched from a source again and again. */
export interface PollFeed {
  readonly name: string;
  /** From the end of one poll to the start of the next. */
  readonly everySeconds: number;
}

const hour = 3_600;

const feedsByType: Readonly<Record<string, readonly PollFeed[]>> = {
  'sophos-central': [
    { name: 'siem-events', everySeconds: 60 },
    { name: 'siem-alerts', everySeconds: 60 },
    { name: 'detections', everySeconds: 120 },
    { name: 'endpoints', everySeconds: hour },
    { name: 'health-check', everySeconds: 24 * hour },
  ],
};

/** What is fetched for a type of connector; nothing where the source sends by itself. */
export function feedsOf(connectorType: string): readonly PollFeed[] {
  return feedsByType[connectorType] ?? [];
}
