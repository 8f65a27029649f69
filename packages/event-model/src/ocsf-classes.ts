import { networkClasses } from './ocsf-network-classes.ts';

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
    uid: 1010,
    name: 'peripheral_activity',
    caption: 'Peripheral Activity',
    activities: { 1: 'Connect', 2: 'Disconnect', 3: 'Enable', 4: 'Disable', 5: 'Eject' },
    ecsCategory: ['host'],
  },
  {
    uid: 1012,
    name: 'clipboard_activity',
    caption: 'Clipboard Activity',
    activities: { 1: 'Read', 2: 'Write', 3: 'Clear' },
    ecsCategory: [],
  },
  {
    uid: 2003,
    name: 'compliance_finding',
    caption: 'Compliance Finding',
    activities: findingActivities,
    ecsCategory: ['configuration'],
  },
  {
    uid: 2002,
    name: 'vulnerability_finding',
    caption: 'Vulnerability Finding',
    activities: findingActivities,
    ecsCategory: ['vulnerability'],
  },
  {
    uid: 2004,
    name: 'detection_finding',
    caption: 'Detection Finding',
    activities: findingActivities,
    ecsCategory: ['malware'],
  },
  {
    uid: 2006,
    name: 'data_security_finding',
    caption: 'Data Security Finding',
    activities: { ...findingActivities, 4: 'Suppressed' },
    ecsCategory: ['file'],
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
      7: 'Attach Policy',
      8: 'Detach Policy',
      9: 'Lock',
      10: 'MFA Factor Enable',
      11: 'MFA Factor Disable',
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
    activities: {
      1: 'Create',
      2: 'Read',
      3: 'Update',
      4: 'Delete',
      5: 'Move',
      6: 'Enroll',
      7: 'Unenroll',
      8: 'Enable',
      9: 'Disable',
      10: 'Activate',
      11: 'Deactivate',
      12: 'Suspend',
      13: 'Resume',
    },
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
  ...networkClasses,
  {
    uid: 5001,
    name: 'inventory_info',
    caption: 'Device Inventory Info',
    activities: { 1: 'Log', 2: 'Collect' },
    ecsCategory: ['host'],
  },
  {
    uid: 5019,
    name: 'device_config_state_change',
    caption: 'Device Config State Change',
    activities: { 1: 'Log', 2: 'Collect' },
    ecsCategory: ['configuration'],
  },
  {
    uid: 5020,
    name: 'software_info',
    caption: 'Software Inventory Info',
    activities: { 1: 'Log', 2: 'Collect' },
    ecsCategory: ['package'],
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
    uid: 6005,
    name: 'datastore_activity',
    caption: 'Datastore Activity',
    activities: {
      1: 'Read',
      2: 'Update',
      3: 'Connect',
      4: 'Query',
      5: 'Write',
      6: 'Create',
      7: 'Delete',
      8: 'List',
      9: 'Encrypt',
      10: 'Decrypt',
    },
    ecsCategory: ['database'],
  },
  {
    uid: 6006,
    name: 'file_hosting',
    caption: 'File Hosting Activity',
    activities: {
      1: 'Upload',
      2: 'Download',
      3: 'Update',
      4: 'Delete',
      5: 'Rename',
      6: 'Copy',
      7: 'Move',
      8: 'Restore',
      9: 'Preview',
      10: 'Lock',
      11: 'Unlock',
      12: 'Share',
      13: 'Unshare',
      14: 'Open',
      15: 'Sync',
      16: 'Unsync',
      17: 'Access Check',
    },
    ecsCategory: ['file'],
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
