import eslint from '@eslint/js';
import graphql from '@graphql-eslint/eslint-plugin';
import { defineConfig, globalIgnores } from 'eslint/config';
import { builtinRules } from 'eslint/use-at-your-own-risk';
import tseslint from 'typescript-eslint';

const tests = ['**/*.test.ts', '**/testing/**', 'packages/testkit/**'];

/** ESLint knows one severity for each rule; this name lends the same rule a second one. */
const lookAgain = { rules: { 'max-lines': builtinRules.get('max-lines') } };

const environmentMessage = 'Only config.ts reads the environment; values arrive as arguments.';

export default defineConfig(
  globalIgnores(['**/node_modules/', '**/gen/', '.vedette/', 'coverage/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  { files: ['**/*.{ts,mjs,cjs}'], extends: [eslint.configs.recommended] },
  {
    files: ['**/*.{mjs,cjs}'],
    languageOptions: {
      globals: {
        module: 'writable',
        require: 'readonly',
        __dirname: 'readonly',
        process: 'readonly',
      },
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      // One program for the whole tree: each service's own would read the same libraries again.
      parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname },
    },
    plugins: { 'look-again': lookAgain },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        // "All the others" may be said by a default; what must not be is silence.
        { considerDefaultExhaustiveForUnions: true },
      ],
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: environmentMessage },
      ],
      'no-restricted-imports': [
        'error',
        { name: 'node:process', importNames: ['env'], message: environmentMessage },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ExportDefaultDeclaration',
          message: 'Export by name: a thing has one name wherever it is used.',
        },
        {
          selector: 'ExportAllDeclaration',
          message: 'Export by name: what a package offers is decided for each name.',
        },
        {
          selector:
            'MemberExpression[object.name=/^(describe|it|test)$/][property.name=/^(skip|only|todo|failing)$/]',
          message: 'A test runs, or it is deleted.',
        },
      ],
      'look-again/max-lines': ['warn', 300],
      'max-lines': ['error', 400],

      // Below: where the shared presets are at odds with how we write.

      // Numbers and flags print as one expects; objects in templates stay refused.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // `() => stop()` reads better than a block, and nobody uses the nothing that it gives.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Leaving a property out of a copy is done by naming it.
      '@typescript-eslint/no-unused-vars': [
        'error',
        { ignoreRestSiblings: true, argsIgnorePattern: '^_' },
      ],
      // Brackets say that the key may be absent.
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      // An async function without await keeps a promised interface: it throws by rejecting.
      '@typescript-eslint/require-await': 'off',
      // The compiler does not see what others changed during an await, and calls the check needless.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // An empty text is an absent one on the wire, and `||` says so.
      '@typescript-eslint/prefer-nullish-coalescing': [
        'error',
        { ignorePrimitives: { string: true } },
      ],
      // It refuses Promise.withResolvers<void>().
      '@typescript-eslint/no-invalid-void-type': 'off',
      // Our parts are objects of closures without a `this`; handing over `bus.close` is the point.
      '@typescript-eslint/unbound-method': 'off',
      // TypeORM's EntitySchema instances are plain descriptions.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    },
  },
  {
    // supergraph.ts sets the switch of a library that takes it from the environment only.
    files: ['**/config.ts', '**/main.ts', '**/*-main.ts', 'gateway/src/supergraph.ts', ...tests],
    rules: { 'no-restricted-properties': 'off', 'no-restricted-imports': 'off' },
  },
  {
    files: [...tests, '**/migrations/**'],
    rules: { 'max-lines': 'off', 'look-again/max-lines': 'off' },
  },
  {
    // Tools read these by their default export.
    files: ['*.config.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['services/*/schema.graphql'],
    languageOptions: { parser: graphql.parser },
    plugins: { '@graphql-eslint': graphql },
    rules: {
      '@graphql-eslint/require-description': [
        'error',
        {
          types: true,
          FieldDefinition: true,
          InputValueDefinition: true,
          EnumValueDefinition: true,
          ignoredSelectors: [
            // Nothing could be said about the roots, nor about `id:` and `input:` of a described field.
            'ObjectTypeDefinition[name.value=/^(Query|Mutation|Subscription)$/]',
            'FieldDefinition > InputValueDefinition[name.value=/^(id|input)$/]',
          ],
        },
      ],
      '@graphql-eslint/require-deprecation-reason': 'error',
    },
  },
);
