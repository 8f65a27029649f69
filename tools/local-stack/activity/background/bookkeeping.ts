import type { DeskRoutine } from './activity.ts';
import type { CompanyDay, Desk } from './company.ts';
import { explorerOf } from './daemons.ts';
import { inventFileName } from './file-names.ts';
import { connects, createsFile, loads, start } from './process.ts';
import { program } from './program.ts';
import { apps, products } from './programs.ts';
import { windows } from './windows-programs.ts';
import { pass } from './stage.ts';
import type { Stage } from './stage.ts';

const visualBasic = program(
  'C:\\Program Files\\Common Files\\Microsoft Shared\\VBA\\VBA7.1\\VBE7.DLL',
  {
    ...{ description: 'Visual Basic Design Time Environment', product: 'Visual Basic Environment' },
    ...{ company: 'Microsoft Corporation', fileVersion: '7.1.11.43' },
  },
);
const reportLibrary = program('C:\\Program Files (x86)\\KontorPlus\\KpBericht.dll', {
  ...{ description: 'KontorPlus reports', product: 'KontorPlus', company: 'Kontorwerk' },
});

/** The monthly sheet, whose macro asks the database and writes a text file for the bank. */
function runsMacro(stage: Stage, desk: Desk, { servers, fileServer }: CompanyDay): void {
  const path = `P:\\Verwaltung\\${inventFileName(stage.random, 'xlsm')}`;
  const excel = start(stage, explorerOf(desk), apps.excel, `"${apps.excel.image}" "${path}"`, {
    livesMs: stage.random.between(120_000, 2_400_000),
  });
  pass(stage, 800, 3_000);
  loads(stage, excel, visualBasic, 'Microsoft Corporation');
  pass(stage, 2_000, 20_000);
  const database = servers.find(({ host }) => host.role === 'APPLICATION_SERVER') ?? fileServer;
  connects(stage, excel, { ip: database.host.ip, port: 1433, name: database.fullName });
  pass(stage, 500, 9_000);
  createsFile(stage, excel, `{profile}\\Documents\\Export\\Zahlung-${stage.random.hex(6)}.txt`);
}

/** A macro that opens the folder of what it wrote: Office starts a shell, and means well. */
function opensFolderFromMacro(stage: Stage, desk: Desk): void {
  const path = `P:\\Verwaltung\\${inventFileName(stage.random, 'xlsm')}`;
  const excel = start(stage, explorerOf(desk), apps.excel, `"${apps.excel.image}" "${path}"`);
  loads(stage, excel, visualBasic, 'Microsoft Corporation');
  pass(stage, 4_000, 90_000);
  start(stage, excel, windows.cmd, 'cmd.exe /c start "" "{profile}\\Documents\\Export"', {
    livesMs: 600,
  });
}

function keepsAccounts(stage: Stage, desk: Desk, { servers, fileServer }: CompanyDay): void {
  const kontor = start(stage, explorerOf(desk), products.kontor, `"${products.kontor.image}"`, {
    directory: 'C:\\Program Files (x86)\\KontorPlus\\',
    livesMs: stage.random.between(600_000, 9_000_000),
  });
  pass(stage, 300, 2_000);
  // The maker never signed it.
  loads(stage, kontor, reportLibrary, null);
  const database = servers.find(({ host }) => host.role === 'APPLICATION_SERVER') ?? fileServer;
  connects(stage, kontor, { ip: database.host.ip, port: 1433, name: database.fullName });
  pass(stage, 9_000, 300_000);
  createsFile(stage, kontor, `{profile}\\AppData\\Local\\Temp\\kp${stage.random.hex(6)}.pdf`);
}

function printsReport(stage: Stage, desk: Desk): void {
  const kontor = start(
    stage,
    explorerOf(desk),
    products.kontor,
    `"${products.kontor.image}" /bericht`,
    {
      livesMs: 120_000,
    },
  );
  pass(stage, 2_000, 9_000);
  const script = '"C:\\Program Files (x86)\\KontorPlus\\skripte\\bericht.vbs"';
  start(stage, kontor, windows.wscript, `"C:\\Windows\\System32\\wscript.exe" ${script} /monat`, {
    livesMs: 9_000,
  });
  createsFile(stage, kontor, `{profile}\\AppData\\Local\\Temp\\bericht-${stage.random.hex(6)}.rtf`);
}

/** Its help is from another century, and an application of HTML. */
function readsHelp(stage: Stage, desk: Desk): void {
  const kontor = start(stage, explorerOf(desk), products.kontor, `"${products.kontor.image}"`);
  pass(stage, 9_000, 90_000);
  const page = '"C:\\Program Files (x86)\\KontorPlus\\hilfe\\start.hta"';
  start(stage, kontor, windows.mshta, `"C:\\Windows\\System32\\mshta.exe" ${page}`, {
    livesMs: 200_000,
  });
}

const isForAccounts = ({ owner }: Desk, { habits }: CompanyDay): boolean =>
  habits.hasMacros && owner.department === 'Accounts';

/** What people in accounts do besides. */
export const bookkeepingRoutines: readonly DeskRoutine[] = [
  { name: 'keep accounts', events: 5, weight: 14, isFor: isForAccounts, play: keepsAccounts },
  { name: 'run a macro', events: 5, weight: 6, isFor: isForAccounts, play: runsMacro },
  { name: 'print a report', events: 5, weight: 2, isFor: isForAccounts, play: printsReport },
  {
    name: 'open a folder from a macro',
    events: 4,
    weight: 0.3,
    isFor: isForAccounts,
    play: opensFolderFromMacro,
  },
  {
    name: 'read the help of the accounts',
    events: 3,
    weight: 0.1,
    isFor: isForAccounts,
    play: readsHelp,
  },
];
