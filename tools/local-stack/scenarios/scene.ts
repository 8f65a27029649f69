import { createRandom } from '../activity/random.ts';
import { createMachine } from '../activity/background/machine.ts';
import type { Process } from '../activity/background/machine.ts';
import type { Stage } from '../activity/background/stage.ts';
import type { Estate, Host } from '../activity/estate.ts';
import type { WindowsRecord } from '../activity/windows-record.ts';

/** One step of an attack, as a report about it would tell it. */
export interface Step {
  /** What happens, in a sentence. */
  readonly what: string;
  /** Techniques and sub-techniques of ATT&CK 19 that it is an example of. */
  readonly techniques: readonly string[];
}

/** An invented attack: where, from when on, and what makes it the same each time. */
export interface ScenarioOptions {
  readonly estate: Estate;
  /** Epoch ms. */
  readonly startsAt: number;
  readonly seed: string;
}

/** What the attack leaves behind in the event logs, in the order of time. */
export interface Trace {
  /** A stage on one of the estate's hosts; what is played there goes into this trace. */
  stageOn(host: Host, bootedAt: number): Stage;
  inOrder(): WindowsRecord[];
}

export function createTrace(estate: Estate, seed: string): Trace {
  const written: { readonly at: number; readonly record: WindowsRecord }[] = [];
  return {
    stageOn: (host, bootedAt) => ({
      ...{ estate, machine: createMachine(estate, host, bootedAt), now: bootedAt },
      random: createRandom(`${seed}/${estate.domain}/${host.name}`),
      write: (at, record) => written.push({ at, record }),
    }),
    // A sort that keeps the order of what happens within one millisecond.
    inOrder: () => written.toSorted((one, other) => one.at - other.at).map(({ record }) => record),
  };
}

/** Processes that later steps come back to, by the part they play. */
export interface Cast {
  enter(part: string, process: Process): Process;
  /** @throws {Error} nobody plays that part yet: the steps are in the wrong order */
  actor(part: string): Process;
}

export function createCast(): Cast {
  const parts = new Map<string, Process>();
  return {
    enter: (part, process) => {
      parts.set(part, process);
      return process;
    },
    actor: (part) => {
      const found = parts.get(part);
      if (found) return found;
      throw new Error(`nobody plays the ${part} yet`);
    },
  };
}
