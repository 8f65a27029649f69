import { readdirSync, readFileSync } from 'node:fs';
import type { Endpoints } from '../local-stack/endpoints.ts';

/** Linux counts processor time in hundredths of a second (`getconf CLK_TCK`). */
const ticksPerSecond = 100;

/** The processes and all their descendants. Linux only. */
export function withDescendants(roots: readonly number[]): number[] {
  const childrenOf = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(readStat(Number(name))?.[1] ?? 0);
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), Number(name)]);
  }
  const found = new Set<number>();
  const visit = (pid: number): void => {
    if (found.has(pid)) return;
    found.add(pid);
    childrenOf.get(pid)?.forEach(visit);
  };
  roots.forEach(visit);
  return [...found];
}

/** Memory in MiB: proportional set size, in which shared pages count once over all processes. */
export function memoryMiB(pids: readonly number[]): number {
  const kib = pids.map((pid) => {
    const text = readProc(`/proc/${pid}/smaps_rollup`);
    return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0);
  });
  return Math.round(kib.reduce((sum, each) => sum + each, 0) / 1024);
}

/** Processor time so far, in seconds, user and system. */
export function cpuSeconds(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const stat = readStat(pid);
    return Number(stat?.[11] ?? 0) + Number(stat?.[12] ?? 0);
  });
  return ticks.reduce((sum, each) => sum + each, 0) / ticksPerSecond;
}

/** Processor time so far of each of a stack's processes with their descendants, in seconds, by name. */
export function cpuByProcess({
  services,
  infrastructure,
}: Pick<Endpoints, 'services' | 'infrastructure'>): Readonly<Record<string, number>> {
  const used: Record<string, number> = {};
  for (const { name, pid } of [...services, ...infrastructure]) {
    if (pid) used[name] = (used[name] ?? 0) + cpuSeconds(withDescendants([pid]));
  }
  return used;
}

/** Anonymous resident memory of each of a stack's own processes in MiB, by name: caches of files are left out. */
export function memoryByProcess({
  services,
  infrastructure,
}: Pick<Endpoints, 'services' | 'infrastructure'>): Readonly<Record<string, number>> {
  const held: Record<string, number> = {};
  for (const { name, pid } of [...services, ...infrastructure]) {
    if (!pid) continue;
    const text = readProc(`/proc/${pid}/status`);
    const kib = Number(/^RssAnon:\s+(\d+) kB/m.exec(text)?.[1] ?? 0);
    held[name] = (held[name] ?? 0) + Math.round(kib / 102.4) / 10;
  }
  return held;
}

/** Fields of /proc/PID/stat from the third on (proc(5)); the second may hold spaces. */
function readStat(pid: number): string[] | null {
  const text = readProc(`/proc/${pid}/stat`);
  return text === '' ? null : text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** Empty for a process that has ended meanwhile. */
function readProc(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
