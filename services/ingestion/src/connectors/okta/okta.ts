import { z } from 'zod';

import type { ConnectorDefinition } from '../connector-definition.ts';
import { parseOktaEvent } from './parse-okta-event.ts';
import { unwrapOkta } from './unwrap-okta.ts';

/** Okta's system log. */
export const okta: ConnectorDefinition = {
  family: 'IDENTITY',
  deliveries: ['HTTP'],
  settings: z.strictObject({}),
  unwrap: unwrapOkta,
  parse: parseOktaEvent,
};
