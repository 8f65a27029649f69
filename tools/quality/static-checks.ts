import type { Step } from './steps.ts';

const buf = (name: string, ...args: readonly string[]): Step => ({
  name,
  command: 'buf',
  args,
  folder: 'proto-schemas',
});

/** What holds without running our code, slowest first so that two at a time end together. */
export const staticChecks: readonly Step[] = [
  {
    name: 'lint',
    command: 'eslint',
    args: [
      ...['.', '--max-warnings', '-1', '--no-warn-ignored'],
      ...[
        '--cache',
        '--cache-strategy',
        'content',
        '--cache-location',
        'node_modules/.cache/eslint/',
      ],
    ],
  },
  { name: 'types', command: 'tsc', args: ['--noEmit', '-p', 'tsconfig.json'] },
  {
    name: 'format',
    command: 'prettier',
    args: [
      '--check',
      '--log-level',
      'warn',
      '--cache',
      '--cache-location',
      'node_modules/.cache/prettier',
      '.',
    ],
  },
  {
    name: 'dead code',
    command: 'knip',
    args: ['--no-progress', '--cache', '--cache-location', 'node_modules/.cache/knip'],
  },
  {
    name: 'boundaries',
    command: 'depcruise',
    args: [
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'err-long',
      'packages',
      'services',
      'gateway',
      'proto-schemas',
      'tools',
    ],
  },
  { name: 'supergraph', command: 'node', args: ['tools/compose-supergraph.ts', '--check'] },
  buf('message lint', 'lint'),
  buf('message format', 'format', '--diff', '--exit-code'),
  {
    name: 'message compatibility',
    command: 'node',
    args: ['tools/quality/publish-messages.ts', '--check'],
  },
];
