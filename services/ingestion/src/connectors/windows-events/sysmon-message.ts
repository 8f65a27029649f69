import type { Fields } from '@vedette/event-model';

import { isText } from './account.ts';

export function isSysmon(fields: Fields): boolean {
  return fields.Provider_Name === 'Microsoft-Windows-Sysmon';
}

/**
 * A value out of Sysmon's rendered message, whose lines are `Name: value` in English on every system; null where
 * it has none. NXLog's names do not tell upper from lower case, so its own `ProcessID` (the log service) and
 * `EventType` (`INFO`) take the place of Sysmon's `ProcessId` and `EventType`: the message still has them.
 */
export function readSysmonMessage(fields: Fields, name: string): string | null {
  const { Message: message } = fields;
  if (!isText(message)) return null;
  const label = `\n${name}: `;
  const at = message.indexOf(label);
  if (at < 0) return null;
  const from = at + label.length;
  const end = message.indexOf('\n', from);
  return message.slice(from, end < 0 ? message.length : end).trim();
}
