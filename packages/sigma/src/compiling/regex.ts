import { RE2JS } from 're2js';
import { RuleRefusal } from '../reading/rule-refusal.ts';
import { foldCase } from '../matching/fold-case.ts';
import type { TextTest } from './pattern.ts';
import { compilePlainRegex } from './plain-regex.ts';
import { requiredTexts } from './regex-literal.ts';

export interface RegexFlags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
}

const MAX_REGEX_CHARS = 4_096;
/**
 * Linear time is that of the value times that of the program. The largest program of the public rules has 1,003
 * instructions (`.{1000,}`); one of this size takes up to a second for a value of 65,536 characters that is made for it.
 */
const MAX_PROGRAM_SIZE = 1_024;

/**
 * Compiles a regular expression that runs in time linear in the value (RE2): look-around, back references and the like
 * are refused. `$` is the end of the text, also before a final line break.
 * @throws {RuleRefusal} not an expression that RE2 takes
 */
export function compileRegex(source: string, flags: RegexFlags): TextTest {
  if (source.length > MAX_REGEX_CHARS) {
    throw new RuleRefusal(
      `the regular expression is longer than ${String(MAX_REGEX_CHARS)} characters`,
    );
  }
  const bits =
    (flags.i ? RE2JS.CASE_INSENSITIVE : 0) |
    (flags.m ? RE2JS.MULTILINE : 0) |
    (flags.s ? RE2JS.DOTALL : 0);
  try {
    const expression = RE2JS.compile(source, bits);
    if (expression.programSize() > MAX_PROGRAM_SIZE)
      throw new Error(`its counts make it larger than ${String(MAX_PROGRAM_SIZE)} steps`);
    const run = compilePlainRegex(source, flags) ?? ((value: string) => expression.test(value));
    const [first = [], ...others] = requiredTexts(source).map((texts) => texts.map(foldCase));
    const literals = first.map((text) => ({ place: 'ANYWHERE' as const, text }));
    return {
      cost: 40,
      test: others.length > 0 ? holdingAll(others, run) : run,
      literals,
      isExact: false,
    };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new RuleRefusal(`the regular expression cannot run in linear time: ${why}`);
  }
}

/** Runs the expression only on values that hold one text of each list. */
function holdingAll(
  lists: readonly (readonly string[])[],
  run: (value: string) => boolean,
): (value: string) => boolean {
  return (value) => {
    const folded = foldCase(value);
    return lists.every((texts) => texts.some((text) => folded.includes(text))) && run(value);
  };
}
