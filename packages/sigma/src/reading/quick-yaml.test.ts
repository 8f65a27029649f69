import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readQuickly } from './quick-yaml.ts';
import type { YamlNode } from './yaml-node.ts';
import { readCarefully } from './yaml-tree.ts';

const limits = { nodes: 50_000, depth: 32, documents: 1_000 };

function carefully(text: string): readonly YamlNode[] | null {
  try {
    return readCarefully(text);
  } catch {
    return null;
  }
}

/** Without lines: where a value stands below its key the two readers count differently. */
function bare(node: YamlNode): unknown {
  if (node.kind === 'SCALAR') return [typeof node.value, String(node.value)];
  if (node.kind === 'LIST') return node.items.map(bare);
  return node.entries.map(({ key, value }) => [key, bare(value)]);
}

const scalars = [
  ...[
    'x',
    'null',
    '~',
    'Null',
    'true',
    'False',
    'yes',
    '1',
    '-7',
    '+3',
    '0x1F',
    '0o17',
    '017',
    '1_000',
  ],
  ...[
    '12345678901234567890',
    '1.5',
    '1e3',
    '.5',
    '-.inf',
    '.nan',
    '""',
    "''",
    "'it''s'",
    '"a\\tb"',
    'a: b',
  ],
  ...[
    'a #b',
    "'*.exe'",
    '|\n  two\n  lines',
    '>\n  folded\n  text',
    '2026-01-01',
    '[a, 1]',
    '{a: 1}',
    '*x',
    '&a b',
    '!t v',
  ],
];
const value = fc.constantFrom(...scalars);
const key = fc.constantFrom('a', 'b', 'a|contains', '1', 'null', '"q"', '? x', '<<');
const line = fc.oneof(
  fc.tuple(key, value).map(([name, text]) => `${name}: ${text}`),
  value.map((text) => `- ${text}`),
  fc.constantFrom('---', '...', '# remark', '', 'a:', '  b: 1', '  - 2', '%YAML 1.2'),
);
const document = fc.array(line, { maxLength: 8 }).map((lines) => lines.join('\n'));

describe('the quick reader', () => {
  it('reads what the careful one reads, or gives up', () => {
    let read = 0;
    fc.assert(
      fc.property(document, (text) => {
        const quick = readQuickly(text, limits);
        if (quick === null) return;
        read += 1;
        expect([text, quick.map(bare)]).toEqual([text, carefully(text)?.map(bare)]);
      }),
      { numRuns: 3_000 },
    );
    expect(read).toBeGreaterThan(100);
  });

  it('knows the line of keys and of the members of lists', () => {
    const text =
      '# head\ntitle: t\ndetection:\n  s:\n    A:\n      - x\n      - null\n  condition: s\n';
    const [root] = readQuickly(text, limits) ?? [];
    expect(root).toEqual(carefully(text)?.[0]);
  });

  it.each([
    'a: &x 1\nb: *x',
    'a: !t 1',
    'a: 1\na: 2',
    '[1]: 2',
    '? [a]\n: b',
    'a: [',
    '',
    '# nothing',
  ])('leaves to the careful one: %s', (text) => {
    expect(readQuickly(text, limits)).toBeNull();
  });
});
