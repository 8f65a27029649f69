import { describe, expect, it } from '@jest/globals';
import { toSigmaEvent } from './record-layout.ts';

describe('a record', () => {
  it('of the flat layout is known by the names of the taxonomy too', () => {
    const event = toSigmaEvent({
      Channel: 'System',
      EventID: 104,
      SourceName: 'Eventlog',
      Hostname: 'PC1',
    });
    expect([event.get('Channel'), event.get('Provider_Name'), event.get('Computer')]).toEqual([
      'System',
      'Eventlog',
      'PC1',
    ]);
    expect([...event.values()]).toEqual(['System', 104, 'Eventlog', 'PC1']);
  });

  it('keeps a field of its own before an alias', () => {
    const event = toSigmaEvent({ Channel: 'System', Computer: 'PC1', Hostname: 'collector' });
    expect(event.get('Computer')).toBe('PC1');
  });

  it('of EVTX gives data fields without blanks and system fields with their attributes', () => {
    const event = toSigmaEvent({
      Event: {
        System: {
          Provider: { '#attributes': { Name: 'Defender' } },
          EventID: { '#attributes': { Qualifiers: 0 }, '#text': 5007 },
          Execution: { '#attributes': { ProcessID: 7 } },
          Channel: 'D/Operational',
        },
        EventData: { 'New Value': 'x', Data: ['a', 'b'] },
      },
    });
    const names = [
      'Provider_Name',
      'EventID',
      'EventID_Qualifiers',
      'Execution_ProcessID',
      'Channel',
      'NewValue',
      'Data',
    ];
    expect(names.map((name) => event.get(name))).toEqual([
      'Defender',
      5007,
      0,
      7,
      'D/Operational',
      'x',
      ['a', 'b'],
    ]);
  });

  it('of EVTX gives the leaves of UserData', () => {
    const event = toSigmaEvent({
      Event: {
        System: { EventID: 104, Channel: 'System' },
        UserData: { LogFileCleared: { Channel: 'X', BackupPath: 'p' } },
      },
    });
    expect([event.get('BackupPath'), event.get('Channel')]).toEqual(['p', 'System']);
  });

  it('of winlogbeat 6 gives its event data and head', () => {
    const event = toSigmaEvent({
      ...{ log_name: 'Security', event_id: 4624, source_name: 'Auditing', computer_name: 'PC1' },
      event_data: { LogonType: '3' },
    });
    const names = ['Channel', 'EventID', 'Provider_Name', 'Computer', 'LogonType'];
    expect(names.map((name) => event.get(name))).toEqual([
      'Security',
      4624,
      'Auditing',
      'PC1',
      '3',
    ]);
  });

  it('of anything else is taken as it is, by dotted names', () => {
    const event = toSigmaEvent({ eventName: 'x', userIdentity: { type: 'Root' } });
    expect(event.get('userIdentity.type')).toBe('Root');
  });
});
