/** Hand-written records in the shapes of Microsoft 365's audit log. Names, hosts and addresses are made up. */

type M365Record = Readonly<Record<string, unknown>>;

/** A user signed in, as the Management Activity API tells it. */
export function aSignIn(more: M365Record = {}): M365Record {
  return {
    CreationTime: '2026-01-31T12:00:00',
    Id: '0f1d2a90-0000-4000-8000-000000000001',
    Operation: 'UserLoggedIn',
    OrganizationId: '0f1d2a90-0000-4000-8000-000000000002',
    RecordType: 15,
    ResultStatus: 'Success',
    UserKey: '0f1d2a90-0000-4000-8000-000000000003',
    UserType: 0,
    Workload: 'AzureActiveDirectory',
    ClientIP: '192.0.2.7:8085',
    UserId: 'ann@corp.example',
    ExtendedProperties: [
      { Name: 'UserAgent', Value: 'ExampleBrowser/1.0' },
      { Name: 'RequestType', Value: 'Cmsi:Cmsi' },
    ],
    DeviceProperties: [
      { Name: 'DisplayName', Value: 'WS-ANN' },
      { Name: 'OS', Value: 'Windows 11' },
    ],
    ActorIpAddress: '192.0.2.7',
    ErrorNumber: '0',
    ...more,
  };
}

/** A rule that forwards a mailbox's mail, set with a cmdlet. */
export function anInboxRule(more: M365Record = {}): M365Record {
  return {
    CreationTime: '2026-01-31T12:10:00',
    Id: '0f1d2a90-0000-4000-8000-000000000004',
    Operation: 'New-InboxRule',
    RecordType: 1,
    ResultStatus: 'True',
    Workload: 'Exchange',
    ClientIP: '[2001:db8::7]:51000',
    UserId: 'ann@corp.example',
    Parameters: [
      { Name: 'Name', Value: '.' },
      { Name: 'ForwardTo', Value: 'thief@mail.example' },
      { Name: 'DeleteMessage', Value: 'True' },
    ],
    ...more,
  };
}

/** An alert of the compliance centre; what it is about is JSON text. */
export function anAlert(more: M365Record = {}): M365Record {
  return {
    CreationTime: '2026-01-31T12:20:00',
    Id: '0f1d2a90-0000-4000-8000-000000000005',
    Operation: 'AlertTriggered',
    RecordType: 40,
    ResultStatus: 'Succeeded',
    UserType: 4,
    Workload: 'SecurityComplianceCenter',
    UserId: 'SecurityComplianceAlerts',
    AlertId: '0f1d2a90-0000-4000-8000-000000000006',
    Name: 'Potential ransomware activity',
    Severity: 'High',
    Status: 'Active',
    Data: '{"f3u":"ann@corp.example","sev":"High","dn":"ws-ann"}',
    ...more,
  };
}

/** A file that a guest downloaded. */
export function aDownload(more: M365Record = {}): M365Record {
  return {
    CreationTime: '2026-01-31T12:30:00',
    Id: '0f1d2a90-0000-4000-8000-000000000007',
    Operation: 'FileDownloaded',
    RecordType: 6,
    Workload: 'OneDrive',
    ClientIP: '198.51.100.4',
    UserId: 'urn:spo:guest#guest@partner.example',
    SourceFileName: 'plan.xlsx',
    SourceFileExtension: 'xlsx',
    SourceRelativeUrl: 'Documents/2026',
    FileSizeBytes: 4096,
    ObjectId: 'https://corp.example/personal/ann/Documents/2026/plan.xlsx',
    ...more,
  };
}
