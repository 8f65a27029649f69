import { hashWord } from '../random.ts';
import { program } from './program.ts';
import { daemon } from './machine.ts';
import { visits } from './network.ts';
import type { DeskRoutine } from './activity.ts';
import type { CompanyDay, Desk } from './company.ts';
import { explorerOf, openApp, svchostOf } from './daemons.ts';
import { createsFile, end, looksUp, setsValue, start } from './process.ts';
import { apps } from './programs.ts';
import { windows } from './windows-programs.ts';
import { inventFileName } from './file-names.ts';
import { pass } from './stage.ts';
import type { Stage } from './stage.ts';

function opensSettings(stage: Stage, desk: Desk, { fileServer }: CompanyDay): void {
  const explorer = explorerOf(desk);
  const printer = `\\\\${fileServer.host.name}\\Drucker-EG`;
  const command = stage.random.pick([
    '"C:\\Windows\\System32\\rundll32.exe" shell32.dll,Control_RunDLL mmsys.cpl,,sounds',
    '"C:\\Windows\\System32\\rundll32.exe" C:\\Windows\\System32\\shell32.dll,OpenAs_RunDLL {profile}\\Downloads\\Anlage.p7m',
    `"C:\\Windows\\System32\\rundll32.exe" printui.dll,PrintUIEntry /in /n "${printer}"`,
    '"C:\\Windows\\System32\\rundll32.exe" cryptext.dll,CryptExtOpenCER {profile}\\Downloads\\zertifikat.cer',
  ]);
  start(stage, explorer, windows.rundll32, command, {
    livesMs: stage.random.between(3_000, 90_000),
  });
}

function opensSmallTools(stage: Stage, desk: Desk): void {
  const explorer = explorerOf(desk);
  const text = `"C:\\Windows\\system32\\NOTEPAD.EXE" {profile}\\Desktop\\${inventFileName(stage.random, 'txt')}`;
  const notepad = start(stage, explorer, apps.notepad, text);
  pass(stage, 9_000, 900_000);
  end(stage, notepad);
}

function unpacks(stage: Stage, desk: Desk): void {
  const explorer = explorerOf(desk);
  const folder = `{profile}\\Downloads\\${inventFileName(stage.random, 'zip').replace('.zip', '')}`;
  for (let count = stage.random.between(1, 4); count > 0; count -= 1) {
    createsFile(stage, explorer, `${folder}\\${inventFileName(stage.random, 'pdf')}`);
    pass(stage, 10, 90);
  }
}

/** OneNote puts its helper into everybody's start-up folder. */
function renewsNoteShortcut(stage: Stage, desk: Desk): void {
  const note = daemon(desk.machine, apps.oneNote, `"${apps.oneNote.image}" /tsr`, desk.account);
  createsFile(
    stage,
    note,
    '{profile}\\AppData\\Roaming\\Microsoft\\Windows\\Start Menu\\Programs\\Startup\\An OneNote senden.lnk',
  );
}

function registersAutoStart(stage: Stage, desk: Desk): void {
  const edge = openApp(desk, 'edge');
  setsValue(
    stage,
    edge,
    `HKCU\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run\\MicrosoftEdgeAutoLaunch_${stage.random.hex(8).toUpperCase()}`,
    `"${apps.edge.image}" --no-startup-window --win-session-start`,
  );
}

function findsNames(
  stage: Stage,
  { machine }: Desk,
  { domainController, estate }: CompanyDay,
): void {
  const client = svchostOf(machine, 'Dnscache');
  const name = stage.random.pick([
    `_ldap._tcp.dc._msdcs.${estate.dnsDomain}`,
    `wpad.${estate.dnsDomain}`,
    domainController.fullName,
  ]);
  looksUp(stage, client, name, domainController.host.ip);
}

const chat = program('{profile}\\AppData\\Local\\Plausch\\app-4.41.97\\plausch.exe', {
  ...{ description: 'Plausch', product: 'Plausch', company: 'Plausch Technologies' },
  fileVersion: '4.41.97',
});
const chatUpdate = program('{profile}\\AppData\\Local\\Plausch\\Update.exe', {
  ...{ description: 'Plausch', product: 'Plausch', company: 'Plausch Technologies' },
});

/** A program that people may install without asking: it lies, starts and renews itself in their own folder. */
function chats(stage: Stage, desk: Desk): void {
  const update = start(
    stage,
    explorerOf(desk),
    chatUpdate,
    `"${chatUpdate.image}" --processStart plausch.exe`,
    {
      livesMs: 2_000,
    },
  );
  pass(stage, 200, 900);
  const client = start(stage, update, chat, `"${chat.image}"`, {
    livesMs: stage.random.between(600_000, 9_000_000),
  });
  visits(stage, client, ['api.plausch.example', 'ws.plausch.example']);
  if (!stage.random.chance(0.2)) return;
  setsValue(
    stage,
    client,
    'HKCU\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run\\com.squirrel.plausch',
    `"${chatUpdate.image}" --processStart "plausch.exe" --process-start-args "--startup"`,
  );
}

/** One in five has it. */
const hasChat = ({ machine }: Desk): boolean => hashWord(machine.guidHead, 9) % 5 === 0;

/** Small things that happen at every desk. */
export const habitRoutines: readonly DeskRoutine[] = [
  { name: 'unpack', events: 2.5, weight: 1, play: unpacks },
  { name: 'find names', events: 1, weight: 6, play: findsNames },
  { name: 'write a note', events: 2, weight: 2, play: opensSmallTools },
  { name: 'open settings', events: 2, weight: 0.3, play: opensSettings },
  { name: 'renew the note shortcut', events: 1, weight: 0.15, play: renewsNoteShortcut },
  { name: 'register the browser', events: 1, weight: 0.4, play: registersAutoStart },
  { name: 'chat', events: 5.4, weight: 3, isFor: hasChat, play: chats },
];
