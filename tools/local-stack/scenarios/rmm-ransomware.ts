import type { Estate, Host } from '../activity/estate.ts';
import type { WindowsRecord } from '../activity/windows-record.ts';
import { rmmRansomwareSteps } from './rmm-ransomware-steps.ts';
import { createCast, createTrace } from './scene.ts';
import type { ScenarioOptions } from './scene.ts';

/** What is written at one customer, on several workstations and a server, within ten minutes. */
export function rmmRansomware({ estate, startsAt, seed }: ScenarioOptions): WindowsRecord[] {
  const trace = createTrace(estate, `${seed}/rmm-ransomware`);
  for (const host of struckHosts(estate)) {
    const stage = trace.stageOn(host, startsAt - bootedBeforeMs);
    const cast = createCast();
    const suffix = `${stage.random.hex(4)}q${stage.random.hex(2)}x`;
    const loot = { suffix, note: `${suffix}-how-to-restore-files.txt` };
    // Agents ask for work every few minutes.
    const orderedAt = startsAt + stage.random.below(240_000);
    for (const { afterSeconds, isFor, play } of rmmRansomwareSteps) {
      if (isFor && !isFor(host)) continue;
      // What takes long on a slow machine delays what follows.
      stage.now = Math.max(stage.now, orderedAt + afterSeconds * 1_000) + stage.random.below(400);
      play(stage, cast, loot);
    }
  }
  return trace.inOrder();
}

const bootedBeforeMs = 5 * 3_600_000;
const struckWorkstations = 4;

/** The file server, and the workstations that ask for work first. */
export function struckHosts({ hosts }: Estate): readonly Host[] {
  const workstations = hosts.filter(({ role }) => role === 'WORKSTATION');
  const servers = hosts.filter(({ role }) => role === 'FILE_SERVER');
  return [...servers.slice(0, 1), ...workstations.slice(0, struckWorkstations)];
}
