import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { type PageBlock, pageBlocks } from './page.ts';

/** What a section of a page says to do, in its order. */
export interface Section {
  /** The commands before the first values. */
  before: string[];
  values: object[];
  /** The commands after them. */
  after: string[];
}

/** A function that gives what stands between a heading of a page in `chart/pages` and the next one. */
export async function sectionsOf(file: string): Promise<(title: string) => Section> {
  const all = await pageBlocks(file);
  return (title) => {
    const blocks = all.filter(({ section }) => section === title);
    assert.ok(blocks.length > 0, title);
    const first = blocks.findIndex(({ language }) => language === 'yaml');
    const values = blocks.filter(({ language }) => language === 'yaml').map(({ text }) => parse(text));
    return { before: commandsIn(blocks.slice(0, first)), values, after: commandsIn(blocks.slice(first)) };
  };
}

function commandsIn(blocks: readonly PageBlock[]): string[] {
  return blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.replaceAll('\\\n', ' ').trim().split('\n'));
}
