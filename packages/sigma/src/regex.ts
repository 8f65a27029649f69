import { RE2JS } from 're2js';
import { RuleRefusal } from './rule-refusal.ts';
import { foldCase } from './event-view.ts';
import type { TextTest } from './pattern.ts';
import { requiredTexts } from './regex-literal.ts';

export interface RegexFlags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
}

const MAX_REGEX_CHARS = 4_096;

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
    const literals = requiredTexts(source).map((text) => {
      return { place: 'ANYWHERE' as const, text: foldCase(text) };
    });
    return { cost: 40, test: (value) => expression.test(value), literals, isExact: false };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new RuleRefusal(`the regular expression cannot run in linear time: ${why}`);
  }
}
