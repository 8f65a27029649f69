import { z } from 'zod';

import type { ConnectorDefinition } from '../connector-definition.ts';
import { syslogSettings } from '../../syslog/syslog-settings.ts';
import { unwrapSyslogJson } from '../syslog-json.ts';
import { parseWindowsEvent } from './parse-windows-event.ts';

/** Windows event log records as JSON, alone or inside syslog lines. */
export const windowsEvents: ConnectorDefinition = {
  family: 'ENDPOINT',
  deliveries: ['HTTP', 'SYSLOG'],
  settings: z.strictObject(syslogSettings),
  readText: unwrapSyslogJson,
  parse: parseWindowsEvent,
};
