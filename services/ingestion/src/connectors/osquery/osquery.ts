import { z } from 'zod';

import { osquerySettings } from '../../osquery/osquery-settings.ts';
import type { ConnectorDefinition } from '../connector-definition.ts';
import { parseOsqueryRecord } from './parse-osquery-record.ts';
import { unwrapOsquery } from './unwrap-osquery.ts';

/** Result and status lines of osquery, from agents that have enrolled here or from whatever else collects them. */
export const osquery: ConnectorDefinition = {
  family: 'ENDPOINT',
  deliveries: ['OSQUERY', 'HTTP'],
  settings: z.strictObject({ ...osquerySettings }),
  unwrap: unwrapOsquery,
  parse: parseOsqueryRecord,
};
