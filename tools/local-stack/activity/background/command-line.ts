import type { Process } from './machine.ts';
import { start } from './process.ts';
import type { Program } from './program.ts';
import { windows } from './windows-programs.ts';
import { pass } from './stage.ts';
import type { Stage } from './stage.ts';

/** A short command; `net` does its work in a second program. */
export function asks(stage: Stage, shell: Process, program: Program, line: string): void {
  const livesMs = stage.random.between(60, 4_000);
  const process = start(stage, shell, program, line, { livesMs });
  if (program !== windows.net || line.includes('net  use')) return;
  pass(stage, 5, 40);
  start(stage, process, windows.net1, line.replace('net ', 'C:\\Windows\\system32\\net1 '), {
    livesMs,
  });
}
