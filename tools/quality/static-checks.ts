import type { Step } from './steps.ts';

const caches = 'node_modules/.cache';
const sources = 'packages services gateway proto-schemas tools';

/**
 * What holds without running our code, slowest first so that two at a time end together.
 * A warning of the linter fails nothing; it is shown.
 */
export const staticChecks: readonly Step[] = [
  step('lint', `eslint . --cache --cache-strategy content --cache-location ${caches}/eslint/`),
  step('types', 'tsc --noEmit -p tsconfig.json'),
  step('format', 'prettier . --check --log-level warn --cache'),
  step(
    'boundaries',
    `depcruise ${sources} --config .dependency-cruiser.cjs --output-type err-long`,
  ),
  step('dead code', `knip --no-progress --cache --cache-location ${caches}/knip`),
  step('supergraph', 'node tools/compose-supergraph.ts --check'),
  step('permissions', 'node tools/quality/permission-table.ts --check'),
  step('message compatibility', 'node tools/quality/publish-messages.ts --check'),
  step('message lint', 'buf lint', 'proto-schemas'),
  step('message format', 'buf format --diff --exit-code', 'proto-schemas'),
];

function step(name: string, line: string, folder?: string): Step {
  const [command = '', ...args] = line.split(' ');
  return folder === undefined ? { name, command, args } : { name, command, args, folder };
}
