import { findField, findFieldByName } from '@vedette/event-model';
import type { EventKind, FieldValue } from '@vedette/event-model';

import type { DraftFields } from '../record-fields.ts';
import { isText, joinAccount } from './account.ts';
import { isSysmon } from './sysmon-message.ts';

/**
 * Winlogbeat's Sysmon module moves event data into ECS fields. Rules read the source's own names, so these are put
 * back where they are missing, by the catalogue.
 */
export function restoreEventData(fields: DraftFields, classUid: number): void {
  const kind = { classUid, eventId: fields.EventID };
  const isOfSysmon = isSysmon(fields);
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    if (!name.includes('.') || value === undefined) continue;
    // For Sysmon `user` is the one account `User`, below.
    if (isOfSysmon && name.startsWith('user.')) continue;
    const key = name === 'registry.data.strings' ? 'registry.data.strings.0' : name;
    const entry = findFieldByName('ecs', kind, key);
    if (entry === null || fields[entry.sigma] !== undefined) continue;
    fields[entry.sigma] =
      Array.isArray(value) && value.length === 1 ? (value[0] as FieldValue) : value;
  }
  if (!isOfSysmon) return;
  const user = joinAccount(fields['user.domain'], fields['user.name']);
  if (user !== null) fields.User ??= user;
  restoreHashes(fields, kind);
}

function restoreHashes(fields: DraftFields, kind: EventKind): void {
  const entry = findField(kind, 'Hashes');
  if (entry?.ecs === null || entry === null || fields.Hashes !== undefined) return;
  const hashes = ['sha1', 'md5', 'sha256'].flatMap((algorithm) => {
    const value = fields[`${entry.ecs ?? ''}.${algorithm}`];
    return isText(value) ? [`${algorithm.toUpperCase()}=${value}`] : [];
  });
  if (hashes.length > 0) fields.Hashes = hashes.join(',');
}
