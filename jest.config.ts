import type { Config } from 'jest';

const shared = {
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironment: 'node',
  roots: [
    '<rootDir>/packages',
    '<rootDir>/services',
    '<rootDir>/gateway',
    '<rootDir>/proto-schemas',
    '<rootDir>/tools',
  ],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript' },
          transform: { verbatimModuleSyntax: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
} satisfies Config;

/** The suffix of a test file says what it touches; see CONTRIBUTING.md. */
const project = (displayName: string, testMatch: string[], more: Partial<Config> = {}) => ({
  ...shared,
  displayName,
  testMatch,
  ...more,
});

const config: Config = {
  // One bound for all: Jest ignores a project's own. Unit tests take milliseconds anyway.
  testTimeout: 120_000,
  projects: [
    project('unit', ['**/*.test.ts'], {
      testPathIgnorePatterns: ['/node_modules/', String.raw`\.(int|story|fault|data)\.test\.ts$`],
    }),
    project('int', ['**/*.int.test.ts']),
    project('story', ['**/*.story.test.ts']),
    project('fault', ['**/*.fault.test.ts']),
    project('data', ['**/*.data.test.ts']),
  ] as Config['projects'],
};

// Jest reads its configuration from the default export; nothing else in the tree uses one.
export default config;
