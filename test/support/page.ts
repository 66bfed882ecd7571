import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

export interface PageBlock {
  /** The heading that it stands under. */
  section: string;
  language: string;
  text: string;
}

/** The code blocks of a page of the chart, in order. */
export async function pageBlocks(page: string): Promise<PageBlock[]> {
  const text = await readFile(join(import.meta.dirname, '..', '..', 'chart', 'pages', page), 'utf8');
  let section = '';
  return [...text.matchAll(/^#+ (?<heading>[^\n]*)$|^```(?<language>\w+)\n(?<block>.*?)^```$/gms)].flatMap(
    ({ groups }) => {
      const { heading, language = '', block = '' } = groups ?? {};
      if (heading === undefined) return [{ section, language, text: block }];
      section = heading;
      return [];
    },
  );
}

/** The blocks of a section in one language. */
export async function sectionBlocks(page: string, section: string, language: string): Promise<string[]> {
  return textsBelow(await pageBlocks(page), section, language);
}

/** @throws an Error where there is none: whoever changes a page finds out which test does as it says */
export function textsBelow(blocks: readonly PageBlock[], section: string, language: string): string[] {
  const found = blocks.filter((block) => block.section === section && block.language === language);
  if (found.length === 0) throw new Error(`the page has no ${language} under "${section}"`);
  return found.map(({ text }) => text);
}

/** The values for the chart in a section: the only block of YAML there that is no object. */
export async function sectionValues(page: string, section: string) {
  const documents = (await sectionBlocks(page, section, 'yaml')).map((text) => parse(text));
  const [values, ...more] = documents.filter((document) => document.kind === undefined);
  if (values === undefined || more.length > 0) throw new Error(`not one block of values under "${section}" of ${page}`);
  return values;
}
