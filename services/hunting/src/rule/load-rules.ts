import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '@vedette/service-kit';
import { compileRules } from '@vedette/sigma';
import type { RuleSet, RuleSource } from '@vedette/sigma';

/**
 * Reads and compiles every Sigma rule below the folders. A rule that cannot be run exactly as it is
 * written is refused with its reason; the others run.
 * @throws {Error} a folder cannot be read, or no rule is left
 */
export function loadRules(folders: readonly string[], logger: Logger): RuleSet {
  const { ruleSet, refused } = compileRules(folders.flatMap(readFolder));
  for (const { file, line, reason } of refused) logger.warn({ file, line, reason }, 'rule refused');
  if (ruleSet.rules.length === 0) throw new Error(`no rule to run in ${folders.join(', ')}`);
  const { rules, correlations } = ruleSet;
  const counts = { rules: rules.length, correlations: correlations.length };
  logger.info({ ...counts, refused: refused.length }, 'rules loaded');
  return ruleSet;
}

function readFolder(folder: string): RuleSource[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yml') || name.endsWith('.yaml'))
    .sort()
    .map((name) => ({ file: name, text: readFileSync(join(folder, name), 'utf8') }));
}
