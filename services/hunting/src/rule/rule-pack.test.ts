import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { findTechnique } from '@vedette/attack';
import type { Technique } from '@vedette/attack';
import { compileRules, createCorrelator, recordEvent, type RuleSource } from '@vedette/sigma';
import { techniqueIdsOf } from '../technique/technique.ts';
import { readGuidance } from './rule.ts';

const PACK = join(import.meta.dirname, '../../rules');

interface Sample {
  readonly expect: 'match' | 'no match';
  readonly why: string;
  readonly event: Readonly<Record<string, unknown>>;
  readonly also?: readonly string[];
  /** Of a correlation: `event` again and again, each time so many seconds after the beginning and with these fields. */
  readonly steps?: readonly ({ readonly after: number } & Sample['event'])[];
}

const sources: readonly RuleSource[] = readdirSync(PACK, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yml'))
  .sort()
  .map((file) => ({ file, text: readFileSync(join(PACK, file), 'utf8') }));

const { ruleSet, refused } = compileRules(sources);
/** Whatever raises detections: a rule that only feeds correlations raises none, and is shown by theirs. */
const alerting = [
  ...ruleSet.rules.filter((rule) => ruleSet.isAlert(rule)),
  ...ruleSet.correlations.filter(({ isAlert }) => isAlert),
];
const nameOf = (file: string): string => basename(file, '.yml');

const samplesOf = new Map(
  sources.map(({ file }) => {
    const lines = readFileSync(join(PACK, file.replace(/\.yml$/, '.samples.ndjson')), 'utf8');
    return [
      nameOf(file),
      lines
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Sample),
    ];
  }),
);

/** Names of the rules that a sample matches, and of the correlations that it completes. */
function matching({ event, steps = [{ after: 0 }] }: Sample): string[] {
  const correlator = createCorrelator(ruleSet);
  const names = steps.flatMap(({ after, ...changes }, step) => {
    const fields = recordEvent({ ...event, ...changes });
    const matches = ruleSet.matchAll(fields);
    const observation = { event: fields, matches, time: after * 1_000, id: String(step) };
    const completed = correlator.observe(observation).map(({ correlation }) => correlation);
    const alone = matches.map(({ rule }) => rule).filter((rule) => ruleSet.isAlert(rule));
    return [...alone, ...completed].map(({ file }) => nameOf(file));
  });
  return [...new Set(names)];
}

/** The fields in which the events differ; how they follow each other is one more. */
function differingFields(one: Sample, other: Sample): string[] {
  const names = new Set([...Object.keys(one.event), ...Object.keys(other.event)]);
  const fields = [...names].filter((name) => one.event[name] !== other.event[name]);
  const isSameCourse = JSON.stringify(one.steps) === JSON.stringify(other.steps);
  return isSameCourse ? fields : [...fields, 'steps'];
}

const namesOf = ({ tactics }: Technique): string[] => tactics.map(({ shortName }) => shortName);

describe('the rules that Vedette brings along', () => {
  it('are at least sixty over eleven tactics, and none is refused', () => {
    expect(refused).toEqual([]);
    expect(alerting).toHaveLength(sources.length);
    expect(alerting.length).toBeGreaterThanOrEqual(60);
    const tactics = new Set(alerting.map(({ file }) => basename(dirname(file))));
    expect(tactics.size).toBeGreaterThanOrEqual(11);
  });

  it('have names of their own', () => {
    expect(new Set(alerting.map(({ title }) => title)).size).toBe(sources.length);
    expect(samplesOf.size).toBe(sources.length);
  });

  it('see different things: none matches all that another one is for', () => {
    const covered = alerting.flatMap(({ file }) => {
      const positives = (samplesOf.get(nameOf(file)) ?? []).filter(
        (each) => each.expect === 'match',
      );
      const others = positives.map((sample) => new Set(matching(sample)));
      const everywhere = [...(others[0] ?? [])].filter((name) =>
        others.every((all) => all.has(name)),
      );
      return everywhere
        .filter((name) => name !== nameOf(file))
        .map((name) => `${name} matches all that ${nameOf(file)} is for`);
    });
    expect(covered).toEqual([]);
  });
});

describe.each(alerting)('the rule "$title"', (rule) => {
  const name = nameOf(rule.file);
  const samples = samplesOf.get(name) ?? [];
  const matches = samples.filter((sample) => sample.expect === 'match');
  const others = samples.filter((sample) => sample.expect === 'no match');

  it('says who wrote it, what it sees, what looks alike, how sure it is and what to do first', () => {
    expect(rule.id).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(rule.author).toBe('Vedette');
    expect(rule.description?.length).toBeGreaterThan(40);
    expect(rule.falsepositives).not.toEqual([]);
    const { signalStrength, firstSteps } = readGuidance(rule);
    expect(firstSteps.length).toBeGreaterThanOrEqual(2);
    expect(firstSteps.length).toBeLessThanOrEqual(4);
    if (signalStrength === 'STRONG') expect(['high', 'critical']).toContain(rule.level);
  });

  it('names techniques of ATT&CK 19 with tactics that they have, and lies in the folder of the first', () => {
    const tactics = rule.tags
      .map((tag) => tag.replace(/^attack\./, ''))
      .filter((tag) => !/^t\d/.test(tag));
    expect(tactics[0]).toBe(basename(dirname(rule.file)));
    const techniques = techniqueIdsOf(rule.tags).map(findTechnique);
    expect(techniques).not.toEqual([]);
    for (const technique of techniques) {
      expect(technique.standing).toBe('CURRENT');
      expect(namesOf(technique).some((tactic) => tactics.includes(tactic))).toBe(true);
    }
    // Each tactic is there for a technique.
    for (const tactic of tactics) {
      expect(techniques.flatMap(namesOf)).toContain(tactic);
    }
  });

  it('has at least two samples of each kind', () => {
    expect(matches.length).toBeGreaterThanOrEqual(2);
    expect(others.length).toBeGreaterThanOrEqual(2);
  });

  it.each(samples)('says "$expect" when $why', (sample) => {
    const expected = [...(sample.expect === 'match' ? [name] : []), ...(sample.also ?? [])];
    expect(matching(sample).sort()).toEqual(expected.sort());
  });

  it.each(others)('is decided by what differs when $why', (sample) => {
    const distances = matches.map((match) => differingFields(match, sample).length);
    expect(Math.min(...distances)).toBeLessThanOrEqual(2);
  });
});
