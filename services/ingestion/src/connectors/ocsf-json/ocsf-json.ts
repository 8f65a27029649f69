import { z } from 'zod';

import type { ConnectorDefinition } from '../connector-definition.ts';
import { parseOcsfEvent } from './parse-ocsf-event.ts';

/** Events in the Open Cybersecurity Schema Framework, versions 1.0 to 1.8, of any product. */
export const ocsfJson: ConnectorDefinition = {
  family: 'ANY',
  deliveries: ['HTTP'],
  settings: z.strictObject({}),
  parse: parseOcsfEvent,
};
