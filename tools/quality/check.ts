// Everything that can be said about the tree in about a minute, without a server.
import process from 'node:process';
import { generateResolverTypes } from './gen.ts';
import { runProject } from './jest-project.ts';
import { staticChecks } from './static-checks.ts';
import { runSteps } from './steps.ts';
import { toTable, toTotal } from './summary.ts';

await generateResolverTypes();
const outcomes = [...(await runSteps(staticChecks, 2)), await runProject('unit')];
const { line, isSuccess } = toTotal(outcomes);
process.stderr.write(`\n${toTable(outcomes)}\n`);
process.stdout.write(`${line}\n`);
process.exitCode = isSuccess ? 0 : 1;
