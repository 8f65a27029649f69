// The first program that runs in a bare checkout. It uses nothing but Node 20 and npm: it installs
// the workspace, generates what must exist at run time, and goes on under the pinned Node 24.
// Everything it says goes to stderr, because stdout belongs to the command that runs afterwards.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const PNPM = 'pnpm@12.21.0';
const NODE_MAJOR = 24;

/** @param {string} message */
const say = (message) => process.stderr.write(`vedette: ${message}\n`);

/** @param {string[]} files */
function digest(files) {
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

/** @param {string} directory @param {(name: string) => boolean} wanted @returns {string[]} */
function filesBelow(directory, wanted) {
  return readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
    .filter(wanted)
    .map((name) => join(directory, name))
    .sort();
}

/** Runs `work` unless the stamp file already holds `key`. @param {string} stamp @param {string} key @param {() => void} work */
function once(stamp, key, work) {
  const file = join(root, stamp);
  if (existsSync(file) && readFileSync(file, 'utf8') === key) return;
  work();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, key);
}

/** @param {string} command @param {string[]} args @param {string} folder */
function mustRun(command, args, folder = '.') {
  // npm writes to stdout; the command that follows owns ours, so both streams of the child go to stderr.
  const { status, error } = spawnSync(command, args, {
    cwd: join(root, folder),
    stdio: ['ignore', 2, 2],
  });
  if (status === 0) return;
  throw new Error(
    `'${command} ${args.join(' ')}' failed${error ? `: ${error.message}` : ` with exit code ${status}`}`,
  );
}

function packageFiles() {
  const folders = ['packages', 'services'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => join(parent, name)),
  );
  return ['.', 'gateway', 'proto-schemas', ...folders]
    .map((folder) => join(folder, 'package.json'))
    .filter((file) => existsSync(join(root, file)));
}

function install() {
  const key = digest(['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...packageFiles()]);
  once('node_modules/.vedette-installed', key, () => {
    say(`installing dependencies, Node ${NODE_MAJOR} among them (about half a minute, once) …`);
    // Warnings are about the Node that runs this, and the product does not run on it.
    const quiet = ['--loglevel=error'];
    mustRun('npx', ['--yes', '--loglevel=error', PNPM, 'install', '--frozen-lockfile', ...quiet]);
  });
}

function generateProtos() {
  const sources = filesBelow('proto-schemas', (name) =>
    /^(proto\/.*\.proto|buf.*\.yaml)$/.test(name),
  );
  once('proto-schemas/gen/.stamp', digest(sources), () => {
    say('generating message types from proto-schemas …');
    rmSync(join(root, 'proto-schemas/gen'), { recursive: true, force: true });
    mustRun(join(root, 'node_modules/.bin/buf'), ['generate'], 'proto-schemas');
  });
}

/** @param {unknown} error @param {string} code */
function hasCode(error, code) {
  return error instanceof Error && 'code' in error && error.code === code;
}

function foreignCheckout() {
  const { uid } = statSync(root);
  const owner = uid === 0 ? 'root' : `another user (${uid})`;
  return `this checkout belongs to ${owner}; use your own clone`;
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

/** Two commands started together in a bare checkout must not install at the same time. @param {() => void} work */
function exclusively(work) {
  const lock = join(root, '.vedette-bootstrap.lock');
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (hasCode(error, 'EACCES')) throw new Error(foreignCheckout(), { cause: error });
      if (!hasCode(error, 'EEXIST')) throw error;
      const owner = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : 0;
      // An empty file has an owner that is about to write its id; a dead owner was killed.
      if (owner > 0 && !isAlive(owner)) rmSync(lock, { force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
  try {
    work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function pinnedNode() {
  const bundled = join(
    root,
    'node_modules',
    `node-${process.platform}-${process.arch}`,
    'bin',
    'node',
  );
  if (existsSync(bundled)) return bundled;
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return process.execPath;
  say(
    `no Node ${NODE_MAJOR} is bundled for ${process.platform}-${process.arch}; install Node ${NODE_MAJOR} and run this again`,
  );
  return process.exit(1);
}

function main() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) {
    say(`Node 20 or newer is needed, this is ${process.versions.node}`);
    process.exit(1);
  }
  exclusively(() => {
    install();
    generateProtos();
  });

  const args = process.argv.slice(2);
  const [script, rest] =
    args[0] === '--run' ? [args[1] ?? '', args.slice(2)] : ['tools/cli/main.ts', args];
  const child = spawn(pinnedNode(), [join(root, script), ...rest], {
    stdio: 'inherit',
    env: { NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node-compile'), ...process.env },
  });
  // A terminal's Ctrl-C reaches the child by itself; a signal sent to this process alone would not.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}

try {
  main();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
