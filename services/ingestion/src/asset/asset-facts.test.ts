import { describe, expect, it } from '@jest/globals';
import { connectorOf } from '../connectors/index.ts';
import type { ConnectorType } from '../connectors/index.ts';
import { readFirewallLine } from '../connectors/sophos-firewall/read-firewall-line.ts';
import { aDeviceLine, aLogLine } from '../connectors/sophos-firewall/testing/firewall-lines.ts';
import { anEndpoint } from '../connectors/sophos-central/testing/sophos-records.ts';
import { toTelemetryEvent, toTelemetryRow } from '../telemetry/telemetry-event.ts';
import { aProcessStart } from '../testing/sysmon-records.ts';
import { readFindings, readInventoryItem } from './asset-facts.ts';
import { fieldIn } from './json-text-field.ts';

const customerId = '0197c000-0000-7000-8000-000000000001';
const connectorId = '0197c000-0000-7000-8000-000000000002';

/** A record as the history writer sees it. */
function stored(type: ConnectorType, record: Readonly<Record<string, unknown>>) {
  const event = connectorOf(type).parse(record, 1_770_000_000_000, {});
  const received = { event, raw: '{}', receivedAt: 1_770_000_000_000, occurrence: 0 };
  return toTelemetryRow(toTelemetryEvent({ connectorId, customerId }, received));
}

function rulesFor(type: ConnectorType, ...records: Readonly<Record<string, unknown>>[]): string[] {
  const rows = records.map((record) => stored(type, record));
  return readFindings(rows, () => false).map(({ ruleId }) => ruleId);
}

/** A Windows security event of a host. */
function aSecurityEvent(EventID: number, more: object = {}) {
  return {
    ...{ EventID, Channel: 'Security', SourceName: 'Microsoft-Windows-Security-Auditing' },
    ...{ Hostname: 'dc-1.corp.example', TargetUserName: 'ann', ...more },
  };
}

describe("an inventory's item", () => {
  it('ties agent, adapters and system to a host', () => {
    const macAddresses = ['3C:52:82:00:53:01', '00:00:00:00:00:00', '3c-52-82-00-53-01', 7];
    const row = stored('sophos-central', anEndpoint({ macAddresses }));
    expect(readInventoryItem(row)).toEqual({
      assetId: row.assetId,
      os: 'Windows Server 2022',
      keys: [
        {
          assetId: row.assetId,
          ...{ kind: 'AGENT_ID', value: 'sophos:7f1d2a90-0000-4000-8000-000000000002' },
        },
        { assetId: row.assetId, kind: 'MAC', value: '3c:52:82:00:53:01' },
      ],
    });
  });

  it('says whether the host is a server', () => {
    expect(rulesFor('sophos-central', anEndpoint())).toEqual(['server']);
    expect(rulesFor('sophos-central', anEndpoint({ type: 'computer' }))).toEqual(['workstation']);
  });

  it('is nothing else', () => {
    expect(readInventoryItem(stored('windows-events', aProcessStart()))).toBeNull();
    const row = stored('sophos-central', anEndpoint());
    const fields = JSON.stringify({ id: '1', hostname: 'SRV-FILES' });
    expect(readInventoryItem({ ...row, fields })).toBeNull();
  });
});

describe('a rule', () => {
  it('finds a domain controller by the tickets that it issues and the directory that it changes', () => {
    for (const eventId of [4768, 4769, 5136]) {
      expect(rulesFor('windows-events', aSecurityEvent(eventId))).toEqual(['domain-controller']);
    }
    expect(rulesFor('windows-events', aSecurityEvent(4624), aSecurityEvent(4776))).toEqual([]);
  });

  it('finds servers of backup and management products by their programs', () => {
    const run = (Image: string) => rulesFor('windows-events', aProcessStart({ Image }));
    expect(run('C:\\Program Files\\Veeam\\Veeam.Backup.Service.exe')).toEqual(['backup-server']);
    expect(run('C:\\Windows\\System32\\vmms.exe')).toEqual(['management-host']);
    expect(run('C:\\Veeam.Backup.Service.exe\\notepad.exe')).toEqual([]);
    const audit = aSecurityEvent(4688, { NewProcessName: 'C:\\Apps\\QBW.EXE' });
    expect(rulesFor('windows-events', audit)).toEqual(['finance-host']);
  });

  it('finds hosts of accounting by their names, and no others that begin alike', () => {
    const named = (Computer: string) =>
      rulesFor('windows-events', aProcessStart({ Computer, Hostname: Computer }));
    for (const name of ['FIN-01', 'srv-payroll.corp.example', 'SAP01']) {
      expect(named(name)).toEqual(['finance-host']);
    }
    for (const name of ['finch', 'sapling-1', 'ws-final']) expect(named(name)).toEqual([]);
  });

  it('finds a firewall by its own log, and not the computers that it speaks of', () => {
    const findIn = (line: string) => rulesFor('sophos-firewall', readFirewallLine(line));
    expect(findIn(aDeviceLine())).toEqual(['firewall']);
    const heartbeat = aLogLine('Heartbeat', 'Endpoint', '', { ep_name: '"ws8"' });
    expect(findIn(heartbeat)).toEqual([]);
  });

  it('finds an asset once in a batch, and not again where it is known', () => {
    const rows = [1, 2, 3].map(() => stored('windows-events', aSecurityEvent(4769)));
    expect(readFindings(rows, () => false)).toHaveLength(1);
    expect(readFindings(rows, () => true)).toEqual([]);
  });
});

describe('a field in JSON text', () => {
  it('is what the whole text would have given', () => {
    const fields = {
      quoted: 'says "Image":"no" \\',
      ParentImage: 'explorer.exe',
      Image: 'C:\\a "b"\\c.exe',
      number: -42,
      empty: '',
      none: null,
      list: ['Image'],
    };
    const json = JSON.stringify(fields);
    expect(fieldIn(json, 'Image')).toBe(fields.Image);
    expect(fieldIn(json, 'quoted')).toBe(fields.quoted);
    expect(fieldIn(json, 'number')).toBe('-42');
    expect(fieldIn(json, 'empty')).toBe('');
    for (const name of ['none', 'list', 'absent']) expect(fieldIn(json, name)).toBeNull();
  });
});
