// What a commit's first line looks like: `fix(cases): keep the clock when a case is reopened`.
// Reviewers hold to it; `npx @commitlint/cli --from <commit>` does, too, and is no dependency.
const services = [
  'tenancy',
  'ingestion',
  'hunting',
  'cases',
  'response',
  'health-check',
  'reporting',
  'integrations',
];
const packages = ['attack', 'sigma', 'event-model', 'service-kit', 'event-bus', 'testkit'];
const others = ['gateway', 'protos', 'k8s', 'tools', 'console', 'docs', 'repo'];

export default {
  rules: {
    'type-enum': [2, 'always', ['feat', 'fix', 'perf', 'refactor', 'test', 'docs', 'chore']],
    'type-empty': [2, 'never'],
    'scope-enum': [2, 'always', [...services, ...packages, ...others]],
    'scope-empty': [2, 'never'],
    'subject-empty': [2, 'never'],
    'subject-full-stop': [2, 'never', '.'],
    'header-max-length': [2, 'always', 100],
  },
};
