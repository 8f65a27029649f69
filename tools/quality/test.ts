// All tests, or those of the Jest projects named. The last line on stdout is the total.
import process from 'node:process';
import { hasTestData } from './config.ts';
import { generateResolverTypes } from './gen.ts';
import { projectNames, runProject } from './jest-project.ts';
import type { ProjectName } from './jest-project.ts';
import { staticChecks } from './static-checks.ts';
import { runSteps } from './steps.ts';
import { toTable, toTotal } from './summary.ts';
import type { Outcome } from './summary.ts';

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !isProject(name));
  if (unknown.length > 0) {
    process.stderr.write(`no such tests: ${unknown.join(', ')} (${projectNames.join(', ')})\n`);
    return 2;
  }
  await generateResolverTypes();
  const outcomes: Outcome[] = names.length === 0 ? await runSteps(staticChecks, 2) : [];
  const wanted = names.length === 0 ? projectNames : names.filter(isProject);
  const runnable = wanted.filter((name) => name !== 'data' || hasTestData());
  for (const name of runnable) {
    outcomes.push(await runProject(name, { isLong: name === 'fault' && names.includes(name) }));
  }
  const { line, isSuccess } = toTotal(outcomes);
  process.stderr.write(`\n${toTable(outcomes)}\n`);
  if (runnable.length < wanted.length) process.stderr.write('data: not run\n');
  process.stdout.write(`${line}\n`);
  return isSuccess ? 0 : 1;
}

function isProject(name: string): name is ProjectName {
  return projectNames.some((known) => known === name);
}

process.exitCode = await main(process.argv.slice(2));
