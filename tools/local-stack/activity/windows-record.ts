import type { Host } from './estate.ts';

/** A Windows event in the flat layout that log shippers send, see the connector `windows-events`. */
export type WindowsRecord = Readonly<Record<string, string | number>>;

const SYSMON = 'Microsoft-Windows-Sysmon';

/** An event of Sysmon. @param at epoch milliseconds */
export function sysmonRecord(
  host: Host,
  dnsDomain: string,
  at: number,
  eventId: number,
  fields: WindowsRecord,
): WindowsRecord {
  return {
    ...head(host, dnsDomain, at, `${SYSMON}/Operational`, SYSMON, eventId),
    UtcTime: new Date(at).toISOString().replace('T', ' ').replace('Z', ''),
    ...fields,
  };
}

/** An event of any other channel. @param at epoch milliseconds */
export function channelRecord(
  host: Host,
  dnsDomain: string,
  at: number,
  source: { readonly channel: string; readonly provider: string; readonly eventId: number },
  fields: WindowsRecord,
): WindowsRecord {
  return {
    ...head(host, dnsDomain, at, source.channel, source.provider, source.eventId),
    ...fields,
  };
}

function head(
  host: Host,
  dnsDomain: string,
  at: number,
  channel: string,
  provider: string,
  eventId: number,
): WindowsRecord {
  return {
    TimeCreated: new Date(at).toISOString(),
    Hostname: `${host.name}.${dnsDomain}`,
    Channel: channel,
    SourceName: provider,
    EventID: eventId,
  };
}
