import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { marked, type Token } from 'marked';
import { parse } from 'yaml';

export interface PageBlock {
  /** The heading that it stands under. */
  section: string;
  language: string;
  text: string;
}

const root = join(import.meta.dirname, '..', '..');

/** All documents, each by its path in the repository, which is what the functions here call a page. */
export const pages = globSync(['*.md', 'chart/*.md', 'chart/pages/*.md', 'test/bench/*.md'], { cwd: root }).toSorted();

/** What a page consists of, each part before those that are in it. */
export function tokensOf(page: string): Token[] {
  const tokens: Token[] = [];
  marked.walkTokens(marked.lexer(readFileSync(join(root, page), 'utf8')), (token) => void tokens.push(token));
  return tokens;
}

/** The code blocks of a page, in order. */
export function pageBlocks(page: string): PageBlock[] {
  let section = '';
  return tokensOf(page).flatMap((token) => {
    if (token.type === 'heading') section = token.text;
    return token.type === 'code' ? [{ section, language: token.lang ?? '', text: `${token.text}\n` }] : [];
  });
}

/**
 * The blocks of a section in one language.
 *
 * @throws an Error where there is none: whoever changes a page finds out which test does as it says
 */
export function sectionBlocks(page: string, section: string, language: string): string[] {
  const found = pageBlocks(page).filter((block) => block.section === section && block.language === language);
  if (found.length === 0) throw new Error(`${page} has no ${language} under "${section}"`);
  return found.map(({ text }) => text);
}

/**
 * The commands below a heading of a page, as they are written there, for a test that runs them: as one script where they
 * are several blocks. `test/unit/documented.test.ts` looks for the calls of this function in the tests, and so knows which
 * commands nobody runs; the arguments have to be plain strings for that.
 *
 * @param part what the block has that is meant, and no other of the section
 * @throws an Error where there is no such block, or more than one has that part
 */
export function documented(page: string, section: string, part = ''): string {
  const blocks = sectionBlocks(page, section, 'sh').filter((text) => text.includes(part));
  if (blocks.length === 0 || (part !== '' && blocks.length > 1))
    throw new Error(`${page} has ${blocks.length} blocks under "${section}" with "${part}", not one`);
  return blocks.join('');
}

/** The values for the chart in a section: the only block of YAML there that is no object. */
export function sectionValues(page: string, section: string) {
  const documents = sectionBlocks(page, section, 'yaml').map((text) => parse(text));
  const [values, ...more] = documents.filter((document) => document.kind === undefined);
  if (values === undefined || more.length > 0) throw new Error(`not one block of values under "${section}" of ${page}`);
  return values;
}
