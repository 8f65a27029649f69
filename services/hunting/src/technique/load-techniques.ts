import { readFileSync } from 'node:fs';
import type { Technique } from './technique.ts';

/** Reads ATT&CK's table, see `attack/README.md`. */
export function loadTechniques(): (id: string) => Technique {
  const file = new URL('../../attack/techniques.json', import.meta.url);
  const table = JSON.parse(readFileSync(file, 'utf8')) as { techniques: Technique[] };
  const byId = new Map(table.techniques.map((technique) => [technique.id, technique]));
  return (id) => byId.get(id) ?? { id, name: null, tactics: [] };
}
