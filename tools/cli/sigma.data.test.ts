import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { compileRules } from '@vedette/sigma';
import { datasetName, readNdjson } from './ndjson.ts';
import { runConformance, type CaseResult } from './sigma-conformance.ts';
import { toSigmaEvent } from './sigma-record.ts';
import { readLogsourceMap, readRuleSources } from './sigma-rule-files.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const DATA = resolve(ROOT, process.env['VEDETTE_TEST_DATA'] ?? '../shared/data');
const SIGMA = join(DATA, 'sigma');
const TELEMETRY = join(DATA, 'telemetry');

/** Three layouts and several sources; the whole set takes half a minute and is compared by the engine's own benchmark. */
const CAPTURES = [
  'otrf.windows.credential_access.cmd_sam_copy_esentutl',
  'otrf.windows.credential_access.empire_powerdump_sam_access',
  'otrf.windows.defense_evasion.empire_wdigest_downgrade',
  'otrf.LSASS_campaign_03.metasploit_comsvcs_lsass_memory_dump',
  'evtx-to-mitre.ta0005',
  'aws-cloudtrail.invictus-stratus',
];

interface ExpectedMatch {
  readonly dataset: string;
  readonly line: number;
  readonly rule_id: string;
  readonly by: readonly string[];
}

async function failuresOf(pack: string): Promise<readonly CaseResult[]> {
  const logsources = await readLogsourceMap(join(SIGMA, 'logsource-map.json'));
  const options = { rulesRoot: SIGMA, logsources };
  const results: CaseResult[] = [];
  for await (const result of runConformance(join(SIGMA, pack), options)) results.push(result);
  expect(results.length).toBeGreaterThan(10);
  return results.filter(({ problem }) => problem !== undefined);
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
  }, 60_000);

  it('find every match that two engines or the oracle found, and no other', async () => {
    const { ruleSet } = await loadPublicRules();
    const expected = await readExpected();
    const found = new Set<string>();
    for (const capture of CAPTURES) {
      const file = join(TELEMETRY, `${capture}.ndjson.gz`);
      for await (const { line, text } of readNdjson(file)) {
        const record = JSON.parse(text) as Record<string, unknown>;
        for (const { rule } of ruleSet.match(toSigmaEvent(record))) {
          found.add(keyOf({ dataset: datasetName(file), line, rule_id: rule.id }));
        }
      }
    }
    expect(expected.size).toBeGreaterThan(100);
    expect([...expected].filter((key) => !found.has(key))).toEqual([]);
    expect([...found].filter((key) => !expected.has(key))).toEqual([]);
  }, 120_000);
});

async function loadPublicRules(): Promise<ReturnType<typeof compileRules>> {
  const folders = ['rules', 'rules-emerging-threats', 'rules-threat-hunting'].map((name) =>
    join(SIGMA, name),
  );
  return compileRules(await readRuleSources(folders), {
    logsources: await readLogsourceMap(join(SIGMA, 'logsource-map.json')),
  });
}

/** Rows by the second engine alone are its errors, by the data's own README. */
async function readExpected(): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  for await (const { text } of readNdjson(join(TELEMETRY, 'expected.ndjson.gz'))) {
    const row = JSON.parse(text) as ExpectedMatch;
    if (CAPTURES.includes(row.dataset) && row.by.includes('oracle')) keys.add(keyOf(row));
  }
  return keys;
}

function keyOf({ dataset, line, rule_id }: Omit<ExpectedMatch, 'by'>): string {
  return `${dataset}:${String(line)} ${rule_id}`;
}
