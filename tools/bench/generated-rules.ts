import type { RuleSource } from '@vedette/sigma';
import { createRandom } from '../local-stack/activity/random.ts';

const fields = [
  'CommandLine',
  'Image',
  'ParentImage',
  'TargetFilename',
  'ScriptBlockText',
  'TargetObject',
];
const categories = ['process_creation', 'file_event', 'registry_set', 'ps_script', 'image_load'];

/** Rules of the usual shape with words that nothing holds: what is measured is that they are there. */
export function generateRules(count: number): RuleSource[] {
  const random = createRandom('generated rules');
  const word = (): string => random.hex(random.between(4, 8));
  return Array.from({ length: count }, (_, index) => {
    const detection = {
      tool: { 'Image|endswith': [`\\${word()}.exe`, `\\${word()}.exe`] },
      action: { [`${random.pick(fields)}|contains`]: [` -${word()} `, `${word()}\\${word()}`] },
      filter: { 'ParentImage|startswith': `C:\\Program Files\\${word()}\\` },
      condition: 'tool and action and not filter',
    };
    const logsource = { product: 'windows', category: random.pick(categories) };
    const rule = {
      title: `Generated ${index}`,
      id: `generated-${index}`,
      logsource,
      detection,
      level: 'medium',
    };
    // JSON is YAML.
    return { file: `generated-${index}.yml`, text: JSON.stringify(rule) };
  });
}
