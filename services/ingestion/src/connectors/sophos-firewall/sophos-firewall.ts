import { z } from 'zod';

import { syslogSettings } from '../../syslog/syslog-settings.ts';
import type { ConnectorDefinition } from '../connector-definition.ts';
import { parseFirewallRecord } from './parse-firewall-record.ts';
import { readFirewallLine } from './read-firewall-line.ts';

/** Zones that the runtime knows, by their IANA names. */
function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Sophos Firewall's syslog (XG, XGS; both body formats), and the packet filter, proxy and IPS lines of UTM 9. */
export const sophosFirewall: ConnectorDefinition = {
  family: 'NETWORK',
  deliveries: ['SYSLOG', 'HTTP'],
  settings: z.strictObject({
    ...syslogSettings,
    /** IANA name of the zone that the firewalls are in, for zone abbreviations that mean several (IST, CST). */
    timeZone: z.string().max(64).refine(isTimeZone, 'must be an IANA time zone').optional(),
    /** What firewalls are called, by serial number: most call themselves by their model. */
    deviceNames: z.record(z.string().max(64), z.string().min(1).max(253)).optional(),
  }),
  readText: readFirewallLine,
  parse: parseFirewallRecord,
};
