/** OCSF class, activity and severity of a Windows event; severity is informational (1) where left out. */
export type ClassRow = readonly [classUid: number, activityId: number, severityId?: number];

/** What the events of one Windows event source mean. */
export interface EventSource {
  /** Provider or channel names, any of them; matched without regard to case. */
  readonly names: readonly string[];
  readonly events: Readonly<Record<number, ClassRow>>;
  /** For the source's other events; without it they are `unmapped`. */
  readonly otherwise?: ClassRow;
}

const processClass = 1007;
const fileClass = 1001;
const authenticationClass = 3002;
const accountClass = 3001;
const groupClass = 3006;
const networkClass = 4001;
const configurationClass = 5019;
const applicationClass = 6002;
const serviceClass = 201004;
const resourceClass = 201003;
const other = 99;

/** Several event ids with the same meaning. */
function each(eventIds: readonly number[], row: ClassRow): Readonly<Record<number, ClassRow>> {
  return Object.fromEntries(eventIds.map((eventId) => [eventId, row]));
}

const sysmon: EventSource = {
  names: ['Microsoft-Windows-Sysmon', 'Microsoft-Windows-Sysmon/Operational'],
  events: {
    1: [processClass, 1],
    2: [fileClass, 6],
    3: [networkClass, 1],
    4: [applicationClass, other],
    5: [processClass, 2],
    6: [1002, 1],
    7: [1005, 1],
    8: [processClass, 4],
    9: [fileClass, 2],
    10: [processClass, 3],
    11: [fileClass, 1],
    12: [201001, other],
    13: [201002, 2],
    14: [201001, 5],
    15: [fileClass, 1],
    16: [configurationClass, 1],
    ...each([17, 18, 19, 20, 21], [resourceClass, 1]),
    22: [4003, 1],
    23: [fileClass, 4],
    24: [1012, 2],
    // The image of a running process was replaced (hollowing, herpaderping).
    25: [processClass, other, 3],
    26: [fileClass, 4],
    27: [fileClass, other],
    28: [fileClass, other],
    29: [fileClass, 1],
    255: [applicationClass, other],
  },
};

const signIn = {
  ...each([4624, 4625, 4648, 4776, 4778, 4825], [authenticationClass, 1]),
  ...each([4634, 4647, 4779], [authenticationClass, 2]),
  4649: [authenticationClass, other, 4],
  4768: [authenticationClass, 3],
  ...each([4769, 4773], [authenticationClass, 4]),
  4770: [authenticationClass, 5],
  ...each([4771, 4772], [authenticationClass, 6]),
  ...each([4800, 4801, 4802, 4803], [authenticationClass, other]),
  ...each([6272, 6273, 6274, 6278], [authenticationClass, 1]),
  ...each([4672, 4703], [3003, 1]),
  ...each([4627, 4964], [3003, 2]),
} as const;

const accountsAndGroups = {
  ...each([4720, 4741], [accountClass, 1]),
  4722: [accountClass, 2],
  4723: [accountClass, 3],
  ...each([4724, 4794], [accountClass, 4]),
  4725: [accountClass, 5],
  ...each([4726, 4743], [accountClass, 6]),
  4740: [accountClass, 9],
  4767: [accountClass, 12],
  ...each([4738, 4742, 4765, 4766, 4780, 4781, 4782, 4797], [accountClass, other]),
  ...each([4727, 4731, 4744, 4749, 4754, 4759], [groupClass, 6]),
  ...each([4728, 4732, 4746, 4751, 4756, 4761], [groupClass, 3]),
  ...each([4729, 4733, 4747, 4752, 4757, 4762], [groupClass, 4]),
  ...each([4730, 4734, 4748, 4753, 4758, 4763], [groupClass, 5]),
  ...each([4735, 4737, 4745, 4750, 4755, 4760, 4764], [groupClass, 9]),
  4799: [groupClass, other],
  ...each([4704, 4717], [3005, 1]),
  ...each([4705, 4718], [3005, 2]),
  // Objects of the directory, and what was asked about them.
  ...each([4662, 4928, 4929, 4932, 4933], [3004, other]),
  4798: [3004, 2],
  5136: [3004, 3],
  // Certificates: requested, issued; objects: created, undeleted.
  ...each([4886, 4887, 5137, 5138], [3004, 1]),
  5139: [3004, 5],
  5141: [3004, 4],
} as const;

const objectsAndServices = {
  ...each([4656, 4661, 4663, 4674], [resourceClass, 1]),
  ...each([4658, 4660, 4670, 4690, 4985], [resourceClass, other]),
  4657: [201002, 3],
  // Key files, credentials of the vault, data protection keys.
  ...each([4692, 4693, 4694, 4695, 5058, 5059, 5061], [resourceClass, other]),
  ...each([5376, 5377, 5379, 5381, 5382], [resourceClass, 1]),
  4688: [processClass, 1],
  4689: [processClass, 2],
  4696: [processClass, 5],
  4673: [processClass, other],
  4697: [serviceClass, 1],
  4698: [1006, 1],
  4699: [1006, 3],
  4700: [1006, 4],
  4701: [1006, 5],
  4702: [1006, 2],
  ...each([4610, 4614, 4622], [1005, 1]),
} as const;

const networkAndPolicy = {
  ...each([5154, 5158], [networkClass, 7]),
  5156: [networkClass, 1],
  ...each([5031, 5152, 5153, 5155, 5157, 5159], [networkClass, 5]),
  ...each([5140, 5142, 5143, 5144, 5145, 5168], [4006, other]),
  4719: [configurationClass, 1, 3],
  ...each([4706, 4707, 4713, 4716, 4739], [configurationClass, 1, 3]),
  ...each(
    [4611, 4616, 4715, 4817, 4902, 4904, 4905, 4906, 4907, 4908, 4912, 5123, 5124],
    [configurationClass, 1],
  ),
  ...each(
    [4944, 4945, 4946, 4947, 4948, 4949, 4950, 4951, 4953, 4956, 4957],
    [configurationClass, 1],
  ),
  ...each([5440, 5441, 5442, 5443, 5444, 5446, 5447, 5448, 5449, 5450], [configurationClass, 1]),
} as const;

/** Clearing a log destroys evidence; the service writes it to Security (1102) and to System (104). */
const eventLog = {
  104: [1008, 1, 4],
  1102: [1008, 1, 4],
  1100: [1008, 7],
  ...each([1101, 1104, 1108], [1008, other]),
  1105: [1008, 4],
} as const;

const security: EventSource = {
  names: ['Microsoft-Windows-Security-Auditing', 'Security'],
  events: {
    ...signIn,
    ...accountsAndGroups,
    ...objectsAndServices,
    ...networkAndPolicy,
    ...eventLog,
  },
};

const serviceControl: EventSource = {
  names: ['Service Control Manager'],
  events: {
    7045: [serviceClass, 1],
    7040: [serviceClass, 2],
    ...each([7000, 7001, 7009, 7011, 7038, 7041], [serviceClass, 3]),
    ...each([7023, 7024, 7031, 7034], [serviceClass, 4]),
    ...each([7026, 7030, 7035, 7036, 7042], [serviceClass, other]),
  },
};

const defender: EventSource = {
  names: ['Microsoft-Windows-Windows Defender', 'Microsoft-Windows-Windows Defender/Operational'],
  events: {
    ...each([1006, 1015, 1116], [2004, 1, 4]),
    ...each([1007, 1008, 1117, 1118, 1119, 1120], [2004, 2, 3]),
    // Attack surface reduction and network protection: blocked, and audited only.
    ...each([1121, 1123, 1126], [2004, 1, 3]),
    ...each([1122, 1124, 1125], [2004, 1, 2]),
    ...each([5001, 5010, 5012, 5013], [configurationClass, 1, 4]),
    ...each([1013, 5000, 5004, 5007, 5009, 5011], [configurationClass, 1]),
    1151: [configurationClass, 2],
    ...each([2000, 2001, 2002], [applicationClass, 8]),
  },
  otherwise: [applicationClass, other],
};

const remoteDesktop: readonly EventSource[] = [
  {
    names: [
      'Microsoft-Windows-TerminalServices-LocalSessionManager',
      'Microsoft-Windows-TerminalServices-LocalSessionManager/Operational',
    ],
    events: {
      ...each([21, 22], [authenticationClass, 1]),
      23: [authenticationClass, 2],
      ...each([24, 39, 40], [4005, 7]),
      25: [4005, 8],
    },
    otherwise: [4005, other],
  },
  {
    names: [
      'Microsoft-Windows-TerminalServices-RemoteConnectionManager',
      'Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational',
      'Microsoft-Windows-RemoteDesktopServices-RdpCoreTS',
      'Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational',
    ],
    events: { ...each([131, 261], [4005, 1]), 1149: [4005, 3] },
    otherwise: [4005, other],
  },
];

const scripting: readonly EventSource[] = [
  {
    names: [
      'Microsoft-Windows-PowerShell',
      'Microsoft-Windows-PowerShell/Operational',
      'PowerShellCore',
    ],
    events: {
      ...each([4103, 4104, 4105], [1009, 1]),
      ...each([4100, 4106], [1009, other]),
    },
    otherwise: [applicationClass, other],
  },
  {
    names: ['PowerShell', 'Windows PowerShell'],
    events: { 400: [applicationClass, 3], 403: [applicationClass, 4], 800: [1009, 1] },
    otherwise: [applicationClass, other],
  },
  {
    names: ['Microsoft-Windows-WMI-Activity', 'Microsoft-Windows-WMI-Activity/Operational'],
    events: { 5857: [1005, 1], 5861: [resourceClass, 1, 3] },
    otherwise: [resourceClass, 1],
  },
  {
    names: ['Microsoft-Windows-TaskScheduler', 'Microsoft-Windows-TaskScheduler/Operational'],
    events: {
      106: [1006, 1],
      140: [1006, 2],
      141: [1006, 3],
      142: [1006, 5],
      ...each([100, 110, 129, 200], [1006, 6]),
    },
    otherwise: [1006, other],
  },
];

const furtherSources: readonly EventSource[] = [
  { names: ['Microsoft-Windows-Eventlog'], events: eventLog },
  {
    names: ['Microsoft-Windows-AppLocker'],
    events: {
      ...each([8002, 8003], [processClass, 1]),
      8004: [processClass, 1, 3],
      ...each([8005, 8006], [1009, 1]),
      8007: [1009, 1, 3],
    },
  },
  {
    names: [
      'Microsoft-Windows-Windows Firewall With Advanced Security',
      'Microsoft-Windows-Windows Firewall With Advanced Security/Firewall',
    ],
    events: {},
    otherwise: [configurationClass, 1],
  },
  {
    names: ['Microsoft-Windows-Bits-Client', 'Microsoft-Windows-Bits-Client/Operational'],
    events: {},
    otherwise: [networkClass, other],
  },
  {
    names: ['Microsoft-Windows-DNS-Client', 'Microsoft-Windows-DNS-Client/Operational'],
    events: { ...each([3006, 3010], [4003, 1]), ...each([3008, 3011, 3020], [4003, 2]) },
    otherwise: [4003, other],
  },
  {
    names: ['Microsoft-Windows-NTLM', 'Microsoft-Windows-NTLM/Operational'],
    events: {},
    otherwise: [authenticationClass, 1],
  },
  { names: ['AD FS Auditing', 'AD FS'], events: {}, otherwise: [authenticationClass, other] },
  { names: ['MSSQLSERVER'], events: { 18456: [authenticationClass, 1] } },
];

/** Every event source with a meaning of its own; whatever else Windows writes is `unmapped`. */
export const eventSources: readonly EventSource[] = [
  sysmon,
  security,
  serviceControl,
  defender,
  ...scripting,
  ...remoteDesktop,
  ...furtherSources,
];
