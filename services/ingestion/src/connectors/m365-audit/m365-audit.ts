import { z } from 'zod';

import type { ConnectorDefinition } from '../connector-definition.ts';
import { recordsOf } from '../json-values.ts';
import { parseM365Record } from './parse-m365-record.ts';

/** Microsoft 365's unified audit log, as the Management Activity API and its exports give it. */
export const m365Audit: ConnectorDefinition = {
  family: 'CLOUD',
  deliveries: ['HTTP'],
  settings: z.strictObject({}),
  unwrap: (record) => {
    if (record.Operation !== undefined) return null;
    const list = [record.value, record.records, record.Records].find((held) => Array.isArray(held));
    return list === undefined ? null : recordsOf(list);
  },
  parse: parseM365Record,
};
