import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { documented, pageBlocks, pages } from '../support/page.ts';

const root = join(import.meta.dirname, '..', '..');
/** Nobody types what is in blocks of these languages. */
const notCommands = ['yaml', 'text', 'mermaid'];
const call = /\bdocumented\(\s*'(?<page>[^']+)',\s*(?<section>'[^']+'|"[^"]+")(?:,\s*'(?<part>[^']+)')?,?\s*\)/g;
const blocks = pages.flatMap((page) => pageBlocks(page).map((block) => ({ page, ...block })));
const commands = blocks.filter(({ language }) => language === 'sh');
const files = globSync('test/*/**/*.ts', {
  cwd: root,
  exclude: ['test/unit/documented.test.ts', 'test/support/page.ts'],
});
const textOf = (file: string) => readFileSync(join(root, file), 'utf8');
const calls = files.flatMap((file) =>
  [...textOf(file).matchAll(call)].map(({ groups }) => ({
    file,
    page: groups?.page ?? '',
    section: groups?.section?.slice(1, -1) ?? '',
    part: groups?.part?.replaceAll('\\n', '\n'),
  })),
);

function isTakenBy({ page, section, text }: (typeof commands)[0], { part = '', ...taken }: (typeof calls)[0]) {
  return taken.page === page && taken.section === section && text.includes(part);
}

describe('the commands of the documents', () => {
  test('are in blocks that say so', () => {
    const others = blocks.filter(({ language }) => language !== 'sh' && !notCommands.includes(language));

    assert.deepEqual(others, []);
  });

  test('are each taken from its page by a test that runs it', () => {
    const untried = commands.filter((command) => !calls.some((taken) => isTakenBy(command, taken)));

    assert.deepEqual(untried, []);
  });

  test('are where the tests that take them look for them', () => {
    assert.ok(calls.length > 0);
    for (const { page, section, part } of calls) documented(page, section, part);
  });

  test('are taken by calls that are found here, each of them', () => {
    for (const file of files) {
      const all = [...textOf(file).matchAll(/\bdocumented\(/g)].length;
      assert.equal(calls.filter((taken) => taken.file === file).length, all, file);
    }
  });

  test('are taken by what runs: a test that nobody skips, or a part of one', () => {
    for (const file of new Set(calls.map((taken) => taken.file))) {
      const tests = files.filter((one) => one === file || textOf(one).includes(`/${basename(file)}'`));
      assert.ok(
        tests.some((one) => one.endsWith('.test.ts')),
        file,
      );
      assert.doesNotMatch(textOf(file), /\bskip\b|\btodo\b/, file);
    }
  });
});
