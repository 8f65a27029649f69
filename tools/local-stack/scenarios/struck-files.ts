import type { Stage } from '../activity/background/stage.ts';
import type { Host } from '../activity/estate.ts';

export const isServer = ({ role }: Host): boolean => role !== 'WORKSTATION';

/** Folders with other people's work in them. */
export function foldersOf({ role, owner }: Host): readonly string[] {
  if (role !== 'WORKSTATION') {
    return shares.map((share) => `D:\\Shares\\${share}`);
  }
  return homeFolders.map((folder) => `C:\\Users\\${owner?.account ?? 'Public'}\\${folder}`);
}

const shares = [
  ...['Accounts', 'Management', 'Office', 'Projects', 'Scans', 'Templates', 'Sales', 'Staff'],
  ...['Accounts\\2025', 'Accounts\\2026', 'Projects\\Open', 'Projects\\Done'],
];
const homeFolders = [
  ...['Desktop', 'Documents', 'Documents\\Letters', 'Documents\\Lists', 'Downloads', 'Pictures'],
  ...['Pictures\\Scans', 'OneDrive\\Shared'],
];

const fileNames = ['Offer', 'Invoice', 'Minutes', 'Contract', 'Plan', 'Scan', 'Budget', 'Letter'];
const fileTypes = ['docx', 'xlsx', 'pdf', 'jpg', 'pptx'];

export function filesIn({ random }: Stage): readonly string[] {
  return fileNames.map((name) => `${name} ${random.between(100, 999)}.${random.pick(fileTypes)}`);
}
