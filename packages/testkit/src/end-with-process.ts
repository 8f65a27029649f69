import { spawn } from 'node:child_process';

export interface Leftovers {
  /** First line: the process to stop. */
  readonly pidFile: string;
  /** Stands in that process's command line; what doesn't show it is somebody else's. */
  readonly mark: string;
  /** Removed afterwards. The watcher gives up when the first one is gone. */
  readonly folders: readonly string[];
}

/** $1 process, $2 file with the server's id, $3 mark, $4… folders. SIGQUIT ends both servers at once. */
const SCRIPT = `
while kill -0 "$1" 2>/dev/null && [ -d "$4" ]; do sleep 1; done
pid=$(head -n 1 "$2" 2>/dev/null)
is_ours() {
  { cat "/proc/$pid/cmdline" || ps -o command= -p "$pid"; } 2>/dev/null | tr '\\0' ' ' | grep -qF -- "$mark"
}
mark=$3
if [ -n "$pid" ] && is_ours; then
  kill -QUIT "$pid"
  rounds=0
  while is_ours && [ $rounds -lt 50 ]; do sleep 0.1; rounds=$((rounds + 1)); done
fi
shift 3
rm -rf -- "$@"
`;

/**
 * Stops a server and removes its data as soon as a process is gone, even when that one was killed
 * and could do nothing any more. A shell in a session of its own watches it, once a second.
 */
export function endWithProcess(pid: number, leftovers: Leftovers): void {
  const { pidFile, mark, folders } = leftovers;
  const args = ['-c', SCRIPT, 'watch', String(pid), pidFile, mark, ...folders];
  spawn('/bin/sh', args, { cwd: '/', detached: true, stdio: 'ignore' }).unref();
}
