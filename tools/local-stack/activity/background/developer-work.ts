import type { DeskRoutine } from './activity.ts';
import type { Desk } from './company.ts';
import { explorerOf } from './daemons.ts';
import { daemon } from './machine.ts';
import type { Process } from './machine.ts';
import { sites, visits } from './network.ts';
import { connects, createsFile, end, start } from './process.ts';
import { program } from './program.ts';
import { windows } from './windows-programs.ts';
import { runsPowerShell } from './powershell.ts';
import { pass } from './stage.ts';
import type { Stage } from './stage.ts';

const tools = {
  code: program('{profile}\\AppData\\Local\\Programs\\Microsoft VS Code\\Code.exe', {
    ...{ description: 'Visual Studio Code', product: 'Visual Studio Code' },
    ...{
      company: 'Microsoft Corporation',
      fileVersion: '1.95.3',
      originalFileName: 'electron.exe',
    },
  }),
  git: program('C:\\Program Files\\Git\\mingw64\\bin\\git.exe', {
    ...{ description: 'Git for Windows', product: 'Git' },
    ...{ company: 'The Git Development Community', fileVersion: '2.47.0.2' },
  }),
  bash: program('C:\\Program Files\\Git\\usr\\bin\\bash.exe'),
  node: program('C:\\Program Files\\nodejs\\node.exe', {
    ...{ description: 'Node.js JavaScript Runtime', product: 'Node.js', company: 'Node.js' },
    fileVersion: '22.11.0',
  }),
  python: program('{profile}\\AppData\\Local\\Programs\\Python\\Python312\\python.exe', {
    ...{ description: 'Python', product: 'Python', company: 'Python Software Foundation' },
    fileVersion: '3.12.7',
  }),
  docker: program('C:\\Program Files\\Docker\\Docker\\resources\\bin\\docker.exe', {
    ...{ description: 'Docker Client', product: 'Docker', company: 'Docker Inc' },
  }),
  wsl: program('C:\\Program Files\\WSL\\wsl.exe', {
    ...{
      description: 'Windows Subsystem for Linux',
      product: 'WSL',
      company: 'Microsoft Corporation',
    },
  }),
} as const;

const project = '{profile}\\source\\fluegelschlag';

function editorOf({ machine, account }: Desk): Process {
  return daemon(machine, tools.code, `"${tools.code.image}"`, account);
}

function usesGit(stage: Stage, desk: Desk): void {
  const editor = editorOf(desk);
  const command = stage.random.pick([
    'git.exe -c core.quotepath=false status -z -uall',
    'git.exe fetch --prune origin',
    'git.exe for-each-ref --sort -committerdate --format %(refname)',
    'git.exe -c user.useConfigOnly=true commit --quiet --allow-empty-message --file -',
    'git.exe push origin main:main',
  ]);
  const git = start(stage, editor, tools.git, command, {
    directory: `C:\\Users\\${desk.owner.account}\\source\\fluegelschlag\\`,
    livesMs: 900,
  });
  if (/fetch|push/.test(command))
    connects(stage, git, { ip: '203.0.113.40', port: 22, name: sites.development[0] });
}

function builds(stage: Stage, desk: Desk): void {
  const editor = editorOf(desk);
  const shell = start(
    stage,
    editor,
    windows.powershell,
    '"C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe" -noexit -command "try { . \\"{profile}\\AppData\\Local\\Programs\\Microsoft VS Code\\resources\\app\\out\\vs\\workbench\\contrib\\terminal\\common\\scripts\\shellIntegration.ps1\\" } catch {}"',
  );
  pass(stage, 2_000, 60_000);
  const command = start(
    stage,
    shell,
    windows.cmd,
    'C:\\Windows\\system32\\cmd.exe /d /s /c "npm run build"',
    { livesMs: 40_000 },
  );
  const node = start(
    stage,
    command,
    tools.node,
    '"C:\\Program Files\\nodejs\\node.exe" "C:\\Program Files\\nodejs\\node_modules\\npm\\bin\\npm-cli.js" run build',
    { livesMs: 39_000 },
  );
  pass(stage, 500, 3_000);
  start(
    stage,
    node,
    tools.node,
    `node ${project}\\node_modules\\.bin\\..\\vite\\bin\\vite.js build`,
    { livesMs: 30_000 },
  );
  visits(stage, node, sites.development.slice(1, 2));
  createsFile(stage, node, `${project}\\dist\\index-${stage.random.hex(8)}.js`);
}

function runsPython(stage: Stage, desk: Desk): void {
  const shell = start(stage, explorerOf(desk), windows.cmd, '"C:\\Windows\\system32\\cmd.exe" ');
  pass(stage, 2_000, 40_000);
  const line = stage.random.pick([
    'python -m pip install -r requirements.txt',
    'python -m pytest -q',
    'python -c "import base64,sys;print(base64.b64decode(sys.argv[1]).decode())" eyJzdWIiOiJ0ZXN0In0=',
    'python werkzeuge\\daten_laden.py --stage test',
  ]);
  const python = start(stage, shell, tools.python, line, {
    livesMs: stage.random.between(800, 90_000),
  });
  if (line.includes('pip')) visits(stage, python, sites.development.slice(1, 2));
  pass(stage, 2_000, 40_000);
  end(stage, shell);
}

/** A tool that is not packaged: fetched, unpacked, run from the folder of downloads. */
function fetchesRelease(stage: Stage, desk: Desk): void {
  const shell = start(stage, explorerOf(desk), windows.cmd, '"C:\\Windows\\system32\\cmd.exe" ');
  pass(stage, 5_000, 40_000);
  const version = `1.${stage.random.between(2, 40)}.0`;
  const url = `https://${sites.development[2]}/lupe/v${version}/lupe-windows-amd64.zip`;
  const curl = start(stage, shell, windows.curl, `curl  -sSL -o lupe.zip ${url}`, {
    livesMs: 6_000,
  });
  visits(stage, curl, sites.development.slice(2));
  createsFile(stage, curl, '{profile}\\Downloads\\lupe.zip');
  pass(stage, 6_000, 20_000);
  const tar = start(stage, shell, windows.tar, 'tar  -xf lupe.zip', { livesMs: 900 });
  createsFile(stage, tar, '{profile}\\Downloads\\lupe\\lupe.exe');
  pass(stage, 2_000, 20_000);
  start(stage, shell, windows.certutil, 'certutil  -hashfile lupe.zip SHA256', { livesMs: 500 });
  pass(stage, 2_000, 20_000);
  start(stage, shell, program('{profile}\\Downloads\\lupe\\lupe.exe'), 'lupe\\lupe.exe --version', {
    livesMs: 300,
  });
}

function usesSsh(stage: Stage, desk: Desk): void {
  const shell = start(
    stage,
    explorerOf(desk),
    windows.powershell,
    `"${windows.powershell.image}" `,
  );
  pass(stage, 2_000, 20_000);
  const ssh = start(
    stage,
    shell,
    windows.ssh,
    `"${windows.ssh.image}" -L 5432:localhost:5432 deploy@stage.fluegelschlag.example`,
    { livesMs: 900_000 },
  );
  connects(stage, ssh, { ip: '198.51.100.77', port: 22, name: 'stage.fluegelschlag.example' });
}

function usesContainers(stage: Stage, desk: Desk): void {
  const editor = editorOf(desk);
  start(stage, editor, tools.docker, 'docker compose up -d datenbank', { livesMs: 9_000 });
  pass(stage, 500, 4_000);
  const wsl = start(
    stage,
    editor,
    tools.wsl,
    'C:\\Windows\\System32\\wsl.exe -d Ubuntu -e sh -c "uname -a; id"',
    { livesMs: 3_000 },
  );
  start(stage, wsl, windows.conhost, '\\??\\C:\\Windows\\system32\\conhost.exe 0x4', {
    livesMs: 3_000,
  });
}

/** An installer by the book of many tools: fetched and run in one line. */
function installsByOneLine(stage: Stage, desk: Desk): void {
  const url = `https://${sites.development[2]}/install.ps1`;
  const shell = runsPowerShell(stage, explorerOf(desk), {
    commandLine: `powershell -ExecutionPolicy ByPass -c "irm ${url} | iex"`,
    scripts: [
      `irm ${url} | iex`,
      '$dest = Join-Path $HOME ".lupe\\bin"\nNew-Item -ItemType Directory -Force $dest | Out-Null\nInvoke-WebRequest "https://releases.quellhof.example/lupe/latest/lupe.exe" -OutFile (Join-Path $dest "lupe.exe")',
    ],
    livesMs: 12_000,
  });
  visits(stage, shell, sites.development.slice(2));
  createsFile(stage, shell, '{profile}\\.lupe\\bin\\lupe.exe');
}

const isDeveloper = ({ owner }: Desk): boolean => owner.department === 'Development';

/** What developers do besides. */
export const developerRoutines: readonly DeskRoutine[] = [
  { name: 'use git', events: 2.3, weight: 26, isFor: isDeveloper, play: usesGit },
  { name: 'build', events: 9.5, weight: 8, isFor: isDeveloper, play: builds },
  { name: 'run python', events: 4.3, weight: 5, isFor: isDeveloper, play: runsPython },
  { name: 'use containers', events: 6, weight: 3, isFor: isDeveloper, play: usesContainers },
  { name: 'use ssh', events: 4, weight: 2, isFor: isDeveloper, play: usesSsh },
  { name: 'fetch a release', events: 12, weight: 0.3, isFor: isDeveloper, play: fetchesRelease },
  {
    name: 'install by one line',
    events: 11,
    weight: 0.05,
    isFor: isDeveloper,
    play: installsByOneLine,
  },
];
