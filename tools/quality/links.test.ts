import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { root } from './config.ts';

const documents = globSync('**/*.md', {
  cwd: root,
  exclude: ['**/node_modules/**', '**/gen/**', '.*/**'],
}).sort();

/** Code may look like a link and is none. */
function withoutCode(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '`');
}

/** Targets of the links in a document that stay within the repository. */
function relativeLinks(markdown: string): string[] {
  return [...withoutCode(markdown).matchAll(/\]\(([^()\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z][a-z+.-]*:/i.test(target));
}

/** The anchors of a document's headings, made as GitHub makes them. */
function anchors(markdown: string): Set<string> {
  const headings = markdown.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#{1,6} +(.+?) *$/gm);
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** The links of a document that lead nowhere. */
function brokenLinks(document: string): string[] {
  const markdown = readFileSync(join(root, document), 'utf8');
  return relativeLinks(markdown).filter((link) => {
    const [path = '', anchor] = link.split('#', 2);
    const target = path === '' ? join(root, document) : resolve(root, dirname(document), path);
    if (!existsSync(target)) return true;
    if (anchor === undefined) return false;
    return !target.endsWith('.md') || !anchors(readFileSync(target, 'utf8')).has(anchor);
  });
}

describe('the documents', () => {
  it('are found', () => {
    expect(documents).toEqual(expect.arrayContaining(['README.md', 'docs/events.md']));
  });

  it.each(documents)('have links in %s that all lead somewhere', (document) => {
    expect(brokenLinks(document)).toEqual([]);
  });
});
