import type { ServiceDependencies } from '@vedette/service-kit';
import { createCredentialSafe } from '../connector/credential-safe.ts';
import { recordGap } from '../health/record-gap.ts';
import type { Intake } from '../intake/intake-parts.ts';
import { startPoller } from './poller.ts';
import { createSeenRecords } from './seen-records.ts';
import { createSophosSource } from './sophos-central/sophos-source.ts';

/** A page of a thousand records at the slowest pace, signing in included, takes half of it. */
const leaseMs = 180_000;

/** What of the process's settings concerns polls. */
export interface PollingSettings {
  readonly POLLS_ALLOW_LOOPBACK: boolean;
  readonly SECRETS_KEY_FILE?: string | undefined;
}

/** Fetches from what is polled until the service stops. */
export function startPolling(
  { POLLS_ALLOW_LOOPBACK: allowSimulators, SECRETS_KEY_FILE }: PollingSettings,
  { publisher, quarantine, database, clock, logger }: Intake,
  { shutdown }: Pick<ServiceDependencies, 'shutdown'>,
): void {
  // Where no credentials can be opened, none were taken.
  if (SECRETS_KEY_FILE === undefined) return;
  const poller = startPoller(
    {
      ...{ database, publisher, quarantine, clock, logger, recordGap, leaseMs },
      credentialSafe: createCredentialSafe(SECRETS_KEY_FILE),
      sources: { 'sophos-central': createSophosSource({ allowSimulators }) },
      seen: createSeenRecords(),
    },
    { concurrency: 4, tickMs: 1_000 },
  );
  shutdown.add('consumers', 'poller', poller.stop);
}
