import { meaningOfDirectoryOperation, plainOperation } from '../entra-id/directory-operations.ts';
import { severityOf } from '../json-values.ts';
import type { EventMeaning } from '../json-values.ts';

/** What decides what a record means. */
export interface M365Operation {
  readonly operation: string;
  readonly workload: string;
  /** The API's number for the kind of record; NaN where it is told by name or not at all. */
  readonly recordType: number;
  /** The severity that an alert or investigation has at its source. */
  readonly severity: string | null;
}

type Table = readonly (readonly [name: RegExp, meaning: EventMeaning])[];

const other = 99;

/** Signing in, whichever workload tells of it. */
const signIns: Table = [
  [/^(?:userloggedin|userloginfailed|signinevent|mailboxlogin|teamssessionstarted)$/, [3002, 1, 1]],
  [/^userloggedoff$|^signout/, [3002, 2, 1]],
];

/** Mailboxes: items, folders and rules. */
const mailbox: Table = [
  [/^mailitemsaccessed$|^folderbind$|^messagebind$/, [6005, 1, 1]],
  [/^(?:send|sendas|sendonbehalf)$/, [4009, 1, 1]],
  [/^(?:harddelete|softdelete|movetodeleteditems)$/, [6005, 7, 1]],
  [/^create$/, [6005, 6, 1]],
  [/^(?:update|move|applyrecord.*|recorddelete)$/, [6005, 2, 1]],
  [/^copy$/, [6005, 5, 1]],
  [/^(?:add|modify)folderpermissions|^updatecalendardelegation/, [3005, 1, 2]],
  [/^removefolderpermissions/, [3005, 2, 1]],
  [/^updateinboxrules$/, [6003, 3, 2]],
];

/** Exchange's cmdlets; the rest goes by their verbs. */
const exchangeAdmin: Table = [
  [/^add-(?:mailbox|recipient|mailboxfolder)permission$|^add-rolegroupmember$/, [3005, 1, 2]],
  [/^new-managementroleassignment$/, [3005, 1, 2]],
  [/^remove-(?:mailbox|recipient|mailboxfolder)permission$|^remove-rolegroupmember$/, [3005, 2, 1]],
  [/^(?:new|set|enable)-inboxrule$/, [6003, 3, 2]],
  [/^new-(?:transport|journal)rule$|^set-(?:transport|journal)rule$/, [6003, 3, 2]],
  // Whoever stops the audit log is not seen afterwards.
  [/^set-adminauditlogconfig$|^set-mailboxauditbypassassociation$/, [6003, 3, 3]],
];

/** Files and sites. Names are a noun and what was done to it: `FileDownloaded`. */
const files: Table = [
  [/accessrequest|accessinvitation/, [6006, other, 1]],
  [
    /sharing(?:set|invitationcreated)|linkcreated|linkused|addedtosecurelink|addedtogroup|sharedlink/,
    [6006, 12, 1],
  ],
  [
    /sharing(?:revoked|inheritancereset)|linkremoved|linkdeleted|removedfromsecurelink/,
    [6006, 13, 1],
  ],
  [/sync.*(?:download|upload)|managedsyncclientallowed/, [6006, 15, 1]],
  [/download/, [6006, 2, 1]],
  [/upload/, [6006, 1, 1]],
  [/renamed/, [6006, 5, 1]],
  [/copied/, [6006, 6, 1]],
  [/moved/, [6006, 7, 1]],
  [/restored/, [6006, 8, 1]],
  [/previewed/, [6006, 9, 1]],
  [/checkedout|locked/, [6006, 10, 1]],
  [/checkedin|unlocked|checkoutdiscarded/, [6006, 11, 1]],
  [/deleted|recycled/, [6006, 4, 1]],
  [/modified|updated/, [6006, 3, 1]],
  [/accessed|visited|viewed/, [6006, 14, 1]],
];

const teams: Table = [
  [/^memberadded$/, [3006, 3, 1]],
  [/^memberremoved$/, [3006, 4, 1]],
  [/^teamcreated$/, [3006, 6, 1]],
  [/^teamdeleted$/, [3006, 5, 1]],
  [/^memberrolechanged$/, [3006, 1, 2]],
];

/** Any other operation, by its verb. */
const verbs: Table = [
  [/^(?:add|new|create|enable|import|install|start)|created$|added$|installed$/, [6003, 1, 1]],
  [/^(?:get|view|search|list|export|read|test)|viewed$|searched$|read$|exported$/, [6003, 2, 1]],
  [/^(?:set|update|change|edit|move|reset|restore)|updated$|changed$|edited$/, [6003, 3, 1]],
  [/^(?:remove|delete|disable|uninstall|stop)|deleted$|removed$|uninstalled$/, [6003, 4, 1]],
];

function lookUp(table: Table, name: string): EventMeaning | null {
  return table.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

/** Files are spoken of by these; Yammer and Teams share the words. */
const fileWorkloads: ReadonlySet<string> = new Set(['sharepoint', 'onedrive']);
const fileRecordTypes: ReadonlySet<number> = new Set([4, 6, 14, 36, 54, 56]);

/** What a record means: findings by their kind, the rest by operation within its workload. */
export function meaningOf(record: M365Operation): EventMeaning {
  const name = plainOperation(record.operation);
  const workload = record.workload.toLowerCase();
  const finding = meaningOfFinding(name, record);
  if (finding !== null) return finding;
  const signIn = lookUp(signIns, name);
  if (signIn !== null) return signIn;
  if (record.recordType === 9 || record.recordType === 15) return [3002, 1, 1];
  // Of all workloads only the directory ends the names of its operations with a full stop.
  const isDirectory = workload === 'azureactivedirectory' || record.operation.endsWith('.');
  if (isDirectory) return meaningOfDirectoryOperation(name);
  const isFile =
    fileWorkloads.has(workload) ||
    fileRecordTypes.has(record.recordType) ||
    name.startsWith('file');
  const table = tableOf(workload);
  return (
    (table === null ? null : lookUp(table, name)) ??
    (isFile ? lookUp(files, name) : null) ??
    lookUp(verbs, name) ?? [6003, other, 1]
  );
}

function tableOf(workload: string): Table | null {
  if (workload === 'exchange') return [...mailbox, ...exchangeAdmin];
  return workload === 'microsoftteams' ? teams : null;
}

/** Alerts, investigations, malicious mail and files, data loss. */
function meaningOfFinding(
  name: string,
  { recordType, severity }: M365Operation,
): EventMeaning | null {
  const own = severityOf(severity);
  if (name === 'alertupdated') return [2004, 2, own];
  if (recordType === 40 || name.startsWith('alert')) return [2004, 1, own];
  if (recordType === 64 || name.startsWith('airinvestigation'))
    return [2004, 2, own === 0 ? 3 : own];
  if (['timaildata', 'tiurlclickdata', 'atpdetection'].includes(name)) return [2004, 1, 3];
  if (name === 'dlprulematch') return [2006, 1, own === 0 ? 3 : own];
  return name === 'dlpruleundo' ? [2006, 3, 1] : null;
}
