import type { Process } from './machine.ts';
import { connects, looksUp } from './process.ts';
import type { Stage } from './stage.ts';

/** Sites of people and programs: invented names; the addresses are those that RFC 5737 keeps for documents. */
export const sites = {
  office: ['outlook.wolkenbuero.example', 'graph.wolkenbuero.example', 'login.wolkenbuero.example'],
  storage: ['dateien.wolkenbuero.example', 'sync.wolkenbuero.example'],
  meetings: ['teams.wolkenbuero.example', 'relay-eu3.wolkenbuero.example'],
  web: [
    ...['www.tagesblatt.example', 'www.suchweg.example', 'wetter.example', 'karten.example'],
    ...['shop.buerobedarf.example', 'www.bahnplan.example', 'portal.krankenkasse.example'],
    ...['banking.sparverein.example', 'www.lieferdienst.example', 'cdn.bildlager.example'],
    ...['ads.werbenetz.example', 'static.schriften.example', 'www.fachverband.example'],
  ],
  updates: ['updates.fensterbau.example', 'dl.browserhaus.example', 'edge.fensterbau.example'],
  agent: ['agents.remotecare.example', 'relay2.remotecare.example'],
  development: ['git.quellhof.example', 'registry.paketlager.example', 'releases.quellhof.example'],
} as const;

const nets = ['192.0.2', '198.51.100', '203.0.113'] as const;

/** Always the same for the same name. */
function addressOf(name: string): string {
  let sum = 7;
  for (let index = 0; index < name.length; index += 1)
    sum = (sum * 31 + name.charCodeAt(index)) % 7_919;
  return `${nets[sum % 3] ?? nets[0]}.${2 + (sum % 250)}`;
}

/** A name is looked up, in one of three cases, and connected to over TLS. */
export function visits(stage: Stage, process: Process, names: readonly string[], port = 443): void {
  const name = stage.random.pick(names);
  const ip = addressOf(name);
  if (stage.random.chance(0.5)) looksUp(stage, process, name, ip);
  stage.now += stage.random.between(5, 400);
  connects(stage, process, { ip, port, name });
}
