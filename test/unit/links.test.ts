import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import GithubSlugger from 'github-slugger';
import { pages, tokensOf } from '../support/page.ts';

const root = join(import.meta.dirname, '..', '..');

/** Where a page leads to: links, pictures, and what its HTML has of them. */
function targetsIn(page: string): string[] {
  return tokensOf(page).flatMap((token) => {
    if (token.type === 'link' || token.type === 'image') return [token.href];
    if (token.type !== 'html') return [];
    return [...token.raw.matchAll(/\b(?:href|src|srcset)="(?<target>[^"]*)"/g)].map(
      ({ groups }) => groups?.target ?? '',
    );
  });
}

/** The anchors that GitHub gives a page: one for each heading. */
function anchorsOf(page: string): string[] {
  const slugger = new GithubSlugger();
  return tokensOf(page).flatMap((token) => (token.type === 'heading' ? [slugger.slug(plainText(token.text))] : []));
}

/** A heading as it is read, without what makes code and links of it. */
function plainText(heading: string): string {
  return heading.replaceAll(/`|\[(?<text>[^\]]*)\]\([^)]*\)/g, '$<text>');
}

/** Why a target leads nowhere; `undefined` where it is there, or outside of the repository. */
function faultOf(page: string, target: string): string | undefined {
  if (/^[a-z]+:/.test(target)) return undefined;
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : relative(root, join(root, dirname(page), path));
  if (file.startsWith('..') || !existsSync(join(root, file))) return `${file} is not there`;
  if (anchor === undefined) return undefined;
  if (!pages.includes(file)) return `${file} has no headings that are known here`;
  return anchorsOf(file).includes(anchor) ? undefined : `${file} has no heading for #${anchor}`;
}

for (const page of pages) {
  test(`every link of ${page} leads somewhere`, () => {
    const faults = targetsIn(page).flatMap((target) => faultOf(page, target) ?? []);

    assert.deepEqual(faults, []);
  });
}

test('a link is told that leads nowhere: to no file, to no heading, or out of the repository', () => {
  assert.match(faultOf('README.md', 'chart/nowhere.md') ?? '', /^chart\/nowhere\.md is not there$/);
  assert.match(faultOf('chart/README.md', '../README.md#nowhere') ?? '', /^README\.md has no heading for #nowhere$/);
  assert.match(faultOf('README.md', '#nowhere') ?? '', /^README\.md has no heading for #nowhere$/);
  assert.match(faultOf('README.md', '../elsewhere') ?? '', /is not there$/);
  assert.equal(faultOf('README.md', 'chart/pages/operating.md#the-follower'), undefined);
});
