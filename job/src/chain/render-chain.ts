import { stringify } from 'yaml';
import { renderChain } from '../report/templates.ts';
import { type Chain, firstBroken } from './chain.ts';
import { isUnseen, linkWords, sentenceOf, stateWords, titleOf, verdictOf } from './chain-words.ts';

/** How wide the columns of states and links are: characters. */
const stateWidth = 9;
const linkWidth = 16;
/** What a sentence has at least, however narrow the terminal is. */
const narrowest = 30;

export interface RenderOptions {
  /** How wide a line may be: characters. Commands are never broken. */
  columns: number;
}

export const chainFormats = ['text', 'json', 'yaml', 'markdown'] as const;
export type ChainFormat = (typeof chainFormats)[number];

const renderers: Record<ChainFormat, (chain: Chain, options: RenderOptions) => string> = {
  text: renderText,
  json: (chain) => `${JSON.stringify(documentOf(chain), null, 2)}\n`,
  yaml: (chain) => stringify(documentOf(chain), { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false }),
  markdown: renderMarkdown,
};

export function renderAs(format: ChainFormat, chain: Chain, options: RenderOptions): string {
  return renderers[format](chain, options);
}

/** What other programs get. Within one version fields are only added. */
function documentOf({ namespace, pod, found, pulled, links }: Chain): object {
  const about = { namespace, pod: pod ?? null, found, pulled: pulled ?? null };
  return { chainVersion: 1, ...about, firstBroken: firstBroken({ links }) ?? null, links };
}

function renderText(chain: Chain, { columns }: RenderOptions): string {
  const indent = 2 + stateWidth + linkWidth;
  const width = Math.max(narrowest, columns - indent);
  const broken = firstBroken(chain);
  return renderChain({
    title: titleOf(chain),
    lines: chain.links.map((link) => {
      const [first = '', ...rest] = wrap(sentenceOf(link), width);
      const head = `  ${stateWords[link.state].padEnd(stateWidth)}${linkWords[link.link].padEnd(linkWidth)}${first}`;
      return [head, ...rest.map((line) => `${' '.repeat(indent)}${line}`)].join('\n');
    }),
    verdict: verdictOf(chain),
    broken: broken && { says: wrap(sentenceOf(broken), Math.max(narrowest, columns - 2)), fix: broken.fix ?? '' },
    unseen: chain.links
      .filter(isUnseen)
      .map((link) => ({ says: `${linkWords[link.link]}: ${sentenceOf(link)}`, fix: link.fix ?? '' })),
  });
}

/** Lines of whole words; one that is longer than a line has one of its own. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function renderMarkdown(chain: Chain): string {
  const broken = firstBroken(chain);
  const rows = chain.links.map((link) => [stateWords[link.state], linkWords[link.link], sentenceOf(link)]);
  return [
    `## ${titleOf(chain)}`,
    '',
    `**${verdictOf(chain)}**`,
    ...(broken ? ['', escaped(sentenceOf(broken)), ...(broken.fix ? ['', `Fix: ${escaped(broken.fix)}`] : [])] : []),
    '',
    '| state | link | found |',
    '|---|---|---|',
    ...rows.map((row) => `| ${row.map(escaped).join(' | ')} |`),
    '',
  ].join('\n');
}

/** What others named and said stays text, and in its cell. */
function escaped(text: string): string {
  return text.replace(/[\\`*_[\]<>|#~]/g, '\\$&');
}
