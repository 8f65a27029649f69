import { CentralFailure } from '../../connectors/sophos-central/client/central-failure.ts';
import { createSophosCentralClients } from '../../connectors/sophos-central/client/sophos-central-client.ts';
import type { ClientsOptions } from '../../connectors/sophos-central/client/sophos-central-client.ts';
import {
  sophosCredentials,
  sophosSettings,
} from '../../connectors/sophos-central/sophos-settings.ts';
import type { PollSource } from '../poll-source.ts';
import { readDetectionsFeed } from './read-detections-feed.ts';
import { readEndpointsFeed, readHealthFeed } from './read-estate-feeds.ts';
import { readSiemFeed } from './read-siem-feed.ts';

const minute = 60;

/** Sophos Central as something to poll. */
export function createSophosSource(options: ClientsOptions): PollSource {
  const clients = createSophosCentralClients(options);
  return {
    open: async ({ feed, settings, credentials }) => {
      const client = await clients.of(
        sophosCredentials.parse(credentials),
        sophosSettings.parse(settings),
      );
      switch (feed) {
        case 'siem-events':
          return readSiemFeed(client, 'events');
        case 'siem-alerts':
          return readSiemFeed(client, 'alerts');
        case 'detections':
          return readDetectionsFeed(client);
        case 'endpoints':
          return readEndpointsFeed(client);
        case 'health-check':
          return readHealthFeed(client);
        default:
          throw new Error(`Sophos Central has no feed '${feed}'`);
      }
    },
    explain: (error) =>
      error instanceof CentralFailure
        ? {
            message: error.message,
            // Somebody has to mend it; they can have it tried at once by saving the connector.
            notBeforeSeconds: error.needsPeople ? 15 * minute : (error.retryAfterSeconds ?? 0),
          }
        : null,
  };
}
