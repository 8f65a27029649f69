import { agentOf, defenderOf } from '../activity/background/daemons.ts';
import {
  createsFile,
  deletesFile,
  end,
  loads,
  setsValue,
  start,
} from '../activity/background/process.ts';
import { windows } from '../activity/background/windows-programs.ts';
import { audit } from '../activity/background/security-log.ts';
import { log, pass } from '../activity/background/stage.ts';
import type { Stage } from '../activity/background/stage.ts';
import { changesDefender, changesState, defends } from '../activity/background/system-logs.ts';
import type { Host } from '../activity/estate.ts';
import { ransomware, workFolder } from './attack-programs.ts';
import { isServer, filesIn, foldersOf } from './struck-files.ts';
import type { Cast, Step } from './scene.ts';

interface HostStep extends Step {
  /** Seconds since the agent of that host got its order. */
  readonly afterSeconds: number;
  /** On every struck host where left out. */
  readonly isFor?: (host: Host) => boolean;
  readonly play: (stage: Stage, cast: Cast, loot: Loot) => void;
}

/** What the encryption makes up on each host. */
interface Loot {
  /** The suffix that files get. */
  readonly suffix: string;
  readonly note: string;
}

const system32 = 'C:\\Windows\\System32';
const encoded = `${workFolder}\\hotfix.crt`;
const switchOff =
  'Set-MpPreference -DisableRealtimeMonitoring $true -DisableIntrusionPreventionSystem $true ' +
  '-DisableIOAVProtection $true -DisableScriptScanning $true -EnableControlledFolderAccess Disabled ' +
  '-EnableNetworkProtection AuditMode -MAPSReporting Disabled -SubmitSamplesConsent NeverSend -Force';
const procedure = [
  'ping 127.0.0.1 -n 62 > nul',
  `${system32}\\WindowsPowerShell\\v1.0\\powershell.exe ${switchOff}`,
  `copy /Y ${system32}\\certutil.exe ${ransomware.decoder.image}`,
  `echo %RANDOM% >> ${ransomware.decoder.image}`,
  `${ransomware.decoder.image} -decode ${encoded} ${ransomware.payload.image}`,
  `del /q /f ${encoded} ${ransomware.decoder.image}`,
  ransomware.payload.image,
].join(' & ');
const noRecovery =
  'vssadmin.exe delete shadows /all /quiet & bcdedit /set {default} recoveryenabled no & ' +
  'bcdedit /set {default} bootstatuspolicy ignoreallfailures';

/**
 * Ransomware that comes through the provider's own remote-management product, after the publicly known
 * course of July 2021: somebody has taken over the product's server at the provider, and every agent that
 * asks for work in this hour is given the same urgent procedure.
 */
export const rmmRansomwareSteps: readonly HostStep[] = [
  {
    what: 'The agent is given an urgent procedure with a file, and puts the file into its working folder.',
    techniques: ['T1195.002', 'T1072', 'T1105'],
    afterSeconds: 0,
    play: (stage) => {
      createsFile(stage, agentOf(stage.machine), encoded);
    },
  },
  {
    what: 'It runs the procedure: one long command line, with the rights of Local System.',
    techniques: ['T1072', 'T1059.003'],
    afterSeconds: 1,
    play: (stage, cast) => {
      const line = `"${system32}\\cmd.exe" /c ${procedure}`;
      cast.enter(
        'shell',
        start(stage, agentOf(stage.machine), windows.cmd, line, { directory: workFolder }),
      );
    },
  },
  {
    what: 'A minute is passed with pings to itself, longer than many a sandbox watches.',
    techniques: ['T1678'],
    afterSeconds: 2,
    play: (stage, cast) => {
      start(stage, cast.actor('shell'), windows.ping, 'ping  127.0.0.1 -n 62 ', {
        livesMs: 61_400,
      });
    },
  },
  {
    what: 'PowerShell switches the protections of Defender off, one by one.',
    techniques: ['T1059.001', 'T1685'],
    afterSeconds: 64,
    play: (stage, cast) => {
      const line = `${system32}\\WindowsPowerShell\\v1.0\\powershell.exe ${switchOff}`;
      start(stage, cast.actor('shell'), windows.powershell, line, { livesMs: 2_900 });
      pass(stage, 500, 900);
      log(stage, powershellLog, 4104, {
        ...{ MessageNumber: 1, MessageTotal: 1, ScriptBlockText: switchOff, Path: '' },
        ScriptBlockId: `${stage.random.hex(8)}-0c1d-4e2f-8a3b-${stage.random.hex(8)}4d5e`,
      });
    },
  },
  {
    what: 'Defender writes down that it was reconfigured, and that it no longer watches.',
    techniques: ['T1685'],
    afterSeconds: 66,
    play: (stage) => {
      const engine = defenderOf(stage.machine);
      for (const name of [
        'DisableRealtimeMonitoring',
        'DisableIOAVProtection',
        'DisableScriptScanning',
      ]) {
        const key = `Real-Time Protection\\${name}`;
        setsValue(
          stage,
          engine,
          `HKLM\\SOFTWARE\\Microsoft\\Windows Defender\\${key}`,
          'DWORD (0x00000001)',
        );
        changesDefender(stage, key, '', '0x1');
        pass(stage, 40, 200);
      }
      changesDefender(stage, 'SpyNet\\SpyNetReporting', '0x2', '0x0');
      defends(stage, 5001, {});
    },
  },
  {
    what: 'The certificate tool of Windows is copied under another name, and made longer so that its hash is its own.',
    techniques: ['T1036.003', 'T1027.001'],
    afterSeconds: 69,
    play: (stage, cast) => {
      createsFile(stage, cast.actor('shell'), ransomware.decoder.image);
    },
  },
  {
    what: 'The copy turns the file that came with the procedure into a program.',
    techniques: ['T1140'],
    afterSeconds: 70,
    play: (stage, cast) => {
      const line = `${ransomware.decoder.image}  -decode ${encoded} ${ransomware.payload.image}`;
      const decoder = start(stage, cast.actor('shell'), ransomware.decoder, line, { livesMs: 900 });
      pass(stage, 200, 600);
      createsFile(stage, decoder, ransomware.payload.image);
    },
  },
  {
    what: 'File and copy are deleted.',
    techniques: ['T1070.004'],
    afterSeconds: 72,
    play: (stage, cast) => {
      deletesFile(stage, cast.actor('shell'), encoded, 26);
      pass(stage, 5, 40);
      deletesFile(stage, cast.actor('shell'), ransomware.decoder.image, 23);
    },
  },
  {
    what: 'The program starts. It is signed, and writes an old engine of Defender and a library into the Windows folder.',
    techniques: ['T1553.002', 'T1036.005'],
    afterSeconds: 73,
    play: (stage, cast) => {
      const payload = start(
        stage,
        cast.actor('shell'),
        ransomware.payload,
        ransomware.payload.image,
        {
          ...{ directory: workFolder, livesMs: 4_000 },
        },
      );
      cast.enter('payload', payload);
      pass(stage, 300, 800);
      createsFile(stage, payload, ransomware.oldEngine.image);
      pass(stage, 20, 90);
      createsFile(stage, payload, ransomware.library.image);
    },
  },
  {
    what: 'The old engine is started and loads the library that lies beside it: the encryption runs in a program of Microsoft.',
    techniques: ['T1574.001'],
    afterSeconds: 75,
    play: (stage, cast) => {
      const { oldEngine, library } = ransomware;
      const engine = start(stage, cast.actor('payload'), oldEngine, `"${oldEngine.image}"`);
      cast.enter('engine', engine);
      pass(stage, 30, 200);
      loads(stage, engine, library, null);
    },
  },
  {
    what: 'Network discovery is let through the firewall, to find shares.',
    techniques: ['T1686.003', 'T1135'],
    afterSeconds: 79,
    play: (stage, cast) => {
      const line = 'netsh advfirewall firewall set rule group="Network Discovery" new enable=Yes';
      start(stage, cast.actor('engine'), windows.netsh, line, { livesMs: 700 });
      pass(stage, 100, 500);
      audit(stage, 4947, {
        ...{ ProfileChanged: 'All', RuleId: 'NETDIS-UPnPHost-In-TCP' },
        RuleName: 'Network Discovery (UPnP-In)',
      });
    },
  },
  {
    what: 'Shadow copies are deleted and the repair at start is switched off.',
    techniques: ['T1490'],
    afterSeconds: 84,
    play: (stage, cast) => {
      const line = `"${system32}\\cmd.exe" /c ${noRecovery}`;
      const shell = start(stage, cast.actor('engine'), windows.cmd, line, { livesMs: 6_000 });
      pass(stage, 50, 200);
      start(stage, shell, windows.vssadmin, 'vssadmin.exe  delete shadows /all /quiet', {
        livesMs: 2_500,
      });
      pass(stage, 2_600, 3_200);
      start(stage, shell, ransomware.bcdedit, 'bcdedit  /set {default} recoveryenabled no', {
        livesMs: 90,
      });
      pass(stage, 100, 300);
      start(
        stage,
        shell,
        ransomware.bcdedit,
        'bcdedit  /set {default} bootstatuspolicy ignoreallfailures',
        {
          livesMs: 90,
        },
      );
    },
  },
  {
    what: 'On servers the backup is stopped.',
    techniques: ['T1489'],
    afterSeconds: 92,
    isFor: isServer,
    play: (stage, cast) => {
      const line = 'net stop "Nachtspeicher Agent" /y';
      const net = start(stage, cast.actor('engine'), windows.net, line, { livesMs: 1_800 });
      pass(stage, 20, 80);
      start(stage, net, windows.net1, `${system32}\\net1 stop "Nachtspeicher Agent" /y`, {
        livesMs: 1_700,
      });
      pass(stage, 1_000, 1_500);
      changesState(stage, 'Nachtspeicher Agent', 'stopped');
    },
  },
  {
    what: 'Folder by folder, files get new content and a new suffix, and a note is left.',
    techniques: ['T1486'],
    afterSeconds: 96,
    play: (stage, cast, { suffix, note }) => {
      const engine = cast.actor('engine');
      for (const folder of foldersOf(stage.machine.host)) {
        createsFile(stage, engine, `${folder}\\${note}`);
        for (const file of filesIn(stage)) {
          pass(stage, 20, 450);
          createsFile(stage, engine, `${folder}\\${file}.${suffix}`);
          if (stage.random.chance(0.3)) deletesFile(stage, engine, `${folder}\\${file}`, 26);
        }
        pass(stage, 200, 4_000);
      }
    },
  },
  {
    what: 'The desktop shows where to find the note.',
    techniques: ['T1491.001'],
    afterSeconds: 330,
    isFor: (host) => !isServer(host),
    play: (stage, cast, { suffix }) => {
      const engine = cast.actor('engine');
      const picture = `C:\\Windows\\Temp\\${suffix}.bmp`;
      createsFile(stage, engine, picture);
      pass(stage, 100, 400);
      setsValue(stage, engine, 'HKCU\\Control Panel\\Desktop\\Wallpaper', picture);
      pass(stage, 1_000, 3_000);
      end(stage, engine);
    },
  },
];

const powershellLog = {
  ...{
    channel: 'Microsoft-Windows-PowerShell/Operational',
    provider: 'Microsoft-Windows-PowerShell',
  },
};
