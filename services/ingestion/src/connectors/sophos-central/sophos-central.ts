import type { ConnectorDefinition } from '../connector-definition.ts';
import { recordsOf } from '../json-values.ts';
import { parseSophosRecord } from './parse-sophos-record.ts';
import { sophosCredentials, sophosSettings } from './sophos-settings.ts';

/**
 * Sophos Central: SIEM events and alerts, alerts with actions, detections, data-lake rows, endpoints and account
 * health checks, each as the API gives it. A whole answer (`items`) is as good as its items.
 */
export const sophosCentral: ConnectorDefinition = {
  family: 'ENDPOINT',
  deliveries: ['POLL', 'HTTP'],
  settings: sophosSettings,
  credentials: sophosCredentials,
  unwrap: (record) => {
    const isPage = Array.isArray(record.items) && record.id === undefined;
    return isPage ? recordsOf(record.items) : null;
  },
  parse: parseSophosRecord,
};
