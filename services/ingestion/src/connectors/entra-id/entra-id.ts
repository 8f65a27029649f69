import { z } from 'zod';

import type { ConnectorDefinition } from '../connector-definition.ts';
import { recordsOf } from '../json-values.ts';
import { parseEntraRecord } from './parse-entra-record.ts';

/**
 * Entra ID and Azure: sign-ins, directory audits, risk and privileged-identity findings, calls of Microsoft Graph,
 * and Azure's activity log; as diagnostic logs (Event Hub, storage), as Graph gives them, or as Log Analytics exports.
 */
export const entraId: ConnectorDefinition = {
  family: 'IDENTITY',
  deliveries: ['HTTP'],
  settings: z.strictObject({}),
  unwrap: (record) => {
    const list = [record.value, record.records].find((held) => Array.isArray(held));
    return list === undefined ? null : recordsOf(list);
  },
  parse: parseEntraRecord,
};
