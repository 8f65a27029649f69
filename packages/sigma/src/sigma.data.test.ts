import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { compareFiles, describeComparison, readExpected } from './command/compare.ts';
import { runConformance, type CaseResult } from './command/conformance.ts';
import { readLogsourceMap, readRuleSources } from './command/rule-files.ts';
import { compileRules } from './index.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const DATA = resolve(ROOT, process.env['VEDETTE_TEST_DATA'] ?? '../shared/data');
const SIGMA = join(DATA, 'sigma');
const TELEMETRY = join(DATA, 'telemetry');
const TABLE = 'expected.ndjson.gz';

async function failuresOf(pack: string): Promise<readonly CaseResult[]> {
  const logsources = await readLogsourceMap(join(SIGMA, 'logsource-map.json'));
  const options = { rulesRoot: SIGMA, logsources };
  const results: CaseResult[] = [];
  for await (const result of runConformance(join(SIGMA, pack), options)) results.push(result);
  expect(results.length).toBeGreaterThan(10);
  const failures = results.filter(({ problem }) => problem !== undefined);
  tell(`${pack}: ${String(results.length - failures.length)} of ${String(results.length)} pass\n`);
  return failures;
}

describe('the conformance packs', () => {
  it('pass for detections', async () => {
    expect(await failuresOf('conformance-detection.ndjson')).toEqual([]);
  });

  it('pass for correlations and filters', async () => {
    expect(await failuresOf('conformance-correlation.ndjson')).toEqual([]);
  });

  it('pass for the regression cases of the public rules', async () => {
    expect(await failuresOf('regression.ndjson')).toEqual([]);
  });
});

describe('the public rules on real captures', () => {
  it('compile, but for placeholders and logsources that are not bound', async () => {
    const { refused, ruleSet } = await loadPublicRules();
    expect(ruleSet.rules.length).toBeGreaterThan(3_000);
    const others = refused.filter(({ reason }) => !/not bound|'expand'/.test(reason));
    expect(others).toEqual([]);
  });

  it('find every match that two engines or the oracle found, and no other', async () => {
    const { ruleSet } = await loadPublicRules();
    const files = readdirSync(TELEMETRY)
      .filter((name) => name.endsWith('.ndjson.gz') && name !== TABLE)
      .map((name) => join(TELEMETRY, name));
    // Rows by the second engine alone are its errors, by the data's own README.
    const expected = await readExpected(join(TELEMETRY, TABLE), files, 'oracle');
    const comparison = await compareFiles(files, ruleSet, expected);
    tell(describeComparison(comparison));
    const { missing, unexpected, bad, events } = comparison;
    expect({ missing, unexpected, bad }).toEqual({ missing: [], unexpected: [], bad: 0 });
    expect(expected.wanted.size).toBeGreaterThan(5_000);
    expect(events).toBeGreaterThan(290_000);
  });
});

async function loadPublicRules(): Promise<ReturnType<typeof compileRules>> {
  const folders = ['rules', 'rules-emerging-threats', 'rules-threat-hunting'].map((name) =>
    join(SIGMA, name),
  );
  return compileRules(await readRuleSources(folders), {
    logsources: await readLogsourceMap(join(SIGMA, 'logsource-map.json')),
  });
}

/** The totals are what these tests are for, so they are said also when all is well. */
function tell(text: string): void {
  process.stderr.write(text);
}
