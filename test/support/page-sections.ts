import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

interface Block {
  language: string;
  text: string;
}

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
  const page = await readFile(join(import.meta.dirname, '..', '..', 'chart', 'pages', file), 'utf8');
  return (title) => {
    const section = page.split(/^#+ /m).find((part) => part.startsWith(`${title}\n`));
    assert.ok(section, title);
    const blocks = [...section.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({
      language,
      text,
    }));
    const first = blocks.findIndex(({ language }) => language === 'yaml');
    const values = blocks.filter(({ language }) => language === 'yaml').map(({ text }) => parse(text));
    return { before: commandsIn(blocks.slice(0, first)), values, after: commandsIn(blocks.slice(first)) };
  };
}

function commandsIn(blocks: Block[]): string[] {
  return blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.replaceAll('\\\n', ' ').trim().split('\n'));
}
