import type { EventMeaning } from '../json-values.ts';

/** OCSF `disposition_id`: what the product did about it. */
const disposition = {
  allowed: 1,
  blocked: 2,
  quarantined: 3,
  restored: 9,
  uncorrected: 13,
  detected: 15,
  alert: 19,
} as const;

/** What a type of event or alert means. */
export interface TypeMeaning {
  readonly meaning: EventMeaning;
  readonly dispositionId?: number;
}

const detection = 2004;
const compliance = 2003;
const dataSecurity = 2006;
const process = 1007;
const peripheral = 1010;
const http = 4002;
const deviceState = 5019;
const create = 1;
const update = 2;

function each(
  types: readonly string[],
  meaning: EventMeaning,
  dispositionId?: number,
): readonly (readonly [string, TypeMeaning])[] {
  const row = { meaning, ...(dispositionId !== undefined && { dispositionId }) };
  return types.map((type) => [type.toLowerCase(), row]);
}

/**
 * By the part of `type` after `Event::Endpoint::`. The vendor's severity is about its console: an exploit that was
 * prevented arrives as low. So the type decides, and the vendor's word counts for types that are not here.
 */
const byType: ReadonlyMap<string, TypeMeaning> = new Map([
  ...each(
    ['Threat::Detected', 'Threat::HIPSDetected', 'CoreDetection', 'CoreHmpaDetection'],
    [detection, create, 4],
    disposition.detected,
  ),
  ...each(
    ['Threat::CommandAndControlDetected', 'HmpaExploitPrevented', 'HmpaCryptoGuardDetected'],
    [detection, create, 4],
    disposition.blocked,
  ),
  ...each(
    ['Threat::CleanedUp', 'CoreClean', 'SavCleaned', 'Threat::PuaCleanedUp', 'CorePuaClean'],
    [detection, update, 2],
    disposition.quarantined,
  ),
  ...each(['CoreRestore'], [detection, update, 2], disposition.restored),
  ...each(
    ['Threat::CleanupFailed', 'Threat::HIPSCleanupFailed', 'CoreCleanFailed'],
    [detection, create, 4],
    disposition.uncorrected,
  ),
  ...each(
    ['Threat::PuaDetected', 'CorePuaDetection'],
    [detection, create, 3],
    disposition.detected,
  ),
  ...each(
    ['Threat::PuaCleanupFailed', 'CorePuaCleanFailed'],
    [detection, create, 3],
    disposition.uncorrected,
  ),
  ...each(['WebFilteringBlocked', 'WebControlViolation'], [http, 0, 2], disposition.blocked),
  ...each(['Application::Blocked'], [process, 1, 2], disposition.blocked),
  ...each(['Application::Detected'], [process, 1, 1], disposition.detected),
  ...each(['Application::Allowed'], [process, 1, 1], disposition.allowed),
  ...each(['Device::Blocked'], [peripheral, 1, 2], disposition.blocked),
  ...each(['Device::AlertedOnly'], [peripheral, 1, 2], disposition.alert),
  // What weakens a device's protection is a finding about its posture; the rest of its life is state.
  ...each(
    ['SavDisabled', 'ServiceNotRunning', 'OutOfDate', 'NotProtected'],
    [compliance, create, 3],
  ),
  ...each(
    [
      'Enc::DiskNotEncryptedEvent',
      'Enc::DiskNotEncrypted',
      'Denc::EncryptionSuspendedEvent',
      'Denc::EncryptionSuspended',
      'Enc::EncryptionSuspended',
    ],
    [compliance, create, 3],
  ),
  ...each(
    ['UpdateRebootRequired', 'UpdateSuccess', 'UpdateFailure', 'ServiceRestored'],
    [deviceState, 1, 1],
  ),
  ...each(
    ['Registered', 'Protected', 'SavEnabled', 'SavScanComplete', 'UserAutoCreated'],
    [deviceState, 1, 1],
  ),
  ...each(['Compliant', 'NonCompliant'], [deviceState, 1, 1]),
]);

/** By how the type starts, for families whose members are many. */
const byPrefix: readonly (readonly [string, TypeMeaning])[] = [
  ...each(['DataLossPrevention'], [dataSecurity, create, 2], disposition.allowed),
  ...each(['Isolation::'], [deviceState, 1, 3]),
  ...each(['Enc::', 'Denc::'], [deviceState, 1, 1]),
];

/** By the group of the API, for types that are not known. Severity 0: the vendor's own word for it. */
const byGroup: ReadonlyMap<string, TypeMeaning> = new Map([
  ...each(['malware', 'runtimedetections'], [detection, create, 4], disposition.detected),
  ...each(['pua'], [detection, create, 3], disposition.detected),
  ...each(['web'], [http, 0, 0]),
  ...each(['applicationcontrol'], [process, 1, 0]),
  ...each(['datalossprevention'], [dataSecurity, create, 0]),
  ...each(['peripherals'], [peripheral, 1, 0]),
  ...each(['policy', 'protection', 'updating', 'denc', 'isolation'], [deviceState, 1, 0]),
  // Further categories of the alerts API.
  ...each(['forensicsnapshot', 'mtr', 'systemhealth'], [deviceState, 1, 0]),
  ...each(['iaas', 'iaasazure'], [compliance, create, 0]),
]);

const prefix = 'event::endpoint::';

/**
 * The meaning of a type of event; of a type that is not known, by its group (events) or category (alerts).
 * Null where neither is known.
 */
export function meaningOfType(type: string, group: string): TypeMeaning | null {
  const lower = type.toLowerCase();
  const name = lower.startsWith(prefix) ? lower.slice(prefix.length) : lower;
  const known = byType.get(name);
  if (known !== undefined) return known;
  if (name.startsWith('datalossprevention') && name.includes('block')) {
    return { meaning: [dataSecurity, create, 4], dispositionId: disposition.blocked };
  }
  if (name.includes('tamper')) return { meaning: [compliance, create, 3] };
  const family = byPrefix.find(([start]) => name.startsWith(start));
  return family?.[1] ?? byGroup.get(group.toLowerCase().replaceAll('_', '')) ?? null;
}

/** Ransomware, exploits and command and control, by type or name of the threat. */
const gravest = /ransom|cryptoguard|exploit|hmpa|commandandcontrol|^c2\//i;

/**
 * The severity of an event: by its type, else by the vendor's word. What is gravest starts at high, unless it has
 * been cleaned up already.
 */
export function severityFor(
  known: TypeMeaning,
  vendor: number,
  type: string,
  threat: string,
): number {
  const [classUid, activityId, severityId] = known.meaning;
  const own = severityId === 0 ? vendor : severityId;
  const isGravest = gravest.test(type) || gravest.test(threat);
  return classUid === detection && activityId === create && isGravest ? Math.max(own, 4) : own;
}
