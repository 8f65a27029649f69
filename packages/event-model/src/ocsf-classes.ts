/** The OCSF release whose class, activity and attribute names are used. */
export const ocsfVersion = '1.8.0';

/** One kind of activity in the Open Cybersecurity Schema Framework, with the ECS words for it. */
export interface OcsfClass {
  readonly uid: number;
  readonly name: string;
  readonly caption: string;
  /** Names of the activities by id; 0 Unknown and 99 Other exist in every class. */
  readonly activities: Readonly<Record<number, string>>;
  /** `event.category` of the Elastic Common Schema; empty where it has no word. */
  readonly ecsCategory: readonly string[];
}

const findingActivities = { 1: 'Create', 2: 'Update', 3: 'Close' };
const networkActivities = {
  1: 'Open',
  2: 'Close',
  3: 'Reset',
  4: 'Fail',
  5: 'Refuse',
  6: 'Traffic',
  7: 'Listen',
};

/** Every class an event may have. Windows classes carry the extension's offset 200,000. */
export const ocsfClasses = [
  { uid: 0, name: 'unmapped', caption: 'Base Event', activities: {}, ecsCategory: [] },
  {
    uid: 1001,
    name: 'file_activity',
    caption: 'File System Activity',
    activities: {
      1: 'Create',
      2: 'Read',
      3: 'Update',
      4: 'Delete',
      5: 'Rename',
      6: 'Set Attributes',
      7: 'Set Security',
      8: 'Get Attributes',
      9: 'Get Security',
      14: 'Open',
    },
    ecsCategory: ['file'],
  },
  {
    uid: 1002,
    name: 'kernel_extension_activity',
    caption: 'Kernel Extension Activity',
    activities: { 1: 'Load', 2: 'Unload' },
    ecsCategory: ['driver'],
  },
  {
    uid: 1005,
    name: 'module_activity',
    caption: 'Module Activity',
    activities: { 1: 'Load', 2: 'Unload', 3: 'Invoke' },
    ecsCategory: ['library'],
  },
  {
    uid: 1006,
    name: 'scheduled_job_activity',
    caption: 'Scheduled Job Activity',
    activities: { 1: 'Create', 2: 'Update', 3: 'Delete', 4: 'Enable', 5: 'Disable', 6: 'Start' },
    ecsCategory: ['configuration'],
  },
  {
    uid: 1007,
    name: 'process_activity',
    caption: 'Process Activity',
    activities: { 1: 'Launch', 2: 'Terminate', 3: 'Open', 4: 'Inject', 5: 'Set User ID' },
    ecsCategory: ['process'],
  },
  {
    uid: 1008,
    name: 'event_log_activity',
    caption: 'Event Log Activity',
    activities: { 1: 'Clear', 2: 'Delete', 3: 'Export', 4: 'Archive', 6: 'Start', 7: 'Stop' },
    ecsCategory: ['configuration'],
  },
  {
    uid: 1009,
    name: 'script_activity',
    caption: 'Script Activity',
    activities: { 1: 'Execute' },
    ecsCategory: ['process'],
  },
  {
    uid: 1012,
    name: 'clipboard_activity',
    caption: 'Clipboard Activity',
    activities: { 1: 'Read', 2: 'Write', 3: 'Clear' },
    ecsCategory: [],
  },
  {
    uid: 2004,
    name: 'detection_finding',
    caption: 'Detection Finding',
    activities: findingActivities,
    ecsCategory: ['malware'],
  },
  {
    uid: 3001,
    name: 'account_change',
    caption: 'Account Change',
    activities: {
      1: 'Create',
      2: 'Enable',
      3: 'Password Change',
      4: 'Password Reset',
      5: 'Disable',
      6: 'Delete',
      9: 'Lock',
      12: 'Unlock',
    },
    ecsCategory: ['iam'],
  },
  {
    uid: 3002,
    name: 'authentication',
    caption: 'Authentication',
    activities: {
      1: 'Logon',
      2: 'Logoff',
      3: 'Authentication Ticket',
      4: 'Service Ticket Request',
      5: 'Service Ticket Renew',
      6: 'Preauth',
      7: 'Account Switch',
    },
    ecsCategory: ['authentication'],
  },
  {
    uid: 3003,
    name: 'authorize_session',
    caption: 'Authorize Session',
    activities: { 1: 'Assign Privileges', 2: 'Assign Groups', 3: 'Assign Roles' },
    ecsCategory: ['iam'],
  },
  {
    uid: 3004,
    name: 'entity_management',
    caption: 'Entity Management',
    activities: { 1: 'Create', 2: 'Read', 3: 'Update', 4: 'Delete', 5: 'Move' },
    ecsCategory: ['iam'],
  },
  {
    uid: 3005,
    name: 'user_access',
    caption: 'User Access Management',
    activities: { 1: 'Assign Privileges', 2: 'Revoke Privileges' },
    ecsCategory: ['iam'],
  },
  {
    uid: 3006,
    name: 'group_management',
    caption: 'Group Management',
    activities: {
      1: 'Assign Privileges',
      2: 'Revoke Privileges',
      3: 'Add User',
      4: 'Remove User',
      5: 'Delete',
      6: 'Create',
      9: 'Update',
    },
    ecsCategory: ['iam'],
  },
  {
    uid: 4001,
    name: 'network_activity',
    caption: 'Network Activity',
    activities: networkActivities,
    ecsCategory: ['network'],
  },
  {
    uid: 4002,
    name: 'http_activity',
    caption: 'HTTP Activity',
    activities: {
      1: 'Connect',
      2: 'Delete',
      3: 'Get',
      4: 'Head',
      5: 'Options',
      6: 'Post',
      7: 'Put',
    },
    ecsCategory: ['web'],
  },
  {
    uid: 4003,
    name: 'dns_activity',
    caption: 'DNS Activity',
    activities: { 1: 'Query', 2: 'Response', 6: 'Traffic' },
    ecsCategory: ['network'],
  },
  {
    uid: 4005,
    name: 'rdp_activity',
    caption: 'RDP Activity',
    activities: {
      1: 'Initial Request',
      2: 'Initial Response',
      3: 'Connect Request',
      4: 'Connect Response',
      5: 'TLS Handshake',
      6: 'Traffic',
      7: 'Disconnect',
      8: 'Reconnect',
    },
    ecsCategory: ['network'],
  },
  {
    uid: 4006,
    name: 'smb_activity',
    caption: 'SMB Activity',
    activities: { 2: 'File Open', 3: 'File Create' },
    ecsCategory: ['network', 'file'],
  },
  {
    uid: 5019,
    name: 'device_config_state_change',
    caption: 'Device Config State Change',
    activities: { 1: 'Log', 2: 'Collect' },
    ecsCategory: ['configuration'],
  },
  {
    uid: 6002,
    name: 'application_lifecycle',
    caption: 'Application Lifecycle',
    activities: { 1: 'Install', 2: 'Remove', 3: 'Start', 4: 'Stop', 5: 'Restart', 8: 'Update' },
    ecsCategory: ['package'],
  },
  {
    uid: 6003,
    name: 'api_activity',
    caption: 'API Activity',
    activities: { 1: 'Create', 2: 'Read', 3: 'Update', 4: 'Delete' },
    ecsCategory: ['api'],
  },
  {
    uid: 201001,
    name: 'registry_key_activity',
    caption: 'Registry Key Activity',
    activities: {
      1: 'Create',
      2: 'Read',
      3: 'Modify',
      4: 'Delete',
      5: 'Rename',
      6: 'Set Security',
    },
    ecsCategory: ['registry'],
  },
  {
    uid: 201002,
    name: 'registry_value_activity',
    caption: 'Registry Value Activity',
    activities: { 1: 'Get', 2: 'Set', 3: 'Modify', 4: 'Delete' },
    ecsCategory: ['registry'],
  },
  {
    uid: 201003,
    name: 'windows_resource_activity',
    caption: 'Windows Resource Activity',
    activities: { 1: 'Access' },
    ecsCategory: ['host'],
  },
  {
    uid: 201004,
    name: 'windows_service_activity',
    caption: 'Windows Service Activity',
    activities: { 1: 'Create', 2: 'Reconfigure', 3: 'Start', 4: 'Stop', 7: 'Delete' },
    ecsCategory: ['configuration'],
  },
] as const satisfies readonly OcsfClass[];

const classesByUid = new Map<number, OcsfClass>(ocsfClasses.map((entry) => [entry.uid, entry]));

/** The class of a uid, or null where the table has none. */
export function findOcsfClass(classUid: number): OcsfClass | null {
  return classesByUid.get(classUid) ?? null;
}

/** The name of an activity as OCSF writes it; `Unknown` for 0, `Other` for what the class does not name. */
export function activityName(classUid: number, activityId: number): string {
  if (activityId === 0) return 'Unknown';
  return classesByUid.get(classUid)?.activities[activityId] ?? 'Other';
}
