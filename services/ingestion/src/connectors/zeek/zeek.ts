import { z } from 'zod';

import { syslogSettings } from '../../syslog/syslog-settings.ts';
import type { ConnectorDefinition } from '../connector-definition.ts';
import { parseZeekRecord } from './parse-zeek-record.ts';

/** Zeek's logs in JSON (`LogAscii::use_json=T` or a JSON streaming package), any of them. */
export const zeek: ConnectorDefinition = {
  family: 'NETWORK',
  deliveries: ['HTTP', 'SYSLOG'],
  settings: z.strictObject({ ...syslogSettings }),
  parse: parseZeekRecord,
};
