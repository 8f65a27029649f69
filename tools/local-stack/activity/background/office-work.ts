import type { DeskRoutine } from './activity.ts';
import type { CompanyDay, Desk } from './company.ts';
import { explorerOf, openApp, spoolerOf } from './daemons.ts';
import { developerRoutines } from './developer-work.ts';
import { habitRoutines } from './desk-habits.ts';
import { bookkeepingRoutines } from './bookkeeping.ts';
import type { Process } from './machine.ts';
import { sites, visits } from './network.ts';
import { createsFile, deletesFile, opensPipe, setsValue, start } from './process.ts';
import { apps } from './programs.ts';
import { windows } from './windows-programs.ts';
import { fileNames, inventFileName } from './file-names.ts';
import {
  grantsServiceTicket,
  logsOff,
  logsOn,
  machineAccount,
  opensShare,
} from './security-log.ts';
import { elsewhere, pass } from './stage.ts';
import type { Stage } from './stage.ts';

function browses(stage: Stage, desk: Desk): void {
  const name = stage.random.chance(0.6) ? 'edge' : 'chrome';
  const browser = openApp(desk, name);
  const { image } = apps[name];
  const renderer = stage.random.between(20, 900);
  visits(stage, browser, sites.web);
  start(
    stage,
    browser,
    apps[name],
    `"${image}" --type=renderer --lang=de --device-scale-factor=1 --num-raster-threads=4 --renderer-client-id=${renderer} --time-ticks-at-unix-epoch=-17324${stage.random.hex(6)} --launch-time-ticks=${stage.now % 1_000_000_000} --field-trial-handle=2032,i,${stage.random.hex(8)},262144 --variations-seed-version --mojo-platform-channel-handle=${stage.random.between(2_000, 9_000)} /prefetch:1`,
    {
      directory: image.slice(0, image.lastIndexOf('\\') + 1),
      livesMs: stage.random.between(20_000, 900_000),
    },
  );
  pass(stage, 500, 9_000);
  visits(stage, browser, sites.web);
}

function downloads(stage: Stage, desk: Desk): void {
  const browser = openApp(desk, 'edge');
  visits(stage, browser, sites.web);
  const path = `{profile}\\Downloads\\${inventFileName(stage.random, stage.random.pick(['pdf', 'pdf', 'zip', 'xlsx', 'docx']))}`;
  createsFile(
    stage,
    browser,
    `{profile}\\Downloads\\${stage.random.hex(8)}-${stage.random.hex(4)}.tmp`,
  );
  pass(stage, 400, 9_000);
  createsFile(stage, browser, path);
  // The mark of where it came from is a stream of the file.
  if (stage.random.chance(0.5)) createsFile(stage, browser, `${path}:Zone.Identifier`);
}

const editors = [
  { app: apps.word, extension: 'docx', key: 'Word' },
  { app: apps.excel, extension: 'xlsx', key: 'Excel' },
  { app: apps.powerpoint, extension: 'pptx', key: 'PowerPoint' },
] as const;

function editsDocument(stage: Stage, desk: Desk): void {
  const { app, extension, key } = stage.random.pick(editors);
  const file = inventFileName(stage.random, extension);
  const fromMail = stage.random.chance(0.3);
  const path = fromMail
    ? `{profile}\\AppData\\Local\\Microsoft\\Windows\\INetCache\\Content.Outlook\\${stage.random.hex(8).toUpperCase()}\\${file}`
    : stage.random.pick([
        `P:\\${file}`,
        `{profile}\\Documents\\${file}`,
        `{profile}\\OneDrive\\${file}`,
      ]);
  const parent = fromMail ? openApp(desk, 'outlook') : explorerOf(desk);
  if (fromMail) createsFile(stage, parent, path);
  pass(stage, 300, 4_000);
  const lives = stage.random.between(60_000, 3_000_000);
  const editor = start(stage, parent, app, `"${app.image}" /n "${path}" /o ""`, { livesMs: lives });
  setsValue(
    stage,
    editor,
    `HKCU\\SOFTWARE\\Microsoft\\Office\\16.0\\${key}\\User MRU\\ADAL_${stage.random.hex(8).toUpperCase()}\\File MRU\\Item 1`,
    `[F00000000][T01DB${stage.random.hex(8).toUpperCase()}][O00000000]*${path}`,
  );
  pass(stage, 800, 5_000);
  visits(stage, editor, sites.office);
  pass(stage, 5_000, 40_000);
  createsFile(stage, editor, path.replace(file, `~$${file.slice(2)}`));
  if (stage.random.chance(0.12)) printsFrom(stage, editor);
}

/** A 64-bit program prints through a helper; it looks like Office starting a system tool. */
function printsFrom(stage: Stage, editor: Process): void {
  const splwow = start(stage, editor, windows.splwow64, 'C:\\Windows\\splwow64.exe 12288', {
    livesMs: 180_000,
  });
  opensPipe(stage, splwow, '\\spoolss', 18);
}

function readsMail(stage: Stage, desk: Desk): void {
  const outlook = openApp(desk, 'outlook');
  visits(stage, outlook, sites.office);
  pass(stage, 2_000, 40_000);
  if (stage.random.chance(0.4)) {
    const file = inventFileName(stage.random, stage.random.pick(['pdf', 'jpg', 'docx', 'xlsx']));
    createsFile(
      stage,
      outlook,
      `{profile}\\AppData\\Local\\Microsoft\\Windows\\INetCache\\Content.Outlook\\${stage.random.hex(8).toUpperCase()}\\${file}`,
    );
  }
  if (stage.random.chance(0.12)) {
    const { image } = apps.edge;
    const browser = start(
      stage,
      outlook,
      apps.edge,
      `"${image}" --single-argument https://${stage.random.pick(sites.web)}/`,
      { livesMs: 4_000 },
    );
    visits(stage, browser, sites.web);
  }
}

function readsPdf(stage: Stage, desk: Desk): void {
  const file = inventFileName(stage.random, 'pdf');
  const parent = stage.random.chance(0.5) ? openApp(desk, 'outlook') : explorerOf(desk);
  const reader = start(
    stage,
    parent,
    apps.acrobat,
    `"${apps.acrobat.image}" "{profile}\\Downloads\\${file}"`,
    {
      livesMs: stage.random.between(20_000, 900_000),
    },
  );
  pass(stage, 300, 3_000);
  start(
    stage,
    reader,
    apps.acrobat,
    `"${apps.acrobat.image}" --type=renderer /prefetch:1 "{profile}\\Downloads\\${file}"`,
    {
      livesMs: stage.random.between(20_000, 900_000),
    },
  );
  createsFile(
    stage,
    reader,
    `{profile}\\AppData\\Local\\Temp\\acrord32_sbx\\A9${stage.random.hex(6)}.tmp`,
  );
}

function meets(stage: Stage, desk: Desk): void {
  const teams = openApp(desk, 'teams');
  const helper = start(
    stage,
    teams,
    apps.webView,
    `"${apps.webView.image}" --type=utility --utility-sub-type=network.mojom.NetworkService --lang=de --service-sandbox-type=none --noerrdialogs --user-data-dir="{profile}\\AppData\\Local\\Packages\\MSTeams_8wekyb3d8bbwe\\LocalCache\\Microsoft\\MSTeams\\EBWebView" --webview-exe-name=ms-teams.exe --embedded-browser-webview=1 --mojo-platform-channel-handle=${stage.random.between(1_800, 4_000)} /prefetch:3`,
    { livesMs: stage.random.between(600_000, 3_600_000) },
  );
  visits(stage, helper, sites.meetings);
  pass(stage, 500, 9_000);
  visits(stage, helper, sites.meetings);
}

function syncs(stage: Stage, desk: Desk): void {
  const oneDrive = openApp(desk, 'oneDrive');
  visits(stage, oneDrive, sites.storage);
  createsFile(
    stage,
    oneDrive,
    `{profile}\\AppData\\Local\\Microsoft\\OneDrive\\logs\\Business1\\SyncEngine-2026-${stage.random.hex(4)}.odl`,
  );
  if (stage.random.chance(0.4))
    deletesFile(stage, oneDrive, `{profile}\\OneDrive\\${inventFileName(stage.random, 'tmp')}`, 26);
}

function usesShare(stage: Stage, desk: Desk, company: CompanyDay): void {
  const { account, machine } = desk;
  const server = company.fileServer;
  if (stage.random.chance(0.5))
    grantsServiceTicket(
      elsewhere(stage, company.domainController),
      account.name,
      machineAccount(server),
      machine,
    );
  const there = elsewhere(stage, server);
  pass(there, 10, 200);
  logsOn(there, account, { logonType: 3, from: machine });
  const share = stage.random.pick(fileNames.shares);
  const files = Array.from({ length: stage.random.between(1, 4) }, () => {
    const folder = stage.random.pick(fileNames.folders);
    return `${folder}\\${inventFileName(stage.random, stage.random.pick(['docx', 'xlsx', 'pdf', 'dwg']))}`;
  });
  opensShare(there, account, machine, share, files);
  logsOff(there, account, 3, there.now + stage.random.between(15_000, 900_000));
}

function prints(stage: Stage, { machine }: Desk): void {
  const spooler = spoolerOf(machine);
  const job = String(stage.random.between(2, 400)).padStart(5, '0');
  for (const extension of ['SPL', 'SHD'])
    createsFile(stage, spooler, `C:\\Windows\\System32\\spool\\PRINTERS\\${job}.${extension}`);
  pass(stage, 4_000, 30_000);
  deletesFile(stage, spooler, `C:\\Windows\\System32\\spool\\PRINTERS\\${job}.SPL`, 26);
}

/** What people do in an office, roughly as often as they do it. */
export const officeRoutines: readonly DeskRoutine[] = [
  { name: 'browse', events: 5, weight: 26, play: browses },
  { name: 'read mail', events: 2.2, weight: 24, play: readsMail },
  { name: 'edit a document', events: 7, weight: 12, play: editsDocument },
  { name: 'use a share', events: 6, weight: 18, play: usesShare },
  { name: 'meet', events: 5, weight: 6, play: meets },
  { name: 'read a PDF', events: 5, weight: 6, play: readsPdf },
  { name: 'synchronise files', events: 2.9, weight: 9, play: syncs },
  { name: 'print', events: 3, weight: 6, play: prints },
  { name: 'download', events: 4, weight: 4, play: downloads },
  ...habitRoutines,
  ...bookkeepingRoutines,
  ...developerRoutines,
];
