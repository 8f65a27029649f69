import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { compileRules, recordEvent, type RuleSource } from '@vedette/sigma';

const PACK = join(import.meta.dirname, '../../rules/windows');

interface Sample {
  readonly expect: 'match' | 'no match';
  readonly why: string;
  readonly event: Readonly<Record<string, unknown>>;
}

function readPack(): readonly RuleSource[] {
  return readdirSync(PACK)
    .filter((file) => file.endsWith('.yml'))
    .map((file) => ({ file, text: readFileSync(join(PACK, file), 'utf8') }));
}

function readSamples(ruleFile: string): readonly Sample[] {
  const text = readFileSync(join(PACK, ruleFile.replace(/\.yml$/, '.samples.ndjson')), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Sample);
}

describe('the rules that Vedette brings along', () => {
  const { ruleSet, refused } = compileRules(readPack());

  it('are ten and none is refused', () => {
    expect(refused).toEqual([]);
    expect(ruleSet.rules).toHaveLength(10);
  });

  it('name their author, an ATT&CK technique, a level and what else may look alike', () => {
    for (const rule of ruleSet.rules) {
      expect(rule.author).toBe('Vedette');
      expect(rule.tags.some((tag) => /^attack\.t\d{4}/.test(tag))).toBe(true);
      expect(['high', 'critical']).toContain(rule.level);
      expect(rule.falsepositives).not.toEqual([]);
    }
  });
});

for (const source of readPack()) {
  const { ruleSet } = compileRules([source]);
  const samples = readSamples(source.file);
  const [rule] = ruleSet.rules;

  describe(`the rule "${rule?.title ?? source.file}"`, () => {
    it('has samples of both kinds', () => {
      expect(new Set(samples.map((sample) => sample.expect))).toEqual(
        new Set(['match', 'no match']),
      );
    });

    for (const sample of samples) {
      it(`${sample.expect === 'match' ? 'matches' : 'does not match'} when ${sample.why}`, () => {
        const matches = ruleSet.match(recordEvent(sample.event));
        expect(matches.length > 0 ? 'match' : 'no match').toBe(sample.expect);
      });
    }
  });
}
