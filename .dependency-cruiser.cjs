// Who may import whom. Every comment quotes the law that CONTRIBUTING.md explains.
const { readFileSync, readdirSync } = require('node:fs');
const { join } = require('node:path');

/** Regular expressions for the files behind a package's `exports`. */
function doorsOf(folder) {
  const { exports = {} } = JSON.parse(
    readFileSync(join(__dirname, folder, 'package.json'), 'utf8'),
  );
  return Object.values(exports).map((file) => `^${join(folder, file).replaceAll('.', '\\.')}$`);
}

const packages = readdirSync(join(__dirname, 'packages')).map((name) => `packages/${name}`);
const ours = '^(packages|services|gateway|proto-schemas|tools|console)/';
const tests = ['\\.test\\.ts$', '/testing/', '^gateway/(stories|faults)/'];
const testkit = '^packages/testkit/';

/** Every file of a service that lies in a folder of its `src` and is named after that folder. */
const rules = '^services/[^/]+/src/([^/]+)/\\1\\.ts$';
const named = (ending) => `^services/.+-${ending}\\.ts$`;
const stores = named('store');
const operations = named('operations');
const resolvers = named('resolvers');
const consumers = '^services/[^/]+/src/consumers/';
const events = '^services/[^/]+/src/events\\.ts$';
const config = '^services/[^/]+/src/config\\.ts$';
/** A service's parts are put together here, and nowhere else. */
const wiring = '^services/[^/]+/src/[^/]*(service|main|detector)\\.ts$';
const library = (...names) => `/node_modules/(${names.join('|')})/`;

module.exports = {
  forbidden: [
    // From and to: the table.
    {
      name: 'service-to-service',
      comment: 'services/* must not import another service.',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'service-to-program',
      comment: 'services/* must not import gateway, tools, console.',
      severity: 'error',
      from: { path: '^services/' },
      to: { path: '^(gateway|tools|console)/' },
    },
    {
      name: 'gateway-to-what-it-needs',
      comment:
        'gateway may import packages/service-kit, event-bus, proto-schemas, npm; not services.',
      severity: 'error',
      from: { path: '^gateway/' },
      to: {
        path: ours,
        pathNot: ['^gateway/', '^packages/(service-kit|event-bus|testkit)/', '^proto-schemas/'],
      },
    },
    {
      name: 'library-to-nothing-of-ours',
      comment:
        'packages/attack, sigma, event-model, service-kit may import npm; no other workspace package.',
      severity: 'error',
      from: { path: '^packages/(attack|sigma|event-model|service-kit)/' },
      to: { path: ours, pathNot: ['^packages/$1/', testkit] },
    },
    {
      name: 'event-bus-to-service-kit',
      comment:
        'packages/event-bus may import service-kit, npm; not services nor generated protos: it moves bytes.',
      severity: 'error',
      from: { path: '^packages/event-bus/' },
      to: { path: ours, pathNot: ['^packages/(event-bus|service-kit|testkit)/'] },
    },
    {
      name: 'testkit-to-kits',
      comment: 'packages/testkit may import service-kit, event-bus, npm; not services.',
      severity: 'error',
      from: { path: testkit },
      to: { path: ours, pathNot: ['^packages/(testkit|service-kit|event-bus)/'] },
    },
    {
      name: 'testkit-in-tests-only',
      comment: 'Test files may import testkit, and tools its servers; nothing that ships may.',
      severity: 'error',
      from: { path: ours, pathNot: [...tests, testkit, '^tools/'] },
      to: { path: testkit },
    },
    {
      name: 'protos-to-their-runtime',
      comment: 'proto-schemas may import the protobuf runtime; not anything of ours.',
      severity: 'error',
      from: { path: '^proto-schemas/' },
      to: {
        path: [ours, '/node_modules/'],
        pathNot: ['^proto-schemas/', library('@bufbuild/protobuf', '@jest/globals')],
      },
    },
    {
      name: 'console-to-nothing-of-ours',
      comment: 'console may import npm; no server package.',
      severity: 'error',
      from: { path: '^console/' },
      to: { path: ours, pathNot: '^console/' },
    },
    {
      name: 'tools-to-public-doors',
      comment: "tools may import packages' and ingestion/connectors' public doors.",
      severity: 'error',
      from: { path: '^tools/' },
      to: { path: '^(services|gateway|console)/', pathNot: doorsOf('services/ingestion') },
    },
    {
      name: 'nothing-to-tools',
      comment:
        'nothing may import tools: stories and faults start the stack by running ./vedette up.',
      severity: 'error',
      from: { pathNot: '^tools/' },
      to: { path: '^tools/' },
    },
    {
      name: 'through-the-door',
      comment: 'Packages are entered through their exports only, never …/src/….',
      severity: 'error',
      from: { path: '^((?:packages|services)/[^/]+|gateway|proto-schemas|tools)/' },
      to: { path: '^packages/', pathNot: ['^$1/', ...packages.flatMap(doorsOf)] },
    },
    {
      name: 'by-name',
      comment:
        'Packages are entered through their exports only: by name, not by a path between folders.',
      severity: 'error',
      from: { path: '^((?:packages|services)/[^/]+|gateway|proto-schemas|tools)/' },
      to: { path: ours, pathNot: '^$1/', dependencyTypes: ['local'] },
    },

    // Inside a service.
    {
      name: 'rules-are-pure',
      comment:
        '<noun>.ts (rules) imports only other rules and error classes: no TypeORM, graphql, NATS, clock, config.',
      severity: 'error',
      from: { path: rules, pathNot: '/migrations/' },
      to: { pathNot: [rules, '^packages/(attack|service-kit|event-model|sigma)/'] },
    },
    {
      name: 'store-to-rules-and-typeorm',
      comment: "*-store.ts imports rules' types, TypeORM.",
      severity: 'error',
      from: { path: stores },
      to: {
        path: [
          operations,
          resolvers,
          consumers,
          wiring,
          config,
          events,
          '^packages/event-bus/',
          '^proto-schemas/',
          library('graphql', '@nats-io/[^/]+'),
        ],
      },
    },
    {
      name: 'operations-to-rules-and-store',
      comment: '*-operations.ts imports rules, store, events.ts, kit.',
      severity: 'error',
      from: { path: operations },
      to: {
        path: [
          resolvers,
          consumers,
          wiring,
          config,
          '^proto-schemas/',
          library('graphql', 'typeorm', '@nats-io/[^/]+'),
        ],
      },
    },
    {
      name: 'doors-never-import-each-other',
      comment:
        '*-resolvers.ts and consumers/* import operations (or a CRUD store), never each other.',
      severity: 'error',
      from: { path: [resolvers, consumers], pathNot: tests },
      to: { path: [resolvers, consumers, wiring, config, library('typeorm')] },
    },
    {
      name: 'noun-to-noun',
      comment:
        "Between nouns: through the other noun's operations or store functions, never its rows (and never its resolvers).",
      severity: 'error',
      from: { path: '^services/([^/]+)/src/([^/]+)/' },
      to: {
        path: '^services/$1/src/.+-(resolvers|rows?)\\.ts$',
        pathNot: '^services/$1/src/$2/',
      },
    },
    {
      name: 'no-cycles',
      comment:
        'Between nouns: no cycles. Generated types name the context that names the resolvers.',
      severity: 'error',
      from: { pathNot: '/gen/' },
      to: { circular: true, viaOnly: { pathNot: '/gen/' } },
    },
    {
      name: 'nobody-imports-main',
      comment: 'main.ts is imported by nobody.',
      severity: 'error',
      from: {},
      to: { path: '^(services|gateway|tools)/.*main\\.ts$' },
    },
    {
      name: 'config-arrives-as-argument',
      comment: 'config.ts values arrive as arguments; only service.ts and main.ts import it.',
      severity: 'error',
      from: { path: '^services/', pathNot: [...tests, wiring] },
      to: { path: config },
    },

    {
      name: 'resolvable',
      comment: 'What is imported exists: otherwise no rule above could see it.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Types are dependencies, too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
    },
    cache: { folder: 'node_modules/.cache/dependency-cruiser', strategy: 'content' },
  },
};
