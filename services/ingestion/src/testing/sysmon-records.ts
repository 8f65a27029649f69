/** A Sysmon process start as a forwarder sends it, written by hand. */
export function aProcessStart(
  changes: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return {
    EventID: 1,
    Channel: 'Microsoft-Windows-Sysmon/Operational',
    SourceName: 'Microsoft-Windows-Sysmon',
    Hostname: 'WS-17.example.test',
    Computer: 'WS-17.example.test',
    RecordNumber: 4711,
    UtcTime: new Date().toISOString().replace('T', ' ').replace('Z', ''),
    Image: 'C:\\Windows\\System32\\whoami.exe',
    CommandLine: 'whoami /all',
    User: 'EXAMPLE\\jo',
    ...changes,
  };
}

/** Lines of newline-delimited JSON. */
export function toLines(records: readonly unknown[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}
