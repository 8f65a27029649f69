import { program, windowsProgram } from './program.ts';

const microsoft = (
  image: string,
  description: string,
  product: string,
  fileVersion: string,
  original?: string,
) =>
  program(image, {
    ...{ description, product, fileVersion, company: 'Microsoft Corporation' },
    ...(original !== undefined && { originalFileName: original }),
  });

const officeFolder = 'C:\\Program Files\\Microsoft Office\\root\\Office16';
const office = (file: string, description: string, original: string) =>
  microsoft(
    `${officeFolder}\\${file}`,
    description,
    'Microsoft Office',
    '16.0.18025.20160',
    original,
  );

/** What people work with. */
export const apps = {
  outlook: office('OUTLOOK.EXE', 'Microsoft Outlook', 'Outlook.exe'),
  word: office('WINWORD.EXE', 'Microsoft Word', 'WinWord.exe'),
  excel: office('EXCEL.EXE', 'Microsoft Excel', 'Excel.exe'),
  powerpoint: office('POWERPNT.EXE', 'Microsoft PowerPoint', 'POWERPNT.EXE'),
  oneNote: office('ONENOTEM.EXE', 'Send to OneNote Tool', 'OneNoteM.exe'),
  clickToRun: microsoft(
    'C:\\Program Files\\Common Files\\Microsoft Shared\\ClickToRun\\OfficeClickToRun.exe',
    'Microsoft Office Click-to-Run (SxS)',
    'Microsoft Office',
    '16.0.18025.20160',
  ),
  officeC2r: microsoft(
    'C:\\Program Files\\Common Files\\Microsoft Shared\\ClickToRun\\OfficeC2RClient.exe',
    'Microsoft Office Click-to-Run Client',
    'Microsoft Office',
    '16.0.18025.20160',
  ),
  sdxHelper: office('SDXHELPER.EXE', 'Microsoft Office SDX Helper', 'SDXHELPER.EXE'),
  teams: microsoft(
    'C:\\Program Files\\WindowsApps\\MSTeams_24295.605.3225.8804_x64__8wekyb3d8bbwe\\ms-teams.exe',
    'Microsoft Teams',
    'Microsoft Teams',
    '24295.605.3225.8804',
  ),
  teamsUpdate: microsoft(
    'C:\\Program Files\\WindowsApps\\MSTeams_24295.605.3225.8804_x64__8wekyb3d8bbwe\\ms-teamsupdate.exe',
    'Microsoft Teams Update',
    'Microsoft Teams',
    '24295.605.3225.8804',
  ),
  webView: microsoft(
    'C:\\Program Files (x86)\\Microsoft\\EdgeWebView\\Application\\131.0.2903.63\\msedgewebview2.exe',
    'Microsoft Edge WebView2',
    'Microsoft Edge WebView2',
    '131.0.2903.63',
  ),
  oneDrive: microsoft(
    '{profile}\\AppData\\Local\\Microsoft\\OneDrive\\OneDrive.exe',
    'Microsoft OneDrive',
    'Microsoft OneDrive',
    '24.216.1027.0003',
  ),
  edge: microsoft(
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
    'Microsoft Edge',
    'Microsoft Edge',
    '131.0.2903.63',
  ),
  edgeUpdate: microsoft(
    'C:\\Program Files (x86)\\Microsoft\\EdgeUpdate\\MicrosoftEdgeUpdate.exe',
    'Microsoft Edge Update',
    'Microsoft Edge Update',
    '1.3.195.35',
    'msedgeupdate.exe',
  ),
  chrome: program('C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe', {
    ...{ description: 'Google Chrome', product: 'Google Chrome', company: 'Google LLC' },
    fileVersion: '131.0.6778.86',
  }),
  chromeUpdater: program(
    'C:\\Program Files (x86)\\Google\\GoogleUpdater\\132.0.6833.0\\updater.exe',
    {
      ...{ description: 'Google Updater', product: 'Google Updater', company: 'Google LLC' },
      fileVersion: '132.0.6833.0',
    },
  ),
  acrobat: program('C:\\Program Files\\Adobe\\Acrobat DC\\Acrobat\\Acrobat.exe', {
    ...{
      description: 'Adobe Acrobat',
      product: 'Adobe Acrobat',
      company: 'Adobe Systems Incorporated',
    },
    fileVersion: '24.4.20272.0',
  }),
  adobeArm: program('C:\\Program Files (x86)\\Common Files\\Adobe\\ARM\\1.0\\AdobeARM.exe', {
    ...{
      description: 'Adobe Reader and Acrobat Manager',
      product: 'Adobe Reader and Acrobat Manager',
    },
    ...{ company: 'Adobe Inc.', fileVersion: '1.824.460.1066' },
  }),
  notepad: windowsProgram('System32\\notepad.exe', 'Notepad', 'NOTEPAD.EXE'),
  securityHealth: windowsProgram(
    'System32\\SecurityHealthSystray.exe',
    'Windows Security notification icon',
    'SecurityHealthSystray.exe',
  ),
  sqlServer: microsoft(
    'C:\\Program Files\\Microsoft SQL Server\\MSSQL15.KONTOR\\MSSQL\\Binn\\sqlservr.exe',
    'SQL Server Windows NT - 64 Bit',
    'Microsoft SQL Server',
    '2019.0150.4345.05',
  ),
} as const;

const invented = (
  image: string,
  description: string,
  product: string,
  company: string,
  fileVersion: string,
) => program(image, { description, product, company, fileVersion });

/** Products of no real maker: remote management, backup, accounting, scanner. */
export const products = {
  agent: invented(
    'C:\\Program Files\\RemoteCare\\RemoteCareAgent.exe',
    'RemoteCare Agent',
    'RemoteCare',
    'RemoteCare Systems',
    '7.4.2.118',
  ),
  agentScreen: invented(
    'C:\\Program Files\\RemoteCare\\RemoteCareScreen.exe',
    'RemoteCare Screen Sharing',
    'RemoteCare',
    'RemoteCare Systems',
    '7.4.2.118',
  ),
  agentUpdate: invented(
    'C:\\Program Files\\RemoteCare\\RemoteCareUpdate.exe',
    'RemoteCare Updater',
    'RemoteCare',
    'RemoteCare Systems',
    '7.4.2.118',
  ),
  backup: invented(
    'C:\\Program Files\\Nachtspeicher\\Backup\\NsBackupService.exe',
    'Nachtspeicher Backup Service',
    'Nachtspeicher Backup',
    'Nachtspeicher Software',
    '12.3.0.310',
  ),
  backupAgent: invented(
    'C:\\Program Files\\Nachtspeicher\\Agent\\NsAgent.exe',
    'Nachtspeicher Agent',
    'Nachtspeicher Backup',
    'Nachtspeicher Software',
    '12.3.0.310',
  ),
  kontor: invented(
    'C:\\Program Files (x86)\\KontorPlus\\KontorPlus.exe',
    'KontorPlus accounts',
    'KontorPlus',
    'Kontorwerk',
    '2026.2.1.0',
  ),
  kontorUpdate: invented(
    'C:\\Program Files (x86)\\KontorPlus\\KpUpdate.exe',
    'KontorPlus Update',
    'KontorPlus',
    'Kontorwerk',
    '2026.2.1.0',
  ),
  printMonitor: invented(
    'C:\\Program Files\\Druckfein\\Monitor\\DfMonitor.exe',
    'Druckfein status monitor',
    'Druckfein',
    'Druckfein Devices',
    '5.1.0.22',
  ),
  scanner: invented(
    'C:\\Program Files\\Luecke\\Scanner\\lscan.exe',
    'Luecke vulnerability scanner',
    'Luecke Scanner',
    'Luecke Labs',
    '3.9.4.0',
  ),
  psExec: invented(
    'C:\\Tools\\Sysinternals\\PsExec64.exe',
    'Execute processes remotely',
    'Sysinternals PsExec',
    'Sysinternals - www.sysinternals.com',
    '2.43',
  ),
  psExecService: invented(
    'C:\\Windows\\PSEXESVC.exe',
    'PsExec Service',
    'Sysinternals PsExec',
    'Sysinternals',
    '2.43',
  ),
} as const;
